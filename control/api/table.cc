#include "control/api/table.h"

#include <fmt/core.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string_view>

#include "control/api/json_number.h"
#include "control/api/table_text.h"

namespace ecmpd::control::api {
namespace {

using Json = nlohmann::ordered_json;  // keys in the order of the columns

Json rows_json(const Column& column, const std::vector<Row>& rows);

Json cell_json(const Column& column, const Cell& cell) {
  const auto convert = [&](const auto& value) -> Json {
    using T = std::decay_t<decltype(value)>;
    if constexpr (std::is_same_v<T, std::monostate>) {
      return nullptr;
    } else if constexpr (std::is_same_v<T, Real>) {
      return value.value;
    } else if constexpr (std::is_same_v<T, std::vector<Row>>) {
      return rows_json(column, value);
    } else {
      return value;
    }
  };
  return std::visit(convert, cell.value);
}

void put(Json& object, std::string_view path, Json value) {
  Json* place = &object;
  for (size_t slash; (slash = path.find('/')) != std::string_view::npos; path.remove_prefix(slash + 1)) {
    place = &(*place)[std::string(path.substr(0, slash))];
  }
  (*place)[std::string(path)] = std::move(value);
}

Json row_json(const std::vector<Column>& columns, const Row& row, std::string_view without = {}) {
  Json object = Json::object();
  for (size_t i = 0; i < columns.size(); ++i) {
    const Column& column = columns[i];
    if (column.key.empty() || column.key == without) continue;
    put(object, column.key, cell_json(column, row[i]));
  }
  return object;
}

Json rows_json(const Column& column, const std::vector<Row>& rows) {
  if (column.keyed_by.empty()) {
    Json array = Json::array();
    for (const Row& row : rows) array.push_back(row_json(column.nested, row));
    return array;
  }
  const auto key = std::find_if(column.nested.begin(), column.nested.end(),
                                [&](const Column& nested) { return nested.key == column.keyed_by; });
  Json object = Json::object();
  for (const Row& row : rows) {
    const Cell& name = row[static_cast<size_t>(key - column.nested.begin())];
    object[std::get<std::string>(name.value)] = row_json(column.nested, row, column.keyed_by);
  }
  return object;
}

}  // namespace

Table record(std::vector<Field> fields) {
  Table table;
  table.shape = Table::Shape::kRecord;
  table.rows.emplace_back();
  for (Field& field : fields) {
    table.columns.push_back(std::move(field.column));
    table.rows[0].push_back(std::move(field.cell));
  }
  return table;
}

std::string to_json(const Table& table) {
  Json body = Json::array();
  if (table.shape == Table::Shape::kRecord) {
    body = row_json(table.columns, table.rows.at(0));
  } else {
    for (const Row& row : table.rows) body.push_back(row_json(table.columns, row));
  }
  if (table.name.empty()) return dump_json(body) + "\n";
  Json object = Json::object();
  object[table.name] = std::move(body);
  return dump_json(object) + "\n";
}

std::string PagedList::page(const Table& table) {
  std::string out;
  if (!json_) {
    const Grid grid = to_grid(table.columns, table.rows);
    if (!begun_) {
      widths_ = grid.widths();
      out = grid.header_line(widths_);
    }
    out += grid.lines(widths_);
  } else {
    if (!begun_) out = fmt::format("{{{}:[", dump_json(table.name));
    for (const Row& row : table.rows) {
      if (has_rows_) out += ',';
      has_rows_ = true;
      out += dump_json(row_json(table.columns, row));
    }
  }
  begun_ = true;
  return out;
}

std::string PagedList::end() const { return json_ ? "]}\n" : ""; }

}  // namespace ecmpd::control::api
