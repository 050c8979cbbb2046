#include "hash/lab/probability.h"

#include <boost/math/distributions/binomial.hpp>
#include <boost/math/distributions/chi_squared.hpp>
#include <boost/math/distributions/complement.hpp>
#include <boost/math/distributions/non_central_chi_squared.hpp>
#include <boost/math/distributions/normal.hpp>
#include <cmath>

namespace ecmpd::hash::lab {

double chi_square_upper(double x, unsigned freedom) {
  if (x <= 0) return 1;
  return boost::math::cdf(boost::math::complement(boost::math::chi_squared(freedom), x));
}

double binomial_lower(uint64_t trials, double chance, int64_t successes) {
  if (successes < 0) return 0;
  if (static_cast<uint64_t>(successes) >= trials) return 1;
  const boost::math::binomial distribution(static_cast<double>(trials), chance);
  return boost::math::cdf(distribution, static_cast<double>(successes));
}

double binomial_upper(uint64_t trials, double chance, int64_t successes) {
  if (successes <= 0) return 1;
  if (static_cast<uint64_t>(successes) > trials) return 0;
  const boost::math::binomial distribution(static_cast<double>(trials), chance);
  return boost::math::cdf(boost::math::complement(distribution, static_cast<double>(successes - 1)));
}

double normal_quantile(double probability) { return boost::math::quantile(boost::math::normal(), probability); }

double detectable_bias(double flows, unsigned members, double alpha, double power) {
  const double freedom = members - 1;
  const double critical = boost::math::quantile(boost::math::complement(boost::math::chi_squared(freedom), alpha));
  const double lambda = boost::math::non_central_chi_squared::find_non_centrality(freedom, critical, 1 - power);
  return std::sqrt(lambda / flows);
}

}  // namespace ecmpd::hash::lab
