// The figures that the selectors are chosen by: what a leave, a return and a join move, and how even what is left is.
#include "hash/lab/churn.h"

#include <gtest/gtest.h>

#include "tests/hash/layout_support.h"

namespace ecmpd::hash::lab {
namespace {

using Kind = Event::Kind;

std::shared_ptr<const Home> home_of(Selector selector, unsigned members = 16, uint32_t buckets = 65536) {
  return Home::build(selector, members_of(members), buckets, 1);
}

Churn churn_of(Selector selector, const RandomEvents& settings, uint32_t buckets = 65536) {
  const auto churn = play(home_of(selector, settings.members, buckets), random_events(settings, 1), 1);
  EXPECT_TRUE(churn);
  return *churn;
}

/// One leave, by the member's number.
Step leave(Selector selector, uint32_t member) {
  const auto churn = play(home_of(selector), {{.kind = Kind::kLeave, .member = numbered_member(member)}}, 1);
  EXPECT_EQ(churn->home_after_flap, 1);
  return churn->steps.at(0);
}

TEST(Churn, OfResilientMovesOnlyWhatItMustAndStaysEven) {
  const auto churn = churn_of(Selector::kResilient, {.members = 16, .events = 600});
  for (const Step& step : churn.steps) {
    ASSERT_EQ(step.collateral, 0);
    ASSERT_EQ(step.moved, step.minimum);
    const bool left = step.event.kind == Kind::kLeave;
    ASSERT_EQ(left ? step.survivors_moved : 0, 0);
  }
  EXPECT_EQ(churn.home_after_flap, 1);
  EXPECT_LE(churn.worst_max_mean(16), 1.012);
  EXPECT_LE(churn.worst_max_mean(2), 1.001);
  EXPECT_LE(churn.worst_max_mean(0), 1.0001);
  EXPECT_TRUE(churn.by_away.contains(8)) << "half of them";
}

TEST(Churn, OfResilientWithNewcomersIsHardlyLessEven) {
  const auto churn = churn_of(Selector::kResilient, {.members = 8, .events = 600, .newcomers = 8});
  for (const Step& step : churn.steps) ASSERT_EQ(step.moved, step.minimum) << to_string(step.event);
  EXPECT_LE(churn.worst_max_mean(16), 1.015);
  EXPECT_EQ(churn.steps.back().live + churn.steps.back().away, 16u);
}

TEST(Churn, OfTheOthersOnOneLeave) {
  double least = 1, most = 0;
  for (uint32_t member = 1; member <= 16; ++member) {
    EXPECT_NEAR(leave(Selector::kModulo, member).survivors_moved, 14.0 / 15, 1e-12);
    EXPECT_LT(leave(Selector::kMaglev, member).survivors_moved, 0.005);
    EXPECT_EQ(leave(Selector::kRendezvous, member).survivors_moved, 0);
    const double by_position = leave(Selector::kHashThreshold, member).survivors_moved;
    least = std::min(least, by_position);
    most = std::max(most, by_position);
  }
  EXPECT_NEAR(least, 0.218, 0.001) << "from the middle";
  EXPECT_NEAR(most, 0.467, 0.001) << "from an end";
}

TEST(Churn, OfHashThresholdNewcomersInTheCentreMoveAQuarter) {
  const auto churn = play(home_of(Selector::kHashThreshold), {{.kind = Kind::kJoin, .member = numbered_member(99)}}, 1);
  EXPECT_NEAR(churn->steps[0].moved, 0.265, 0.001);
}

TEST(Churn, OrderOfEventsDoesNotMatter) {
  const RandomEvents settings{.members = 8, .events = 120, .newcomers = 4, .flaps = true, .drains = true};
  const auto events = random_events(settings, 3);
  for (const Selector selector : kSelectors) {
    EXPECT_EQ(orders_that_agree(home_of(selector, 8, 1024), events, 50, 1), 50u) << to_string(selector);
  }
}

TEST(Churn, ADrainedMemberLeavesWithoutMovingAnything) {
  for (const Selector selector : kSelectors) {
    const IpAddress member = numbered_member(3);
    const auto churn = play(home_of(selector, 5, 1024),
                            {{.kind = Kind::kDrain, .member = member}, {.kind = Kind::kLeave, .member = member}}, 1);
    EXPECT_GT(churn->steps[0].moved, 0);
    EXPECT_EQ(churn->steps[1].moved, 0) << to_string(selector);
  }
}

TEST(Churn, AFlapIsALeaveAndAReturn) {
  const auto churn =
      play(home_of(Selector::kResilient, 5, 1024), {{.kind = Kind::kFlap, .member = numbered_member(3)}}, 1);
  ASSERT_EQ(churn->steps.size(), 2u);
  EXPECT_EQ(churn->steps[0].event.kind, Kind::kLeave);
  EXPECT_EQ(churn->steps[0].moved, churn->steps[1].moved);
  EXPECT_EQ(churn->by_away.at(0).first, 2u);
}

TEST(Churn, StopsAtAnEventThatCannotHappen) {
  const Event twice{.kind = Kind::kLeave, .member = numbered_member(2)};
  const auto churn = play(home_of(Selector::kModulo, 3), {twice, twice}, 1);
  ASSERT_FALSE(churn);
  EXPECT_EQ(churn.error(), "leave 10.0.0.2: the member is down already");
}

}  // namespace
}  // namespace ecmpd::hash::lab
