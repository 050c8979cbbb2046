#include "dataplane/fib4.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <vector>

#include "tests/dataplane/fib_oracle.h"
#include "tests/dataplane/rcu_manual_grace.h"

namespace ecmpd::dataplane {
namespace {

class Fib4Test : public testing::Test {
 protected:
  static hash::Prefix prefix(const char* text) { return *hash::Prefix::parse(text); }
  static uint32_t address(const char* text) { return hash::IpAddress::parse(text)->v4_value(); }
  GroupId at(const char* text) const { return fib_.lookup(address(text)); }
  void add(const char* text, uint32_t group) { ASSERT_EQ(fib_.set(prefix(text), GroupId{group}), FibResult::kOk); }

  static constexpr uint32_t kLimit = 4;  // tbl8s
  static constexpr uint32_t kLeaves = kLimit * Fib4::kLeavesPerTbl8;
  ManualGrace grace_;
  Fib4 fib_{grace_, kLimit};
};

TEST_F(Fib4Test, StartsEmpty) {
  for (const char* text : {"0.0.0.0", "10.0.0.1", "255.255.255.255"}) EXPECT_EQ(at(text), kNoRoute);
  EXPECT_EQ(fib_.size(), 0u);
  EXPECT_FALSE(fib_.remove(prefix("10.0.0.0/8")));
  EXPECT_FALSE(fib_.remove(prefix("10.0.0.1/32")));
  EXPECT_FALSE(fib_.remove(prefix("0.0.0.0/0")));
}

TEST_F(Fib4Test, ReserveChangesNoAnswerAndNoLimit) {
  add("10.0.0.1/32", 1);
  fib_.reserve(kLimit * 1000);
  EXPECT_EQ(at("10.0.0.1"), GroupId{1});
  EXPECT_EQ(at("10.0.0.2"), kNoRoute);
  for (uint32_t i = 1; i < kLeaves; ++i) ASSERT_EQ(fib_.set(v4_prefix(i << 8, 32), GroupId{2}), FibResult::kOk);
  EXPECT_EQ(fib_.set(prefix("10.9.9.9/32"), GroupId{2}), FibResult::kFull);
  for (uint32_t i = 1; i <= kLimit; ++i) ASSERT_EQ(fib_.set(v4_prefix(i << 8, 31), GroupId{2}), FibResult::kOk);
  EXPECT_EQ(fib_.set(prefix("10.0.0.2/32"), GroupId{2}), FibResult::kFull);
}

TEST_F(Fib4Test, EveryLengthHasItsExactEdges) {
  for (unsigned length = 1; length <= 32; ++length) {
    const hash::Prefix p = v4_prefix(0xaaaaaaaa, length);
    ASSERT_EQ(fib_.set(p, GroupId{length}), FibResult::kOk);
    const uint64_t first = p.address().v4_value();
    const uint64_t last = first + (uint64_t{1} << (32 - length)) - 1;
    EXPECT_EQ(fib_.lookup(static_cast<uint32_t>(first)), GroupId{length});
    EXPECT_EQ(fib_.lookup(static_cast<uint32_t>(last)), GroupId{length});
    EXPECT_EQ(fib_.lookup(static_cast<uint32_t>(first - 1)), kNoRoute) << length;
    EXPECT_EQ(fib_.lookup(static_cast<uint32_t>(last + 1)), kNoRoute) << length;
    EXPECT_EQ(fib_.find(p), GroupId{length});
    EXPECT_EQ(fib_.size(), 1u);
    EXPECT_TRUE(fib_.remove(p));
    EXPECT_FALSE(fib_.find(p));
    EXPECT_EQ(fib_.lookup(static_cast<uint32_t>(first)), kNoRoute);
    grace_.elapse();
  }
  EXPECT_EQ(fib_.leaves_in_use(), 0u);
}

TEST_F(Fib4Test, DefaultRouteFillsOnlyTheGaps) {
  add("10.0.0.0/8", 8);
  add("192.0.2.1/32", 32);
  add("0.0.0.0/0", 1);
  EXPECT_EQ(at("0.0.0.0"), GroupId{1});
  EXPECT_EQ(at("255.255.255.255"), GroupId{1});
  EXPECT_EQ(at("10.255.255.255"), GroupId{8});
  EXPECT_EQ(at("192.0.2.1"), GroupId{32});
  EXPECT_EQ(at("192.0.2.2"), GroupId{1});
  add("0.0.0.0/0", 2);
  EXPECT_EQ(at("192.0.2.0"), GroupId{2});
  EXPECT_EQ(at("11.0.0.0"), GroupId{2});
  EXPECT_TRUE(fib_.remove(prefix("192.0.2.1/32")));
  EXPECT_TRUE(fib_.remove(prefix("10.0.0.0/8")));
  EXPECT_EQ(at("192.0.2.1"), GroupId{2});
  EXPECT_EQ(at("10.0.0.0"), GroupId{2});
  EXPECT_TRUE(fib_.remove(prefix("0.0.0.0/0")));
  EXPECT_EQ(at("10.0.0.0"), kNoRoute);
  EXPECT_EQ(at("255.255.255.255"), kNoRoute);
}

TEST_F(Fib4Test, NestedPrefixesInEveryOrder) {
  std::array<unsigned, 6> lengths{22, 23, 24, 25, 31, 32};
  std::vector<uint32_t> probes;
  for (unsigned length : lengths) add_edges(v4_prefix(0xc0a86480, length), probes);
  const auto check = [&](const FibOracle& oracle) {
    return std::all_of(probes.begin(), probes.end(), [&](uint32_t a) { return fib_.lookup(a) == oracle.lookup(a); });
  };
  do {
    FibOracle oracle;
    for (unsigned length : lengths) {
      const hash::Prefix p = v4_prefix(0xc0a86480, length);
      ASSERT_EQ(fib_.set(p, GroupId{length}), FibResult::kOk);
      oracle.set(p, GroupId{length});
      ASSERT_TRUE(check(oracle)) << "after adding /" << length;
    }
    // Removed in another order than added: all pairs (add, remove) of neighbors occur over the permutations.
    std::rotate(lengths.begin(), lengths.begin() + 3, lengths.end());
    for (unsigned length : lengths) {
      const hash::Prefix p = v4_prefix(0xc0a86480, length);
      ASSERT_TRUE(fib_.remove(p));
      oracle.remove(p);
      ASSERT_TRUE(check(oracle)) << "after removing /" << length;
    }
    std::rotate(lengths.begin(), lengths.end() - 3, lengths.end());
    grace_.elapse();
  } while (std::next_permutation(lengths.begin(), lengths.end()));
  EXPECT_EQ(fib_.size(), 0u);
  EXPECT_EQ(fib_.leaves_in_use(), 0u);
  EXPECT_EQ(fib_.tbl8_in_use(), 0u);
}

// A service address beside its aggregate, both over the same nexthops.
TEST_F(Fib4Test, AggregateAndHostRouteWithTheSameGroup) {
  add("203.0.113.0/24", 7);
  for (int round = 0; round < 1000; ++round) {
    add("203.0.113.10/32", 7);
    EXPECT_EQ(fib_.leaves_in_use(), 1u);
    EXPECT_EQ(at("203.0.113.10"), GroupId{7});
    ASSERT_TRUE(fib_.remove(prefix("203.0.113.10/32")));
    EXPECT_EQ(fib_.leaves_in_use(), 0u);
    EXPECT_EQ(at("203.0.113.10"), GroupId{7});
    grace_.elapse();
  }
  // Nothing leaked: the whole limit is there for others.
  for (uint32_t i = 0; i < kLeaves; ++i) {
    ASSERT_EQ(fib_.set(v4_prefix(0x0a000000 + (i << 8), 32), GroupId{1}), FibResult::kOk);
  }
}

TEST_F(Fib4Test, FullChangesNothing) {
  add("10.0.0.0/8", 8);
  for (uint32_t i = 0; i < kLeaves; ++i) {
    ASSERT_EQ(fib_.set(v4_prefix(0x0a000001 + (i << 8), 32), GroupId{100 + i}), FibResult::kOk);
  }
  EXPECT_EQ(fib_.set(prefix("10.9.9.9/32"), GroupId{9}), FibResult::kFull);
  EXPECT_EQ(fib_.size(), 1 + kLeaves);
  EXPECT_EQ(fib_.find(prefix("10.9.9.9/32")), std::nullopt);
  EXPECT_EQ(at("10.9.9.9"), GroupId{8});
  // What needs no new leaf still fits: short prefixes, and long ones beside others.
  add("10.9.9.0/24", 24);
  add("10.0.0.2/31", 31);
  add("10.0.0.4/30", 30);
  EXPECT_EQ(at("10.9.9.9"), GroupId{24});
  EXPECT_EQ(at("10.0.0.3"), GroupId{31});
  EXPECT_EQ(at("10.0.0.4"), GroupId{30});
  EXPECT_EQ(at("10.0.0.1"), GroupId{100});
}

TEST_F(Fib4Test, EmptiedTbl8WaitsForItsGracePeriod) {
  for (uint32_t i = 0; i < kLimit; ++i) {
    ASSERT_EQ(fib_.set(v4_prefix(0x0a000001 + (i << 8), 32), GroupId{100 + i}), FibResult::kOk);
    ASSERT_EQ(fib_.set(v4_prefix(0x0a000002 + (i << 8), 31), GroupId{200 + i}), FibResult::kOk);
  }
  grace_.elapse();  // for the leaves of the first ones
  EXPECT_EQ(fib_.reclaim(), 0u);
  add("10.9.9.9/32", 9);
  ASSERT_TRUE(fib_.remove(prefix("10.0.0.1/32")));
  EXPECT_EQ(fib_.tbl8_in_use(), kLimit - 1);
  EXPECT_EQ(fib_.reclaim(), 1u);
  EXPECT_EQ(fib_.set(prefix("10.9.9.8/32"), GroupId{8}), FibResult::kFull);
  EXPECT_EQ(fib_.set(prefix("10.0.0.1/32"), GroupId{8}), FibResult::kFull);
  grace_.elapse();
  ASSERT_TRUE(fib_.remove(prefix("10.0.1.1/32")));  // one waits whose time has not come
  EXPECT_EQ(fib_.reclaim(), 1u);
  add("10.9.9.8/32", 8);
  EXPECT_EQ(at("10.9.9.8"), GroupId{8});
  EXPECT_EQ(at("10.9.9.9"), GroupId{9});
  EXPECT_EQ(at("10.9.9.2"), kNoRoute);  // nothing left of the /24 that had the tbl8 before
  EXPECT_EQ(fib_.set(prefix("10.0.1.1/32"), GroupId{9}), FibResult::kFull);
}

TEST_F(Fib4Test, BulkEqualsSingle) {
  add("10.0.0.0/8", 8);
  add("10.1.1.0/25", 25);
  add("10.1.1.1/32", 32);
  std::vector<uint32_t> addresses;
  for (const char* text : {"10.1.1.1", "10.1.1.2", "10.1.1.128", "10.2.0.0", "11.0.0.0", "10.1.1.0"}) {
    addresses.push_back(address(text));
  }
  for (unsigned count = 0; count <= addresses.size(); ++count) {
    std::vector<GroupId> results(addresses.size(), GroupId{12345});
    fib_.lookup_bulk(addresses.data(), results.data(), count);
    for (unsigned i = 0; i < addresses.size(); ++i) {
      EXPECT_EQ(results[i], i < count ? fib_.lookup(addresses[i]) : GroupId{12345});
    }
  }
}

TEST_F(Fib4Test, LargestGroupIdIsNotTakenForALink) {
  add("10.0.0.0/8", 0x7fffffff);
  add("10.0.0.1/32", 0x7ffffffe);
  for (int more = 0; more < 2; ++more) {
    EXPECT_EQ(at("10.0.1.1"), GroupId{0x7fffffff});
    EXPECT_EQ(at("10.0.0.1"), GroupId{0x7ffffffe});
    EXPECT_EQ(at("10.0.0.3"), GroupId{0x7fffffff});
    add("10.0.0.2/32", 0x7ffffffd);
  }
  add("10.0.0.0/8", 0x40000000);  // a bit that tells leaf from tbl8 in a link
  add("10.0.1.1/32", 0x40000001);
  EXPECT_EQ(at("10.0.1.2"), GroupId{0x40000000});
  EXPECT_EQ(at("10.0.1.1"), GroupId{0x40000001});
  EXPECT_EQ(at("10.0.0.2"), GroupId{0x7ffffffd});
  EXPECT_EQ(at("10.0.0.3"), GroupId{0x40000000});
}

}  // namespace
}  // namespace ecmpd::dataplane
