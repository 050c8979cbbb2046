// The publisher's promises about time: nothing that a reader may hold is freed or reused before its grace period.
#include "dataplane/publisher.h"

#include <gtest/gtest.h>

#include "dataplane/rcu.h"

namespace ecmpd::dataplane {
namespace {

class PublisherTest : public testing::Test {
 protected:
  PublisherTest() : state_(rcu_, 64), publisher_(state_, rcu_) { EXPECT_TRUE(rcu_.register_reader(0)); }
  ~PublisherTest() override { rcu_.unregister_reader(0); }

  Rcu rcu_;
  ForwardingState state_;
  Publisher publisher_;
};

TEST_F(PublisherTest, AReaderKeepsTheGroupThatItHolds) {
  const std::vector<AdjacencyId> first{kUnresolvedAdjacency, kLocalAdjacency};
  const GroupId id = publisher_.create_group(first, hash::Indexing::kLowBits);
  rcu_.online(0);
  const Group& held = state_.group(id);
  publisher_.replace_group(id, std::vector<AdjacencyId>{kLocalAdjacency}, hash::Indexing::kLowBits);
  EXPECT_EQ(publisher_.poll(), 1u) << "freed while a reader was in the middle of a burst";
  EXPECT_EQ(held.size(), 2u);
  EXPECT_EQ(held.select(1), kLocalAdjacency);
  EXPECT_EQ(state_.group(id).size(), 1u) << "the next lookup sees the new table";
  rcu_.quiescent(0);
  EXPECT_EQ(publisher_.poll(), 0u);
  rcu_.offline(0);
}

TEST_F(PublisherTest, IdentifiersComeBackOnlyAfterAGracePeriod) {
  const GroupId gone = publisher_.create_group({&kLocalAdjacency, 1}, hash::Indexing::kLowBits);
  const AdjacencyId left = publisher_.add_adjacency({.kind = AdjacencyKind::kForward, .port = PortIndex{1}});
  rcu_.online(0);
  publisher_.destroy_group(gone);
  publisher_.remove_adjacency(left);
  EXPECT_NE(publisher_.create_group({&kLocalAdjacency, 1}, hash::Indexing::kLowBits), gone);
  EXPECT_NE(publisher_.add_adjacency({}), left);
  EXPECT_EQ(state_.group(gone).select(0), kLocalAdjacency) << "a reader that has the identifier may still follow it";
  EXPECT_EQ(publisher_.adjacency(left).kind, AdjacencyKind::kForward);
  rcu_.quiescent(0);
  EXPECT_EQ(publisher_.poll(), 0u);
  EXPECT_EQ(publisher_.create_group({&kLocalAdjacency, 1}, hash::Indexing::kLowBits), gone);
  EXPECT_EQ(publisher_.add_adjacency({}), left);
  rcu_.offline(0);
}

TEST_F(PublisherTest, ModuloGroupsMayHaveAnySize) {
  const std::vector<AdjacencyId> three{kUnresolvedAdjacency, kLocalAdjacency, kNoRouteAdjacency};
  const GroupId id = publisher_.create_group(three, hash::Indexing::kModulo);
  for (uint32_t hash = 0; hash < 12; ++hash) EXPECT_EQ(state_.group(id).select(hash), three[hash % 3]);
}

TEST_F(PublisherTest, WithoutARouteEveryHashEndsInTheNoRouteDrop) {
  const GroupId none = state_.fib4.lookup(0x01020304);
  const AdjacencyId id = state_.group(none).select(12345);
  EXPECT_EQ(publisher_.adjacency(id).kind, AdjacencyKind::kDrop);
  EXPECT_EQ(publisher_.adjacency(id).reason, DropReason::kNoRoute);
}

}  // namespace
}  // namespace ecmpd::dataplane
