// Are many p-values what chance would give? Kolmogorov and Smirnov's test, and Holm's correction for many such tests.
//
// A single p-value says little; over hundreds of seeds they must be uniform in 0..1, neither too many near 0 (uneven)
// nor near 1 (too even). Pure functions; any thread.
#pragma once

#include <span>
#include <vector>

namespace ecmpd::hash::lab {

struct Uniformity {
  double distance = 0;  // largest between the distribution of the values and the uniform one
  double p = 1;         // P(a distance as large or larger), asymptotic with Stephens' correction for few values
};

/// `values` are in 0..1, in any order; none: p is 1.
Uniformity uniformity(std::vector<double> values);

/// Holm's step-down adjustment: element i is the adjusted p-value of ps[i]. Those below alpha are significant with at
/// most alpha chance of any false one.
std::vector<double> holm(std::span<const double> ps);

}  // namespace ecmpd::hash::lab
