#include "hash/lab/uniformity.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace ecmpd::hash::lab {
namespace {

/// 1 - K(x) with Kolmogorov's distribution K.
double kolmogorov_upper(double x) {
  if (x < 0.2) return 1;  // K(0.2) is below 1e-12
  double sum = 0;
  double sign = 1;
  for (int k = 1; k <= 100; ++k) {
    const double term = std::exp(-2.0 * k * k * x * x);
    sum += sign * term;
    sign = -sign;
    if (term < 1e-17) break;
  }
  return std::clamp(2 * sum, 0.0, 1.0);
}

}  // namespace

Uniformity uniformity(std::vector<double> values) {
  if (values.empty()) return {};
  std::sort(values.begin(), values.end());
  const auto count = static_cast<double>(values.size());
  double distance = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    distance = std::max(
        {distance, static_cast<double>(i + 1) / count - values[i], values[i] - static_cast<double>(i) / count});
  }
  const double root = std::sqrt(count);
  return {distance, kolmogorov_upper((root + 0.12 + 0.11 / root) * distance)};
}

std::vector<double> holm(std::span<const double> ps) {
  std::vector<size_t> order(ps.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return ps[a] < ps[b]; });
  std::vector<double> adjusted(ps.size());
  double largest = 0;
  for (size_t rank = 0; rank < order.size(); ++rank) {
    largest = std::max(largest, std::min(1.0, ps[order[rank]] * static_cast<double>(ps.size() - rank)));
    adjusted[order[rank]] = largest;
  }
  return adjusted;
}

}  // namespace ecmpd::hash::lab
