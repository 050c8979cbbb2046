// Rows of text cells with their columns' widths: what lies between a Table and its aligned text. Values; any thread.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "control/api/table.h"

namespace ecmpd::control::api {

struct Grid {
  std::vector<std::string> headers;
  std::vector<Align> aligns;
  std::vector<std::vector<std::string>> cells;  // lines, each as long as `headers`

  /// Widest of header and cells, in characters.
  std::vector<size_t> widths() const;
  std::string header_line(const std::vector<size_t>& widths) const;
  std::string lines(const std::vector<size_t>& widths) const;
};

/// The visible columns, nested rows laid out beside and below their parent.
Grid to_grid(const std::vector<Column>& columns, const std::vector<Row>& rows);

/// "-" for nothing, "yes" and "no", lists joined with ", ".
std::string to_text(const Cell& cell);

}  // namespace ecmpd::control::api
