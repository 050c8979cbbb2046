// Medians and quantiles of what was measured. Pure functions; any thread.
#pragma once

#include <vector>

namespace ecmpd::bench {

struct Spread {
  double median = 0;
  double p10 = 0;
  double p90 = 0;
};

/// The value below which the fraction `q` (0..1) of `values` lies, interpolated between neighbours; 0 of none.
double quantile(std::vector<double> values, double q);
Spread spread_of(std::vector<double> values);

}  // namespace ecmpd::bench
