#include "control/api/table_csv.h"

#include <fmt/core.h>

#include "control/api/json_number.h"

namespace ecmpd::control::api {
namespace {

std::string joined(const std::vector<std::string>& parts, const char* separator) {
  std::string out;
  for (size_t i = 0; i < parts.size(); ++i) out += (i == 0 ? "" : separator) + parts[i];
  return out;
}

std::string quoted(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string out = "\"";
  for (const char c : text) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + '"';
}

std::string to_csv(const Cell& cell) {
  struct Visitor {
    std::string operator()(std::monostate) const { return ""; }
    std::string operator()(bool flag) const { return flag ? "true" : "false"; }
    std::string operator()(uint64_t number) const { return fmt::format("{}", number); }
    std::string operator()(const Real& real) const { return json_number(real.value); }
    std::string operator()(const std::string& text) const { return text; }
    std::string operator()(const std::vector<std::string>& list) const { return joined(list, " "); }
    std::string operator()(const std::vector<Row>& rows) const { return fmt::format("{}", rows.size()); }
  };
  return quoted(std::visit(Visitor{}, cell.value));
}

/// Place of the first column with nested rows, or the number of columns.
size_t nested_column(const std::vector<Column>& columns) {
  size_t i = 0;
  while (i < columns.size() && columns[i].nested.empty()) ++i;
  return i;
}

void add_line(std::string& out, const std::vector<std::string>& values) { out += joined(values, ",") + '\n'; }

}  // namespace

std::string to_csv(const Table& table) {
  const size_t nested = nested_column(table.columns);
  const std::vector<Column> none;
  const std::vector<Column>& inner = nested < table.columns.size() ? table.columns[nested].nested : none;
  const auto take = [](const std::vector<Column>& columns, const auto& text_of, std::vector<std::string>& line) {
    for (size_t i = 0; i < columns.size(); ++i) {
      if (!columns[i].key.empty() && columns[i].nested.empty()) line.push_back(text_of(i));
    }
  };

  std::string out;
  std::vector<std::string> names;
  take(
      table.columns, [&](size_t i) { return quoted(table.columns[i].key); }, names);
  take(
      inner, [&](size_t i) { return quoted(table.columns[nested].key + "/" + inner[i].key); }, names);
  add_line(out, names);
  for (const Row& row : table.rows) {
    std::vector<std::string> own;
    take(
        table.columns, [&](size_t i) { return to_csv(row[i]); }, own);
    const auto* rows = inner.empty() ? nullptr : std::get_if<std::vector<Row>>(&row[nested].value);
    if (rows == nullptr || rows->empty()) {
      own.resize(names.size());
      add_line(out, own);
      continue;
    }
    for (const Row& below : *rows) {
      std::vector<std::string> line = own;
      take(
          inner, [&](size_t i) { return to_csv(below[i]); }, line);
      add_line(out, line);
    }
  }
  return out;
}

}  // namespace ecmpd::control::api
