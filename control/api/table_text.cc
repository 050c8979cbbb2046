#include "control/api/table_text.h"

#include <fmt/core.h>

#include <algorithm>

namespace ecmpd::control::api {
namespace {

bool visible(const Column& column) {
  if (column.nested.empty()) return !column.header.empty();
  return std::any_of(column.nested.begin(), column.nested.end(), visible);
}

void add_line(std::string& out, const std::vector<std::string>& cells, const std::vector<Align>& aligns,
              const std::vector<size_t>& widths) {
  std::string line;
  for (size_t i = 0; i < cells.size(); ++i) {
    if (i > 0) line += "  ";
    line += aligns[i] == Align::kLeft ? fmt::format("{:<{}}", cells[i], widths[i])
                                      : fmt::format("{:>{}}", cells[i], widths[i]);
  }
  line.erase(line.find_last_not_of(' ') + 1);
  out += line + '\n';
}

std::string list_text(const std::vector<Column>& columns, const std::vector<Row>& rows) {
  const Grid grid = to_grid(columns, rows);
  const std::vector<size_t> widths = grid.widths();
  return grid.header_line(widths) + grid.lines(widths);
}

/// Labels of what there is to show, aligned; then the nested lists, each after an empty line.
std::string record_text(const Table& table) {
  const Row& row = table.rows.at(0);
  size_t width = 0;
  for (size_t i = 0; i < row.size(); ++i) {
    const bool shown = table.columns[i].nested.empty() && !std::holds_alternative<std::monostate>(row[i].value);
    if (shown) width = std::max(width, table.columns[i].header.size());
  }
  std::string labels;
  std::string lists;
  for (size_t i = 0; i < row.size(); ++i) {
    const Column& column = table.columns[i];
    if (!visible(column) || std::holds_alternative<std::monostate>(row[i].value)) continue;
    if (!column.nested.empty()) {
      lists += '\n';
      if (!column.header.empty()) lists += column.header + '\n';
      lists += list_text(column.nested, std::get<std::vector<Row>>(row[i].value));
    } else {
      labels += fmt::format("{:<{}}  {}\n", column.header + ":", width + 1, to_text(row[i]));
    }
  }
  return labels + lists;
}

}  // namespace

std::string to_text(const Cell& cell) {
  struct Visitor {
    std::string operator()(std::monostate) const { return "-"; }
    std::string operator()(bool flag) const { return flag ? "yes" : "no"; }
    std::string operator()(uint64_t number) const { return fmt::format("{}", number); }
    std::string operator()(const Real& real) const {
      return real.percent ? fmt::format("{:.{}f} %", real.value * 100, real.digits)
                          : fmt::format("{:.{}f}", real.value, real.digits);
    }
    std::string operator()(const std::string& text) const { return text.empty() ? "-" : text; }
    std::string operator()(const std::vector<std::string>& list) const {
      std::string out;
      for (const std::string& item : list) out += (out.empty() ? "" : ", ") + item;
      return list.empty() ? "-" : out;
    }
    std::string operator()(const std::vector<Row>& rows) const { return fmt::format("{}", rows.size()); }
  };
  return std::visit(Visitor{}, cell.value);
}

Grid to_grid(const std::vector<Column>& columns, const std::vector<Row>& rows) {
  Grid grid;
  std::vector<size_t> own;         // this table's columns, by their place in the row
  size_t nested = columns.size();  // the column with rows of its own, if there is one
  for (size_t i = 0; i < columns.size(); ++i) {
    if (!visible(columns[i])) continue;
    if (!columns[i].nested.empty()) {
      nested = i;
      continue;
    }
    own.push_back(i);
    grid.headers.push_back(columns[i].header);
    grid.aligns.push_back(columns[i].align);
  }
  const size_t own_width = own.size();
  const std::vector<Row> none;
  if (nested < columns.size()) {
    const Grid inner = to_grid(columns[nested].nested, none);
    grid.headers.insert(grid.headers.end(), inner.headers.begin(), inner.headers.end());
    grid.aligns.insert(grid.aligns.end(), inner.aligns.begin(), inner.aligns.end());
  }
  for (const Row& row : rows) {
    std::vector<std::string> line;
    for (const size_t i : own) line.push_back(to_text(row[i]));
    line.resize(grid.headers.size());
    const auto* inner_rows = nested < columns.size() ? std::get_if<std::vector<Row>>(&row[nested].value) : nullptr;
    if (inner_rows == nullptr || inner_rows->empty()) {
      grid.cells.push_back(std::move(line));
      continue;
    }
    for (const std::vector<std::string>& inner : to_grid(columns[nested].nested, *inner_rows).cells) {
      std::copy(inner.begin(), inner.end(), line.begin() + static_cast<std::ptrdiff_t>(own_width));
      grid.cells.push_back(line);
      std::fill_n(line.begin(), own_width, std::string());
    }
  }
  return grid;
}

std::vector<size_t> Grid::widths() const {
  std::vector<size_t> widths;
  for (const std::string& header : headers) widths.push_back(header.size());
  for (const auto& line : cells) {
    for (size_t i = 0; i < line.size(); ++i) widths[i] = std::max(widths[i], line[i].size());
  }
  return widths;
}

std::string Grid::header_line(const std::vector<size_t>& widths) const {
  std::string out;
  add_line(out, headers, aligns, widths);
  return out;
}

std::string Grid::lines(const std::vector<size_t>& widths) const {
  std::string out;
  for (const auto& line : cells) add_line(out, line, aligns, widths);
  return out;
}

std::string to_text(const Table& table) {
  const std::string title = table.title.empty() ? "" : table.title + "\n";
  if (table.shape == Table::Shape::kRecord) return title + record_text(table);
  return title + list_text(table.columns, table.rows);
}

}  // namespace ecmpd::control::api
