// What a /24 holds decides what stands for it: nothing, a leaf or a tbl8. Every way from one to another, with all
// addresses of the /24 and of its neighbors compared with the oracle after each step.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "dataplane/fib4.h"
#include "tests/dataplane/fib_oracle.h"
#include "tests/dataplane/rcu_manual_grace.h"

namespace ecmpd::dataplane {
namespace {

class Fib4LeafTest : public testing::Test {
 protected:
  static hash::Prefix prefix(const std::string& text) { return *hash::Prefix::parse(text); }
  static hash::Prefix filler(uint32_t i) { return v4_prefix(0x0a000001 + (i << 8), 32); }

  void add(const std::string& text, uint32_t group) {
    ASSERT_EQ(fib_.set(prefix(text), GroupId{group}), FibResult::kOk) << text;
    oracle_.set(prefix(text), GroupId{group});
  }
  void remove(const std::string& text) {
    ASSERT_TRUE(fib_.remove(prefix(text))) << text;
    oracle_.remove(prefix(text));
  }
  void expect_full(const std::string& text) { EXPECT_EQ(fib_.set(prefix(text), GroupId{9}), FibResult::kFull) << text; }
  /// Lone /32s elsewhere, until no leaf is free.
  void use_up_leaves() {
    for (; fib_.set(filler(fillers_), GroupId{3}) == FibResult::kOk; ++fillers_)
      oracle_.set(filler(fillers_), GroupId{3});
  }
  void expect(uint32_t leaves, uint32_t tbl8s) {
    EXPECT_EQ(fib_.leaves_in_use(), leaves);
    EXPECT_EQ(fib_.tbl8_in_use(), tbl8s);
    EXPECT_EQ(fib_.size(), oracle_.routes().size());
    for (uint32_t address = 0xc0000100; address < 0xc0000400; ++address) {  // 192.0.1.0 to 192.0.3.255
      ASSERT_EQ(fib_.lookup(address), oracle_.lookup(address)) << hash::IpAddress::v4(address).to_string();
    }
  }

