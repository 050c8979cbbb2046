// Scripts of events, and random ones.
#include "hash/lab/events.h"

#include <gtest/gtest.h>

#include <set>

#include "hash/lab/scene.h"
#include "tests/hash/layout_support.h"

namespace ecmpd::hash::lab {
namespace {

using Kind = Event::Kind;

TEST(Script, IsOneEventALine) {
  const auto events = parse_script("leave 3\n\n# a comment\n  weight 10.0.0.4\t12 # heavier\njoin 17\njoin 18 5", "s");
  ASSERT_TRUE(events) << events.error();
  EXPECT_EQ(*events, (std::vector<Event>{{Kind::kLeave, numbered_member(3), 1},
                                         {Kind::kWeight, numbered_member(4), 12},
                                         {Kind::kJoin, numbered_member(17), 1},
                                         {Kind::kJoin, numbered_member(18), 5}}));
  EXPECT_EQ(to_string((*events)[1]), "weight 10.0.0.4 12");
  EXPECT_EQ(to_string((*events)[2]), "join 10.0.0.17");
}

TEST(Script, ErrorsNameTheLineAndWhatIsAllowed) {
  const auto error = [](std::string_view text) {
    const auto events = parse_script(text, "s");
    return events ? std::string("none") : events.error();
  };
  EXPECT_EQ(error("leave 3\nwave 3\n"),
            "s:2: wave is not an event: leave, return, flap, drain, weight, join or forget");
  EXPECT_EQ(error("leave x"), "s:1: x is neither an address nor a number from 1");
  EXPECT_EQ(error("leave 0"), "s:1: 0 is neither an address nor a number from 1");
  EXPECT_EQ(error("leave 3 4"), "s:1: leave takes a member");
  EXPECT_EQ(error("weight 3"), "s:1: weight takes a member and a weight");
  EXPECT_EQ(error("weight 3 0"), "s:1: 0 is not a weight from 1 to 65535");
  EXPECT_EQ(error("join"), "s:1: join takes a member and perhaps a weight");
  EXPECT_EQ(error(" # nothing\n"), "s: no events");
}

TEST(RandomEvents, CanAllHappenAndKeepToTheLimit) {
  for (uint64_t seed = 0; seed < 20; ++seed) {
    const RandomEvents settings{
        .members = 6, .events = 300, .down_limit = 0, .newcomers = 5, .flaps = true, .drains = true, .weights = true};
    const auto events = random_events(settings, seed);
    ASSERT_EQ(events.size(), 300u);
    EXPECT_EQ(events, random_events(settings, seed));
    Scene scene(Home::build(Selector::kModulo, members_of(6), 0, 7));
    std::set<Kind> kinds;
    uint32_t joined = 0, most_away = 0;
    for (const Event& event : events) {
      ASSERT_EQ(scene.refusal(event), std::nullopt);
      scene.apply(event);
      kinds.insert(event.kind);
      joined += event.kind == Kind::kJoin;
      ASSERT_LE(scene.away() * 2, scene.home().members().size());
      most_away = std::max(most_away, scene.away());
    }
    EXPECT_EQ(joined, 5u);
    EXPECT_EQ(kinds.size(), 6u) << "all but forget";
    EXPECT_GE(most_away, 3u);
  }
}

TEST(RandomEvents, BeginWithALeaveWhenAllAreUp) {
  EXPECT_EQ(random_events({.members = 16, .events = 1}, 5)[0].kind, Kind::kLeave);
}

TEST(Scene, SaysWhyAnEventCannotHappen) {
  Scene scene(Home::build(Selector::kResilient, members_of(2), 64, 7), {true, false});
  const auto refusal = [&](std::string_view text) { return scene.refusal(*parse_event(text)).value_or("none"); };
  EXPECT_EQ(refusal("leave 2"), "leave 10.0.0.2: the member is down already");
  EXPECT_EQ(refusal("flap 2"), "flap 10.0.0.2: the member is not up");
  EXPECT_EQ(refusal("return 1"), "return 10.0.0.1: the member is up already");
  EXPECT_EQ(refusal("join 1"), "join 10.0.0.1: the member is there already");
  EXPECT_EQ(refusal("weight 3 3"), "weight 10.0.0.3 3: the member is not in the group");
  EXPECT_EQ(refusal("forget 2"), "none");
  scene.apply(*parse_event("forget 2"));
  EXPECT_EQ(refusal("forget 1"), "forget 10.0.0.1: the member is the only one");
  EXPECT_EQ(refusal("return 2"), "return 10.0.0.2: the member is not in the group");
  scene.apply(*parse_event("join 2 3"));
  EXPECT_EQ(scene.addresses().size(), 2u) << "its old number";
  EXPECT_EQ(scene.weight(1), 3);
}

}  // namespace
}  // namespace ecmpd::hash::lab
