// Distribution functions, from Boost.Math: what the laboratory's tests of significance are made of.
//
// Everything is a function of its arguments; results agree between machines to far more digits than are printed. Pure;
// any thread.
#pragma once

#include <cstdint>

namespace ecmpd::hash::lab {

/// P(X >= x) of a chi-square variable; `freedom` is at least 1.
double chi_square_upper(double x, unsigned freedom);

/// P(X <= successes) and P(X >= successes) of a binomial variable; 0 < chance < 1. `successes` may be out of 0..trials.
double binomial_lower(uint64_t trials, double chance, int64_t successes);
double binomial_upper(uint64_t trials, double chance, int64_t successes);

/// The x that a standard normal variable does not exceed with `probability` (between 0 and 1, neither of them).
double normal_quantile(double probability);

/// The smallest relative bias, root mean square over the members, that a chi-square test with the upper tail `alpha`
/// detects with probability `power` among `flows` equal flows (sqrt(lambda / flows) with the noncentrality lambda).
/// `members` at least 2, `flows` above 0.
double detectable_bias(double flows, unsigned members, double alpha, double power);

}  // namespace ecmpd::hash::lab