  static constexpr uint32_t kLimit = 2;
  static constexpr uint32_t kLeaves = kLimit * Fib4::kLeavesPerTbl8;
  ManualGrace grace_;
  Fib4 fib_{grace_, kLimit};
  FibOracle oracle_;
  uint32_t fillers_ = 0;
};

TEST_F(Fib4LeafTest, OneOfEachLengthComesAndGoes) {
  for (const bool covered : {false, true}) {
    if (covered) add("192.0.0.0/16", 1);
    for (unsigned length = 25; length <= 32; ++length) {
      for (const char* address : {"192.0.2.0/", "192.0.2.77/", "192.0.2.255/"}) {
        const std::string text = address + std::to_string(length);
        add(text, 2);
        expect(1, 0);
        add(text, 3);  // replaced in place
        expect(1, 0);
        remove(text);
        expect(0, 0);
        grace_.elapse();
      }
    }
  }
}

TEST_F(Fib4LeafTest, EveryPairOfLengthsTakesATbl8AndLeavesALeaf) {
  add("192.0.2.0/24", 1);
  for (unsigned first = 25; first <= 32; ++first) {
    for (unsigned second = 25; second <= 32; ++second) {
      for (const char* other : {"192.0.2.77/", "192.0.2.200/", "192.0.2.0/"}) {  // nested, and beside
        const std::string a = "192.0.2.77/" + std::to_string(first);
        const std::string b = other + std::to_string(second);
        if (prefix(a) == prefix(b)) continue;
        for (const bool first_goes_first : {false, true}) {
          add(a, 2);
          expect(1, 0);
          add(b, 3);
          expect(0, 1);
          remove(first_goes_first ? a : b);
          expect(1, 0);
          grace_.elapse();
          remove(first_goes_first ? b : a);
          expect(0, 0);
          grace_.elapse();
        }
      }
    }
  }
}

// Whatever the shape of the /24, what covers it may come, change and go.
TEST_F(Fib4LeafTest, CoversComeChangeAndGoUnderAnyShape) {
  const std::vector<std::vector<std::string>> contents = {
      {"192.0.2.77/32"}, {"192.0.2.64/26"}, {"192.0.2.0/25", "192.0.2.9/32"}};
  for (const auto& content : contents) {
    const bool lone = content.size() == 1;
    for (const std::string& text : content) add(text, 40);
    for (unsigned outer = 0; outer <= 24; ++outer) {
      const std::string cover = "192.0.2.0/" + std::to_string(outer);
      add(cover, 5);
      expect(lone, !lone);
      add(cover, 6);
      expect(lone, !lone);
      add("192.0.2.0/24", 7);  // if it is not this one already
      expect(lone, !lone);
      if (outer < 24) remove(cover);
      expect(lone, !lone);
      remove("192.0.2.0/24");
      expect(lone, !lone);
      if (outer >= 8) grace_.elapse();
    }
    for (const std::string& text : content) remove(text);
    expect(0, 0);
    grace_.elapse();
  }
}

// The shape changes while a cover is there, and the cover changes afterwards: the new leaf or tbl8 has to follow it.
TEST_F(Fib4LeafTest, CoverChangedAfterEachChangeOfShape) {
  add("192.0.2.0/23", 1);
  add("192.0.2.77/32", 2);
  add("192.0.2.0/23", 3);
  add("192.0.2.78/32", 4);
  expect(0, 1);
  add("192.0.2.0/23", 5);
  expect(0, 1);
  add("192.0.2.0/24", 6);
  remove("192.0.2.77/32");
  expect(1, 0);
  remove("192.0.2.0/24");
  expect(1, 0);
  add("192.0.2.0/23", 7);
  expect(1, 0);
  remove("192.0.2.0/23");
  expect(1, 0);
  remove("192.0.2.78/32");
  expect(0, 0);
}

// A service address beside its aggregate, both over the same nexthops, and then the one without the other.
TEST_F(Fib4LeafTest, SameGroupForCoverAndHosts) {
  add("192.0.2.0/24", 7);
  add("192.0.2.77/32", 7);
  expect(1, 0);
  remove("192.0.2.0/24");
  expect(1, 0);
  EXPECT_EQ(fib_.lookup(0xc000024d), GroupId{7});
  add("192.0.2.0/24", 7);
  add("192.0.2.78/32", 7);
  expect(0, 1);
  remove("192.0.2.77/32");
  expect(1, 0);
  add("192.0.2.0/24", 8);
  expect(1, 0);
  EXPECT_EQ(fib_.lookup(0xc000024d), GroupId{8});
  EXPECT_EQ(fib_.lookup(0xc000024e), GroupId{7});
}

TEST_F(Fib4LeafTest, WithoutAFreeTbl8ALeafStaysAsItIs) {
  for (uint32_t i = 0; i < kLimit; ++i) {
    const std::string net = "10.9." + std::to_string(i);
    add(net + ".1/32", 1);
    add(net + ".2/32", 1);
  }
  add("192.0.2.77/32", 2);
  expect_full("192.0.2.78/32");
  expect_full("192.0.2.0/25");  // covers the one that is there
  EXPECT_FALSE(fib_.find(prefix("192.0.2.78/32")));
  expect(1, kLimit);
  add("192.0.2.77/32", 3);
  add("192.0.2.0/24", 4);
  expect(1, kLimit);
  // A tbl8 that shrank to a leaf is free after its grace period, not before.
  remove("10.9.0.1/32");
  expect(2, kLimit - 1);
  expect_full("192.0.2.78/32");
  EXPECT_GT(fib_.reclaim(), 0u);
  grace_.elapse();
  add("192.0.2.78/32", 5);
  expect(1, kLimit);
}

TEST_F(Fib4LeafTest, WithoutAFreeLeafOneStaysInATbl8) {
  add("192.0.2.77/32", 2);
  add("192.0.2.64/26", 3);
  grace_.elapse();
  use_up_leaves();
  expect(kLeaves, 1);
  expect_full("192.0.3.1/32");
  add("192.0.3.0/24", 8);  // needs none
  remove("192.0.2.77/32");
  expect(kLeaves, 1);
  add("192.0.2.64/26", 4);
  expect(kLeaves, 1);
  add("192.0.2.0/24", 5);
  expect(kLeaves, 1);
  add("192.0.2.200/31", 6);
  expect(kLeaves, 1);
  // As soon as there is one, the next removal takes it.
  remove(filler(0).to_string());
  grace_.elapse();
  remove("192.0.2.64/26");
  expect(kLeaves, 0);
  remove("192.0.2.200/31");
  expect(kLeaves - 1, 0);
}

TEST_F(Fib4LeafTest, TheLastOneLeavesATbl8ThatNeverShrank) {
  add("192.0.2.77/32", 2);
  add("192.0.2.78/32", 3);
  grace_.elapse();
  use_up_leaves();
  remove("192.0.2.77/32");
  expect(kLeaves, 1);
  add("192.0.2.0/24", 4);
  remove("192.0.2.78/32");
  expect(kLeaves, 0);
  grace_.elapse();
  EXPECT_EQ(fib_.reclaim(), 0u);
}

TEST_F(Fib4LeafTest, AnEmptiedLeafWaitsForItsGracePeriod) {
  use_up_leaves();
  EXPECT_EQ(fillers_, kLeaves);
  remove(filler(0).to_string());
  EXPECT_EQ(fib_.reclaim(), 1u);
  expect_full("192.0.2.77/32");
  expect_full(filler(0).to_string());
  grace_.elapse();
  remove(filler(1).to_string());  // one waits whose time has not come
  EXPECT_EQ(fib_.reclaim(), 1u);
  add("192.0.2.77/32", 9);
  expect(kLeaves - 1, 0);
  EXPECT_EQ(fib_.lookup(0x0a000001), kNoRoute);
  expect_full(filler(1).to_string());
}

// A reader may stand in what was unlinked: its contents stay until the grace period is over.
TEST_F(Fib4LeafTest, ManyFlapsWithoutAGracePeriodEndInFullNotInReuse) {
  add("192.0.2.77/32", 2);
  for (uint32_t flap = 0; flap < kLimit; ++flap) {
    add("192.0.2.78/32", 3);
    expect(0, 1);
    remove("192.0.2.78/32");
    expect(1, 0);
  }
  expect_full("192.0.2.78/32");
  expect(1, 0);
  EXPECT_EQ(fib_.reclaim(), 2 * kLimit);
  grace_.elapse();
  EXPECT_EQ(fib_.reclaim(), 0u);
  add("192.0.2.78/32", 3);
  expect(0, 1);
}

}  // namespace
}  // namespace ecmpd::dataplane
