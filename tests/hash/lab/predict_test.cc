// Saved groups, and what is predicted for them: bucket for bucket what the router would do.
#include <gtest/gtest.h>

#include "hash/lab/group_file.h"
#include "hash/lab/prediction.h"
#include "tests/hash/layout_support.h"

namespace ecmpd::hash::lab {
namespace {

/// A group that grew, as `ecmpctl show group ID --json` has it.
constexpr const char* kGrown = R"({"id":2,"selector":"resilient","indexing":"low-bits","buckets":256,"layout":"L1",
  "prefixes":1,"worst_deviation":0.004,
  "members":[{"address":"10.0.0.1","port":"node1","weight":1,"live":true},
             {"address":"10.0.0.2","port":null,"weight":2,"live":false},
             {"address":"10.0.0.3","port":"node3","weight":1,"live":true}],
  "seed":7,"founders":[{"address":"10.0.0.1","weight":1},{"address":"10.0.0.2","weight":1}],"founding_buckets":256,
  "steps":[{"kind":"join","address":"10.0.0.3","weight":1},{"kind":"reweigh","address":"10.0.0.2","weight":2}]})";

TEST(GroupFile, IsTheHomeThatTheRouterHas) {
  const auto group = parse_group(kGrown, "g");
  ASSERT_TRUE(group) << group.error();
  const auto home =
      Home::build(Selector::kResilient, members_of(2), 256, 7)->join({address_of(3), 1})->reweigh({address_of(2), 2});
  EXPECT_EQ(group->home->lineage(), home->lineage());
  EXPECT_EQ(group->live, (std::vector<bool>{true, false, true}));
  EXPECT_EQ(group->home->table(group->live), home->table({true, false, true}));
  EXPECT_TRUE(group->flows.empty());
}

TEST(GroupFile, MayBeWrittenByHand) {
  const auto group = parse_group(
      R"({"selector":"maglev","members":[{"address":"10.0.0.2","flows":5},{"address":"10.0.0.1","weight":3}]})", "g");
  ASSERT_TRUE(group) << group.error();
  EXPECT_EQ(group->home->selector(), Selector::kMaglev);
  EXPECT_EQ(group->home->members()[0].weight, 3);
  EXPECT_EQ(group->flows, (std::vector<uint64_t>{0, 5}));
}

TEST(GroupFile, ErrorsNameKeyAndValue) {
  const auto error = [](std::string_view text) {
    const auto group = parse_group(text, "g");
    return group ? std::string("none") : group.error();
  };
  EXPECT_EQ(error("{"), "g: not a JSON object");
  EXPECT_EQ(error(R"({"groups":[]})"), "g: many groups; `ecmpctl show group ID --json` has one");
  EXPECT_EQ(error("{}"), "g: members: a list of members is needed");
  EXPECT_EQ(error(R"({"members":[]})"), "g: no members: at least 1 is needed");
  EXPECT_EQ(error(R"({"members":[{}]})"), "g: address: nothing is not one");
  EXPECT_EQ(error(R"({"members":[{"address":"10.0.0.300"}]})"), R"(g: address: "10.0.0.300" is not one)");
  EXPECT_EQ(error(R"({"members":[{"address":"10.0.0.3","weight":0}]})"),
            "g: weight: 0 is not a number from 1 to 65535");
  EXPECT_EQ(error(R"({"members":[{"address":"10.0.0.3"},{"address":"10.0.0.3"}]})"), "g: 10.0.0.3 is there twice");
  EXPECT_EQ(error(R"({"selector":"x","members":[{"address":"10.0.0.3"}]})"), R"(g: selector: "x" is not one)");
  EXPECT_EQ(error(R"({"buckets":100,"members":[{"address":"10.0.0.3"}]})"),
            "g: 100 buckets: only powers of two up to 65536 are possible");
  EXPECT_EQ(error(R"({"members":[{"address":"10.0.0.3","live":1}]})"), "g: live: true or false is needed");
  EXPECT_EQ(error(R"({"members":[{"address":"10.0.0.1","buckets":300}]})"),
            "g: buckets: 10.0.0.1 owns 256 of 256, and not 300: another seed, selector or history");
  std::string text = kGrown;
  text.replace(text.find("\"join\""), 6, "\"jump\"");
  EXPECT_EQ(error(text), R"(g: kind: "jump" is not join, strike or reweigh)");
  text = kGrown;
  text.replace(text.rfind("10.0.0.2"), 8, "10.0.0.9");
  EXPECT_EQ(error(text), "g: founders, founding_buckets and steps describe no group");
  text = kGrown;
  text.replace(text.find("\"weight\":2"), 10, "\"weight\":3");
  EXPECT_EQ(error(text), "g: members: not those that founders and steps lead to");
}

