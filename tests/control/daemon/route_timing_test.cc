#include "control/daemon/route_timing.h"

#include <gtest/gtest.h>

namespace ecmpd::control {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

hash::IpAddress ip(const char* text) { return *hash::IpAddress::parse(text); }
RouteTiming::Time at(milliseconds when) { return RouteTiming::Time(when); }

TEST(DurationHistogram, BoundsHoldTheirValuesAndAreCloseToThem) {
  for (uint64_t usec = 0; usec < 200'000; ++usec) {
    const size_t bucket = DurationHistogram::bucket_of(usec);
    const uint64_t bound = DurationHistogram::bound_usec(bucket);
    ASSERT_LT(usec, bound);
    ASSERT_GE(usec, bucket == 0 ? 0 : DurationHistogram::bound_usec(bucket - 1));
    ASSERT_LE(bound, usec + usec / 4 + 1);
  }
  EXPECT_EQ(DurationHistogram::bucket_of(UINT64_MAX), DurationHistogram::kBuckets - 1);
}

TEST(DurationHistogram, QuantilesAndMaximum) {
  DurationHistogram histogram;
  EXPECT_EQ(histogram.quantile_usec(0.5), 0u);
  histogram.add(microseconds(100), 98);
  histogram.add(microseconds(1000), 2);
  EXPECT_EQ(histogram.count(), 100u);
  EXPECT_EQ(histogram.quantile_usec(0.5), 112u);
  EXPECT_EQ(histogram.quantile_usec(0.98), 112u);
  EXPECT_EQ(histogram.quantile_usec(0.99), 1000u) << "no more than the maximum";
  EXPECT_EQ(histogram.maximum_usec(), 1000u);
  histogram.add(microseconds(-1));  // no clock that goes back takes it away from its bounds
  EXPECT_EQ(histogram.in_bucket(0), 1u);
}

TEST(RouteTiming, EveryRouteCountsFromItsReadToTheFlush) {
  RouteTiming timing;
  const bgp::PeerId one{0}, two{1};
  timing.on_established(one, ip("10.0.1.11"));
  timing.on_established(two, ip("10.0.1.12"));
  timing.on_read(at(milliseconds(100)));
  timing.on_update(one, 3);
  timing.on_update(one, 4);
  timing.on_read(at(milliseconds(101)));
  timing.on_update(two, 1);
  timing.on_flushed(at(milliseconds(102)), false);
  EXPECT_EQ(timing.peers()[0]->routes.count(), 7u);
  EXPECT_EQ(timing.peers()[0]->routes.maximum_usec(), 2000u);
  EXPECT_EQ(timing.peers()[1]->routes.maximum_usec(), 1000u);
  timing.on_flushed(at(milliseconds(110)), false);  // nothing is counted twice
  EXPECT_EQ(timing.peers()[0]->routes.count(), 7u);
}

TEST(RouteTiming, WhatWaitsForTheStartIsNotCounted) {
  RouteTiming timing;
  timing.on_established(bgp::PeerId{0}, ip("10.0.1.11"));
  timing.on_update(bgp::PeerId{0}, 1);
  timing.on_flushed(at(milliseconds(5000)), true);
  timing.on_flushed(at(milliseconds(6000)), false);
  EXPECT_EQ(timing.peers()[0]->routes.count(), 0u);
}

TEST(RouteTiming, ALossHasTwoEnds) {
  RouteTiming timing;
  timing.on_established(bgp::PeerId{0}, ip("10.0.1.11"));
  timing.on_down(bgp::PeerId{0}, at(milliseconds(10)), at(milliseconds(11)));
  timing.on_flushed(at(milliseconds(500)), false);
  EXPECT_EQ(*timing.peers()[0]->left, milliseconds(1));
  EXPECT_EQ(*timing.peers()[0]->cleaned, milliseconds(490));
  timing.on_established(bgp::PeerId{0}, ip("10.0.1.99"));  // the id has gone to somebody else
  EXPECT_FALSE(timing.peers()[0]->cleaned);
}

TEST(RouteTiming, ANeighborThatComesBackWithAnotherIdIsThereOnce) {
  RouteTiming timing;
  timing.on_established(bgp::PeerId{0}, ip("10.0.1.11"));
  timing.on_established(bgp::PeerId{1}, ip("10.0.1.12"));
  timing.on_established(bgp::PeerId{0}, ip("10.0.1.12"));
  EXPECT_EQ(timing.peers()[0]->address, ip("10.0.1.12"));
  EXPECT_FALSE(timing.peers()[1]);
}

TEST(RouteTiming, WhatIsKeptOverARestartIsNoLoss) {
  RouteTiming timing;
  timing.on_established(bgp::PeerId{0}, ip("10.0.1.11"));
  timing.on_retained(bgp::PeerId{0});
  timing.on_flushed(at(milliseconds(1)), false);
  EXPECT_FALSE(timing.peers()[0]->left);
  EXPECT_FALSE(timing.peers()[0]->cleaned);
}

}  // namespace
}  // namespace ecmpd::control
