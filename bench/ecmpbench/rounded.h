// Numbers for answers: as many digits in JSON as the text has, since the rest is noise. Values; any thread.
#pragma once

#include <cmath>

#include "control/api/table.h"

namespace ecmpd::bench {

inline control::api::Real rounded(double value, int digits) {
  const double scale = std::pow(10, digits);
  return {std::round(value * scale) / scale, digits};
}

}  // namespace ecmpd::bench
