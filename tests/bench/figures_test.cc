#include "bench/ecmpbench/figures.h"

#include <gtest/gtest.h>

#include "bench/ecmpbench/quiet.h"
#include "bench/ecmpbench/statistics.h"

namespace ecmpd::bench {
namespace {

TEST(Statistics, Quantiles) {
  EXPECT_EQ(quantile({}, 0.5), 0);
  EXPECT_EQ(quantile({7}, 0.9), 7);
  EXPECT_EQ(quantile({3, 1, 2}, 0.5), 2);
  EXPECT_EQ(quantile({4, 1, 2, 3}, 0.5), 2.5);
  EXPECT_EQ(quantile({1, 2, 3}, 0), 1);
  EXPECT_EQ(quantile({1, 2, 3}, 1), 3);
  const Spread spread = spread_of({10, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9});
  EXPECT_DOUBLE_EQ(spread.p10, 1);
  EXPECT_DOUBLE_EQ(spread.median, 5);
  EXPECT_DOUBLE_EQ(spread.p90, 9);
}

TEST(Quiet, ASampleBesideABusyOneDoesNotCount) {
  std::vector<double> core(100, 2.2);
  core[50] = 3.1;
  const std::vector<bool> quiet = quiet_samples(core);
  EXPECT_TRUE(quiet[48]);
  EXPECT_FALSE(quiet[49]);  // the look behind it saw another
  EXPECT_FALSE(quiet[50]);
  EXPECT_TRUE(quiet[51]);
  EXPECT_TRUE(quiet[99]);
  EXPECT_DOUBLE_EQ(share_of(quiet), 0.98);
}

TEST(Quiet, ACoreThatIsNeverFastIsShared) {
  EXPECT_EQ(share_of(quiet_samples(std::vector<double>(100, 4.0))), 0);
  EXPECT_TRUE(quiet_samples({}).empty());
  EXPECT_EQ(share_of({}), 0);
}

Measurement measurement(size_t quiet, size_t busy) {
  Measurement out;
  out.tsc_hz = 1e9;
  for (size_t i = 0; i < quiet; ++i) out.windows.push_back({2.2F, 30, 32, 50});
  for (size_t i = 0; i < busy; ++i) out.windows.push_back({3.5F, 60, 64, 150});
  return out;
}

TEST(Figures, AreThoseOfTheQuietWindows) {
  const Measurement one = measurement(200, 800);
  const Figures figures = figures_of({&one, 1});
  EXPECT_FALSE(figures.contended);
  EXPECT_NEAR(figures.quiet, 0.2, 0.01);
  EXPECT_DOUBLE_EQ(figures.io.median, 30);
  EXPECT_DOUBLE_EQ(figures.over_io.median, 20);
  EXPECT_DOUBLE_EQ(figures.over_io.p90, 20);
  EXPECT_FLOAT_EQ(static_cast<float>(figures.ratio_io.median), 0.6F);
  EXPECT_FLOAT_EQ(static_cast<float>(figures.ratio_macswap.median), 0.64F);
  EXPECT_DOUBLE_EQ(figures.packets_per_second, 1e9 / 50);
}

TEST(Figures, OfAContendedCoreAreOfAllWindowsAndSaySo) {
  const Measurement one = measurement(50, 950);
  const Figures figures = figures_of({&one, 1});
  EXPECT_TRUE(figures.contended);
  EXPECT_DOUBLE_EQ(figures.over_io.median, 90);
}

TEST(Figures, AThreadThatWaitedIsContended) {
  Measurement one = measurement(100, 0);
  one.waited = 0.4;
  EXPECT_TRUE(figures_of({&one, 1}).contended);
}

TEST(Figures, RatesOfWorkersAddUpAndTheBusiestDecides) {
  const Measurement workers[] = {measurement(100, 0), measurement(0, 100)};
  const Figures figures = figures_of(workers);
  EXPECT_NEAR(figures.packets_per_second, 1e9 / 50 + 1e9 / 150, 1);
  EXPECT_EQ(figures.quiet, 0);
  EXPECT_TRUE(figures.contended);
  EXPECT_DOUBLE_EQ(figures.core, 3.5);
}

}  // namespace
}  // namespace ecmpd::bench