TEST(Prediction, CountsTheFlowsOfEveryBucket) {
  const auto home = Home::build(Selector::kResilient, members_of(3), 64, 7);
  Scene scene(home);
  const BucketTable before = scene.table();
  BucketFlows flows(64);
  for (size_t i = 0; i < flows.size(); ++i) flows[i] = static_cast<double>(1 + i);
  const Event drain{.kind = Event::Kind::kDrain, .member = numbered_member(2)};
  scene.apply(drain);
  const BucketTable after = scene.table();
  const auto prediction = predict(scene, before, after, flows, {&drain.member, 1});
  double moved = 0, to_first = 0;
  for (size_t i = 0; i < 64; ++i) {
    if (before.owners[i] != after.owners[i]) moved += flows[i];
    if (before.owners[i] == 1 && after.owners[i] == 0) to_first += flows[i];
  }
  EXPECT_EQ(prediction.flows, 64 * 65 / 2);
  EXPECT_EQ(prediction.flows_moved, moved);
  EXPECT_EQ(prediction.moves.at({1, 0}).flows, to_first);
  EXPECT_EQ(prediction.moves.size(), 2u);
  EXPECT_EQ(prediction.members[1].flows_before, moved);
  EXPECT_EQ(prediction.members[1].flows_after, 0);
  EXPECT_EQ(prediction.diff.collateral, 0u);
}

TEST(Prediction, SplitsTheFlowsOfABucketThatIsCut) {
  Scene scene(Home::build(Selector::kModulo, members_of(2), 0, 7));
  const BucketTable before = scene.table();
  const Event join{.kind = Event::Kind::kJoin, .member = numbered_member(3)};
  scene.apply(join);
  const auto flows = parse_flows("# counts\n10.0.0.1 600\nbucket 1 60\n", "f", scene, before);
  ASSERT_TRUE(flows);
  const auto prediction = predict(scene, before, scene.table(), *flows, {&join.member, 1});
  EXPECT_DOUBLE_EQ(prediction.members[0].flows_after, 200 + 20);
  EXPECT_DOUBLE_EQ(prediction.moves.at({0, 2}).flows, 200);
  EXPECT_DOUBLE_EQ(prediction.flows, 660);
}

TEST(Prediction, FlowFilesThatAreWrongAreRefused) {
  const Scene scene(Home::build(Selector::kModulo, members_of(3), 0, 7), {true, false, true});
  const auto error = [&](std::string_view text) {
    const auto flows = parse_flows(text, "f", scene, scene.table());
    return flows ? std::string("none") : flows.error();
  };
  EXPECT_EQ(error("10.0.0.1\n"), "f:1: neither `bucket N COUNT` nor `MEMBER COUNT`");
  EXPECT_EQ(error("10.0.0.9 5\n"), "f:1: 10.0.0.9 is not a member of the group");
  EXPECT_EQ(error("10.0.0.1 many\n"), "f:1: many is not a number of flows, 0 to 281474976710656");
  EXPECT_EQ(error("10.0.0.1 18446744073709551616\n"),
            "f:1: 18446744073709551616 is not a number of flows, 0 to 281474976710656");
  EXPECT_EQ(error("10.0.0.1 281474976710656\nbucket 0 1\n"), "f:2: more than 281474976710656 flows in all");
  EXPECT_EQ(error("10.0.0.2 5\n"), "f: 5 flows of 10.0.0.2, which owns no bucket");
  EXPECT_EQ(error("\nbucket 2 5\n"), "f:2: bucket 2: the table has 0 to 1");
}

}  // namespace
}  // namespace ecmpd::hash::lab
