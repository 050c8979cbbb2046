// One answer of the API, from which both the aligned text and the JSON are made.
//
// A Table is a record (one row: "Label: value" lines, a JSON object) or a list (a line, or several, a row; a JSON
// array, or an object keyed by one column as FRR has them). A column without a header is only in the JSON, one without
// a key only in the text. Numbers stay numbers in JSON. Values; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace ecmpd::control::api {

/// A number with a fraction. Text shows `digits` decimals; JSON the value itself.
struct Real {
  double value = 0;
  int digits = 2;
  bool percent = false;  // text only: 0.25 as "25.00 %"
};

struct Cell;
using Row = std::vector<Cell>;

struct Cell {
  /// monostate: nothing to show; null in JSON. A vector of rows belongs to a column with nested columns.
  std::variant<std::monostate, bool, uint64_t, Real, std::string, std::vector<std::string>, std::vector<Row>> value;

  Cell() = default;
  Cell(bool flag) : value(flag) {}                                 // NOLINT(google-explicit-constructor)
  Cell(uint64_t number) : value(number) {}                         // NOLINT(google-explicit-constructor)
  Cell(uint32_t number) : value(uint64_t{number}) {}               // NOLINT(google-explicit-constructor)
  Cell(uint16_t number) : value(uint64_t{number}) {}               // NOLINT(google-explicit-constructor)
  Cell(int number) = delete;                                       // say which unsigned type is meant
  Cell(Real real) : value(real) {}                                 // NOLINT(google-explicit-constructor)
  Cell(const char* text) : value(std::string(text)) {}             // NOLINT(google-explicit-constructor)
  Cell(std::string text) : value(std::move(text)) {}               // NOLINT(google-explicit-constructor)
  Cell(std::vector<std::string> list) : value(std::move(list)) {}  // NOLINT(google-explicit-constructor)
  Cell(std::vector<Row> rows) : value(std::move(rows)) {}          // NOLINT(google-explicit-constructor)
  template <typename T>
  Cell(const std::optional<T>& maybe) {  // NOLINT(google-explicit-constructor)
    if (maybe) *this = Cell(*maybe);
  }
};

enum class Align : uint8_t { kLeft, kRight };

struct Column {
  std::string header;  // empty: not in the text
  std::string key;     // empty: not in the JSON; "a/b" is the member b of the object a
  Align align = Align::kLeft;
  /// Columns of the rows that lie in this cell. In a list they stand on the right, first row beside the parent; in a
  /// record they are a list of their own below, and the header, if there is one, is the line above it.
  std::vector<Column> nested{};
  std::string keyed_by{};  // nested rows as an object, with this nested column's value as key and not in the row
};

struct Table {
  enum class Shape : uint8_t { kRecord, kList };
  Shape shape = Shape::kList;
  std::string name;   // the JSON is {name: ...}; empty: the record itself
  std::string title;  // first line of the text; empty: none
  std::vector<Column> columns;
  std::vector<Row> rows;  // each as long as `columns`; exactly one in a record
};

/// A value with the column that it stands in.
struct Field {
  Column column;
  Cell cell;
};
/// A record of them, in order.
Table record(std::vector<Field> fields);

/// Compact, one line, ending in a newline.
std::string to_json(const Table& table);
/// Every line ends in a newline; no trailing spaces.
std::string to_text(const Table& table);

/// A list that is too long to be held at once, rendered page by page: pages have equal columns. The text's widths are
/// those of the first page.
class PagedList {
 public:
  explicit PagedList(bool json) : json_(json) {}
  std::string page(const Table& table);
  /// Closes the list; after at least one page.
  std::string end() const;

 private:
  bool json_;
  bool begun_ = false;
  bool has_rows_ = false;
  std::vector<size_t> widths_;
};

}  // namespace ecmpd::control::api
