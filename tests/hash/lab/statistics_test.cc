#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "hash/lab/evenness.h"
#include "hash/lab/goodness.h"
#include "hash/lab/probability.h"
#include "hash/lab/uniformity.h"
#include "hash/random.h"

namespace ecmpd::hash::lab {
namespace {

const std::vector<uint32_t> kTwo = {1, 1};
const std::vector<uint32_t> kEight(8, 1);

TEST(Probability, KnownValues) {
  EXPECT_NEAR(chi_square_upper(3.841459, 1), 0.05, 1e-7);
  EXPECT_NEAR(chi_square_upper(23.684791, 14), 0.05, 1e-7);
  EXPECT_NEAR(chi_square_upper(310.457388, 255), 0.01, 1e-7);
  EXPECT_EQ(chi_square_upper(0, 5), 1);
  EXPECT_NEAR(binomial_lower(10, 0.5, 2), 56.0 / 1024, 1e-12);
  EXPECT_NEAR(binomial_upper(10, 0.5, 8), 56.0 / 1024, 1e-12);
  EXPECT_NEAR(binomial_lower(4, 0.25, 1), 189.0 / 256, 1e-12);
  EXPECT_EQ(binomial_lower(10, 0.5, -1), 0);
  EXPECT_EQ(binomial_upper(10, 0.5, 11), 0);
  EXPECT_NEAR(normal_quantile(0.975), 1.959964, 1e-6);
}

TEST(Probability, DetectableBiasIsTheKnownNoncentrality) {
  const std::pair<unsigned, double> known[] = {{2, 14.9}, {4, 19.3}, {8, 24.2}, {16, 30.7}, {64, 51.8}};
  for (const auto& [members, lambda] : known) {
    const double bias = detectable_bias(1e6, members, 0.01, 0.9);
    EXPECT_NEAR(bias * bias * 1e6, lambda, 0.06) << members;
  }
}

TEST(Goodness, ExactForTwoMembers) {
  const PerfectHashing perfect(10, kTwo, 1);
  EXPECT_EQ(perfect.method(), PerfectHashing::Method::kBinomial);
  const uint64_t split[] = {8, 2};
  const Tails tails = perfect.tails(split);
  EXPECT_NEAR(tails.upper, 112.0 / 1024, 1e-12);
  EXPECT_NEAR(tails.lower, 1 - 22.0 / 1024, 1e-12);  // all but 0, 1, 9, 10
  const uint64_t equal[] = {5, 5};
  EXPECT_EQ(perfect.tails(equal).upper, 1);
  EXPECT_NEAR(perfect.tails(equal).lower, 252.0 / 1024, 1e-12);
}

TEST(Goodness, ExactForTwoUnequalMembers) {
  const std::vector<uint32_t> weights = {1, 3};
  const PerfectHashing perfect(6, weights, 1);  // 1.5 expected: 3 is as far as 0
  const uint64_t counts[] = {3, 3};
  const double zero = std::pow(0.75, 6);
  const double three = 20 * std::pow(0.25, 3) * std::pow(0.75, 3);
  const double more = binomial_upper(6, 0.25, 4);
  EXPECT_NEAR(perfect.tails(counts).upper, zero + three + more, 1e-12);
  EXPECT_NEAR(perfect.tails(counts).lower, 1 - more, 1e-12);
  const uint64_t other[] = {0, 6};
  EXPECT_NEAR(perfect.tails(other).upper, zero + three + more, 1e-12);
}

TEST(Goodness, ChiSquareByHand) {
  const uint64_t counts[] = {90, 110, 100};
  const std::vector<uint32_t> weights = {1, 1, 1};
  EXPECT_NEAR(chi_square(counts, weights), 2.0, 1e-12);
  const Tails tails = PerfectHashing(300, weights, 1).tails(counts);
  EXPECT_NEAR(tails.upper, std::exp(-1.0), 1e-12);  // two degrees of freedom
  EXPECT_NEAR(tails.two_sided(), 2 * std::exp(-1.0), 1e-12);
}

TEST(Goodness, FlowsOnAMemberWithoutAShareAreAFailure) {
  const std::vector<uint32_t> weights = {1, 1, 0};
  const uint64_t counts[] = {50, 49, 1};
  EXPECT_EQ(PerfectHashing(100, weights, 1).tails(counts).upper, 0);
}

TEST(Goodness, SimulatedAgreesWithTheExactDistribution) {
  const PerfectHashing perfect(3, std::vector<uint32_t>(3, 1), 7);  // 27 outcomes
  EXPECT_EQ(perfect.method(), PerfectHashing::Method::kSimulated);
  const uint64_t together[] = {3, 0, 0};
  const uint64_t apart[] = {1, 1, 1};
  EXPECT_NEAR(perfect.tails(together).upper, 3.0 / 27, 0.01);
  EXPECT_NEAR(perfect.tails(apart).lower, 6.0 / 27, 0.013);
}

/// The p-values of honest draws are uniform, whatever the method; of loaded dice and of round robin they are not.
class PValues : public testing::TestWithParam<std::pair<uint64_t, unsigned>> {
 protected:
  double uniformity_of(auto draw) {
    const auto [flows, members] = GetParam();
    const std::vector<uint32_t> weights(members, 1);
    const PerfectHashing perfect(flows, weights, 3);
    Random random(11);
    std::vector<double> ps;
    for (int round = 0; round < 400; ++round) {
      std::vector<uint64_t> counts(members);
      for (uint64_t i = 0; i < flows; ++i) ++counts[draw(random, i, members)];
      ps.push_back(perfect.tails(counts).uniform(static_cast<double>(random.below(1u << 30)) / (1u << 30)));
    }
    return uniformity(ps).p;
  }
};

TEST_P(PValues, AreUniformForHonestDraws) {
  EXPECT_GT(uniformity_of([](Random& random, uint64_t, unsigned members) { return random.below(members); }), 0.01);
}

TEST_P(PValues, AreNotForRoundRobin) {
  EXPECT_LT(uniformity_of([](Random&, uint64_t i, unsigned members) { return i % members; }), 1e-6);
}

TEST_P(PValues, AreNotForABias) {
  const auto biased = [](Random& random, uint64_t, unsigned members) {
    return random.below(4) == 0 ? 0u : random.below(members);
  };
  EXPECT_LT(uniformity_of(biased), 1e-6);
}

INSTANTIATE_TEST_SUITE_P(Sizes, PValues,
                         testing::Values(std::pair{2000u, 2u}, std::pair{2000u, 3u}, std::pair{2000u, 16u},
                                         std::pair{100u, 24u}));

TEST(Uniformity, KnownValues) {
  std::vector<double> even;
  for (int i = 0; i < 100; ++i) even.push_back((i + 0.5) / 100);
  EXPECT_NEAR(uniformity(even).distance, 0.005, 1e-12);
  EXPECT_GT(uniformity(even).p, 0.999);
  for (double& value : even) value = std::min(1.0, value + 0.13);
  EXPECT_NEAR(uniformity(even).distance, 0.135, 1e-12);
  EXPECT_NEAR(uniformity(even).p, 0.0472, 0.003);  // exact: 0.0476
  EXPECT_LT(uniformity(std::vector<double>(100, 0.5)).p, 1e-12);
  EXPECT_EQ(uniformity({}).p, 1);
}

TEST(Uniformity, HolmByHand) {
  const double ps[] = {0.01, 0.04, 0.03, 0.005};
  const std::vector<double> expected = {0.03, 0.06, 0.06, 0.02};
  const std::vector<double> adjusted = holm(ps);
  for (size_t i = 0; i < expected.size(); ++i) EXPECT_DOUBLE_EQ(adjusted[i], expected[i]);
}

TEST(Evenness, ByHand) {
  const uint64_t loads[] = {30, 10, 20};
  const std::vector<uint32_t> weights = {1, 1, 1};
  EXPECT_NEAR(evenness(loads, weights).cov, std::sqrt((0.25 + 0.25) / 3), 1e-12);
  EXPECT_NEAR(evenness(loads, weights).max_mean, 1.5, 1e-12);
  const std::vector<uint32_t> fitting = {3, 1, 2};
  EXPECT_NEAR(evenness(loads, fitting).cov, 0, 1e-12);
}

TEST(Evenness, EffectiveUnitsOfZipfSizes) {
  std::vector<uint64_t> sizes;
  for (uint64_t i = 1; i <= 100'000; ++i) sizes.push_back(1'000'000'000 / i);
  EXPECT_NEAR(effective_units(sizes), 89, 1);
  EXPECT_NEAR(ideal_evenness(sizes, kEight, 1).cov, 0.28, 0.01);
  EXPECT_NEAR(ideal_evenness(sizes, kEight, 1).max_mean, 1.58, 0.05);
  EXPECT_DOUBLE_EQ(effective_units(std::vector<uint64_t>(50, 7)), 50);
}

TEST(Evenness, IdealMaximumIsTheMultinomials) {
  struct Known {
    uint64_t flows;
    unsigned members;
    double median, high;
  };
  // Medians and 99th percentiles of multinomial draws.
  const Known known[] = {{1000, 8, 1.128, 1.248},
                         {10'000, 8, 1.039, 1.080},
                         {10'000, 64, 1.190, 1.299},
                         {100'000, 16, 1.021, 1.038},
                         {1'000'000, 64, 1.018, 1.030}};
  for (const Known& each : known) {
    const auto ideal = ideal_evenness(std::vector<uint64_t>(each.flows, 1), std::vector<uint32_t>(each.members, 1), 5);
    EXPECT_NEAR(ideal.max_mean, each.median, (each.median - 1) * 0.06) << each.flows << " on " << each.members;
    EXPECT_NEAR(ideal.max_mean_high, each.high, (each.high - 1) * 0.15) << each.flows << " on " << each.members;
    EXPECT_NEAR(ideal.cov, std::sqrt((each.members - 1.0) / static_cast<double>(each.flows)), 1e-12);
  }
}

}  // namespace
}  // namespace ecmpd::hash::lab
