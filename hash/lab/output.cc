#include "hash/lab/output.h"

#include <fmt/core.h>

#include <cstdlib>

#include "control/api/table_csv.h"

namespace ecmpd::hash::lab {

Real rounded(double value, int digits) { return {std::strtod(fmt::format("{:.5e}", value).c_str(), nullptr), digits}; }

Real percent(double fraction, int digits) {
  Real real = rounded(fraction, digits);
  real.percent = true;
  return real;
}

std::string render(const Table& table, Common::Format format) {
  switch (format) {
    case Common::Format::kJson:
      return control::api::to_json(table);
    case Common::Format::kCsv:
      return control::api::to_csv(table);
    case Common::Format::kText:
      break;
  }
  return control::api::to_text(table);
}

}  // namespace ecmpd::hash::lab
