#include "dataplane/fib6.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <vector>

#include "tests/dataplane/fib_oracle.h"
#include "tests/dataplane/rcu_manual_grace.h"

namespace ecmpd::dataplane {
namespace {

using hash::IpAddress;

class Fib6Test : public testing::Test {
 protected:
  static hash::Prefix prefix(const char* text) { return *hash::Prefix::parse(text); }
  /// Host `i` of 2001:db8::/64.
  static hash::Prefix host(uint32_t i) {
    uint8_t bytes[16] = {0x20, 0x01, 0x0d, 0xb8};
    for (unsigned k = 0; k < 4; ++k) bytes[12 + k] = static_cast<uint8_t>(i >> (24 - 8 * k));
    return hash::Prefix(IpAddress::v6(bytes), 128);
  }
  GroupId at(const IpAddress& address) const { return fib_.lookup(address.bytes()); }
  GroupId at(const char* text) const { return at(*IpAddress::parse(text)); }
  void add(const char* text, uint32_t group) { ASSERT_EQ(fib_.set(prefix(text), GroupId{group}), FibResult::kOk); }
  void remove(const char* text) { ASSERT_TRUE(fib_.remove(prefix(text))); }

  static constexpr uint32_t kCapacity = 4;
  static constexpr uint32_t kLeaves = kCapacity + 1;  // one is for the moment of a copy
  ManualGrace grace_;
  Fib6 fib_{grace_, kCapacity};
};

TEST_F(Fib6Test, StartsEmpty) {
  for (const char* text : {"::", "2001:db8::1", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"})
    EXPECT_EQ(at(text), kNoRoute);
  EXPECT_EQ(fib_.size(), 0u);
  for (const char* text : {"::/0", "2001:db8::/32", "2001:db8::1/128"}) EXPECT_FALSE(fib_.remove(prefix(text)));
}

TEST_F(Fib6Test, EveryLengthHasItsExactEdges) {
  for (const char* text : {"aaaa:aaaa:aaaa:aaaa:aaaa:aaaa:aaaa:aaaa", "2001:db8:ff::ff00:1"}) {
    for (uint8_t length = 1; length <= 128; ++length) {
      const hash::Prefix p(*IpAddress::parse(text), length);
      ASSERT_EQ(fib_.set(p, GroupId{length}), FibResult::kOk);
      const IpAddress last = last_address(p);
      EXPECT_EQ(at(p.address()), GroupId{length});
      EXPECT_EQ(at(last), GroupId{length});
      EXPECT_EQ(at(neighbor(p.address(), -1)), kNoRoute) << p.to_string();
      EXPECT_EQ(at(neighbor(last, 1)), kNoRoute) << p.to_string();
      EXPECT_EQ(fib_.find(p), GroupId{length});
      EXPECT_EQ(fib_.size(), 1u);
      EXPECT_TRUE(fib_.remove(p));
      EXPECT_FALSE(fib_.find(p));
      EXPECT_EQ(at(p.address()), kNoRoute);
      grace_.elapse();
    }
  }
  EXPECT_EQ(fib_.nodes_in_use() + fib_.leaves_in_use(), 0u);
}

TEST_F(Fib6Test, DefaultRouteFillsOnlyTheGaps) {
  add("2000::/3", 3);
  add("2001:db8::1/128", 128);
  add("::/0", 1);
  EXPECT_EQ(at("::"), GroupId{1});
  EXPECT_EQ(at("ffff::"), GroupId{1});
  EXPECT_EQ(at("2001:db8::1"), GroupId{128});
  EXPECT_EQ(at("2001:db8::2"), GroupId{3});
  remove("2000::/3");
  EXPECT_EQ(at("2001:db8::2"), GroupId{1});
  add("::/0", 2);
  EXPECT_EQ(at("2001:db8::2"), GroupId{2});
  remove("2001:db8::1/128");
  EXPECT_EQ(at("2001:db8::1"), GroupId{2});
  remove("::/0");
  EXPECT_EQ(at("2001:db8::1"), kNoRoute);
  EXPECT_EQ(at("ffff::"), kNoRoute);
}

TEST_F(Fib6Test, NestedPrefixesInEveryOrder) {
  std::array<unsigned, 6> lengths{16, 31, 32, 33, 64, 128};
  const IpAddress spine = *IpAddress::parse("2001:db8:1:2:3:4:5:6");
  do {
    for (size_t present = 0; present < lengths.size(); ++present) {
      const hash::Prefix p(spine, static_cast<uint8_t>(lengths[present]));
      ASSERT_EQ(fib_.set(p, GroupId{lengths[present]}), FibResult::kOk) << p.to_string();
      grace_.elapse();
      EXPECT_EQ(at(spine), GroupId{*std::max_element(lengths.begin(), lengths.begin() + present + 1)});
    }
    EXPECT_EQ(at("2001:db8:1:2::"), GroupId{64});
    EXPECT_EQ(at("2001:db8:7fff::"), GroupId{33});
    EXPECT_EQ(at("2001:db8:8000::"), GroupId{32});
    EXPECT_EQ(at("2001:db9::"), GroupId{31});
    EXPECT_EQ(at("2001:dba::"), GroupId{16});
    for (size_t gone = 0; gone < lengths.size(); ++gone) {
      ASSERT_TRUE(fib_.remove(hash::Prefix(spine, static_cast<uint8_t>(lengths[gone]))));
      grace_.elapse();
      const auto longest = std::max_element(lengths.begin() + gone + 1, lengths.end());
      EXPECT_EQ(at(spine), longest == lengths.end() ? kNoRoute : GroupId{*longest});
    }
    EXPECT_EQ(fib_.nodes_in_use() + fib_.leaves_in_use(), 0u);
  } while (std::next_permutation(lengths.begin(), lengths.end()));
}

TEST_F(Fib6Test, HostRoutesUnderOneSlash64ShareTheirWay) {
  ManualGrace grace;
  Fib6 fib(grace, 1024);
  for (uint32_t i = 0; i < 1000; ++i) {
    ASSERT_EQ(fib.set(host(i), GroupId{1 + i}), FibResult::kOk);
    grace.elapse();
  }
  EXPECT_EQ(fib.nodes_in_use(), 5u);  // one for each 256 hosts, and the one above them
  EXPECT_EQ(fib.leaves_in_use(), 0u);
  for (uint32_t i = 0; i < 1000; ++i) ASSERT_EQ(fib.lookup(host(i).address().bytes()), GroupId{1 + i});
  for (uint32_t i = 0; i < 999; ++i) {
    ASSERT_TRUE(fib.remove(host(i)));
    grace.elapse();
  }
  EXPECT_EQ(fib.nodes_in_use(), 0u);
  EXPECT_EQ(fib.leaves_in_use(), 1u);
}

// The normal state with MetalLB: a host route with the nexthops of its aggregate, again and again.
TEST_F(Fib6Test, HostRouteInACoverWithTheSameGroupComesAndGoes) {
  add("2001:db8::/64", 7);
  add("2001:db8::1/128", 8);
  for (int round = 0; round < 1000; ++round) {
    add("2001:db8::10/128", 7);
    EXPECT_EQ(at("2001:db8::10"), GroupId{7});
    remove("2001:db8::10/128");
    EXPECT_EQ(at("2001:db8::10"), GroupId{7});
    EXPECT_EQ(fib_.nodes_in_use(), 1u);
    EXPECT_EQ(fib_.leaves_in_use(), 1u);
    grace_.elapse();
  }
}

TEST_F(Fib6Test, AnyPrefixesUpToTheCapacityFitAndMoreChangeNothing) {
  add("2001::/16", 16);
  // Each parts from those before at another level: the most nodes and leaves that so many prefixes can take.
  const std::array<const char*, kCapacity> hosts{"2001:db8:1:2:3::1/128", "2001:db8:1:2:4::1/128",
                                                 "2001:db8:1:3::1/128", "2001:db8:2::1/128"};
  for (uint32_t i = 0; i < kCapacity; ++i) {
    grace_.elapse();
    ASSERT_EQ(fib_.set(prefix(hosts[i]), GroupId{100 + i}), FibResult::kOk) << hosts[i];
  }
  EXPECT_EQ(fib_.nodes_in_use(), kCapacity - 1);
  EXPECT_EQ(fib_.leaves_in_use(), kCapacity);
  add("2001:db8:3::1/128", 200);
  for (const char* text : {"2001:db8:9::1/128", "2001:db8:1::900/128", "2001:db8:1:2:3:4:5:6/90", "2a00::/32"}) {
    EXPECT_EQ(fib_.set(prefix(text), GroupId{9}), FibResult::kFull) << text;
    EXPECT_EQ(fib_.find(prefix(text)), std::nullopt);
    grace_.elapse();
  }
  EXPECT_EQ(fib_.size(), 2 + kCapacity);
  EXPECT_EQ(at("2001:db8:9::"), GroupId{16});
  for (uint32_t i = 0; i < kCapacity; ++i) EXPECT_EQ(at(prefix(hosts[i]).address()), GroupId{100 + i});
  // What needs no new node or leaf still fits.
  add("2001::/16", 17);
  add("2000::/3", 3);
  add("2001:db8:3::1/128", 5);
  EXPECT_EQ(at("2001:db8:9::"), GroupId{17});
  EXPECT_EQ(at("2001:db8:3::1"), GroupId{5});
}

TEST_F(Fib6Test, WhatIsUnlinkedWaitsForItsGracePeriod) {
  for (uint32_t i = 0; i < kLeaves; ++i) {
    const uint8_t bytes[16] = {0x2c, static_cast<uint8_t>(i)};
    ASSERT_EQ(fib_.set(hash::Prefix(IpAddress::v6(bytes), 128), GroupId{9}), FibResult::kOk);
  }
  EXPECT_EQ(fib_.set(prefix("2d03::1/128"), GroupId{9}), FibResult::kFull);
  remove("2c00::/128");
  EXPECT_EQ(fib_.reclaim(), 1u);
  EXPECT_EQ(fib_.set(prefix("2d03::1/128"), GroupId{9}), FibResult::kFull);
  grace_.elapse();
  remove("2c01::/128");  // one waits whose time has not come
  EXPECT_EQ(fib_.reclaim(), 1u);
  add("2d03::1/128", 10);
  EXPECT_EQ(at("2d03::1"), GroupId{10});
  EXPECT_EQ(at("2c00::"), kNoRoute);
  EXPECT_EQ(fib_.set(prefix("2d04::1/128"), GroupId{9}), FibResult::kFull);
}

// A reader that has passed the link but not yet compared the prefix must not meet groups meant for fewer addresses, so
// whatever gets a level above it, or loses one, is replaced by a copy.
TEST_F(Fib6Test, ANodeOrLeafWhosePlaceChangesIsReplaced) {
  add("2001:db8:1:2::1/128", 1);
  EXPECT_EQ(fib_.reclaim(), 0u);
  add("2001:db8:ff::/48", 2);  // parts from the leaf on its way
  EXPECT_EQ(fib_.reclaim(), 1u);
  grace_.elapse();
  add("2001:db8:1:2::ff00/128", 3);  // the leaf becomes a node
  EXPECT_EQ(fib_.reclaim(), 1u);
  grace_.elapse();
  add("2001:db8:1::/48", 4);  // ends on the way to that node
  EXPECT_EQ(fib_.reclaim(), 0u);
  add("2001:db8:1:2::/64", 5);
  EXPECT_EQ(fib_.reclaim(), 1u);
  grace_.elapse();
  remove("2001:db8:1:2::/64");  // its node goes, and the one below moves up
  EXPECT_EQ(fib_.reclaim(), 2u);
  EXPECT_EQ(at("2001:db8:1:2::1"), GroupId{1});
  EXPECT_EQ(at("2001:db8:1:2::ff00"), GroupId{3});
  EXPECT_EQ(at("2001:db8:1:2::2"), GroupId{4});
}

TEST_F(Fib6Test, BulkEqualsSingleForEveryCountAndKernel) {
  ManualGrace grace;
  for (const auto kernel : {Fib6::Kernel::kScalar, Fib6::Kernel::kAvx512}) {
    Fib6 fib(grace, 64, kernel);
    uint32_t group = 0;
    // Levels of all kinds, and the largest group ids, which are not links.
    for (const char* text : {"::/0", "2001:db8::/32", "2001:db8:1::/48", "2001:db8:1:2::/64", "2001:db8:1:2::1/128",
                             "2001:db8:1:2::2/128", "2001:db8:1:2:8000::/65", "2a00::/16", "2a00:1::/32"}) {
      ASSERT_EQ(fib.set(prefix(text), GroupId{0x7fffffff - group++}), FibResult::kOk);
    }
    std::vector<IpAddress> addresses;
    for (int i = 0; i < 5; ++i) {
      for (const char* text :
           {"2001:db8:1:2::1", "2001:db8:1:2::2", "2001:db8:1:2::3", "2001:db8:1:2:8000::1",
            "2a00:1::", "2001:db8:1:3::", "2001:db8:2::", "2001:db9::", "2a00::", "::", "2001:db8:1:2:1::1"}) {
        addresses.push_back(*IpAddress::parse(text));
      }
    }
    std::vector<const uint8_t*> pointers;
    for (const IpAddress& address : addresses) pointers.push_back(address.bytes());
    EXPECT_EQ(fib.lookup(pointers[0]), GroupId{0x7fffffff - 4});
    EXPECT_EQ(fib.lookup(pointers[9]), GroupId{0x7fffffff});
    for (unsigned count = 0; count <= addresses.size(); ++count) {
      std::vector<GroupId> results(addresses.size(), GroupId{12345});
      fib.lookup_bulk(pointers.data(), results.data(), count);
      for (unsigned i = 0; i < addresses.size(); ++i) {
        EXPECT_EQ(results[i], i < count ? fib.lookup(pointers[i]) : GroupId{12345}) << addresses[i].to_string();
      }
    }
  }
}

TEST_F(Fib6Test, ReserveChangesNoAnswerAndNoLimit) {
  add("2001:db8::1/128", 1);
  fib_.reserve(kCapacity * 1000);
  EXPECT_EQ(at("2001:db8::1"), GroupId{1});
  EXPECT_EQ(at("2001:db8::2"), kNoRoute);
  for (uint8_t i = 1; i < kLeaves; ++i) {
    const uint8_t bytes[16] = {0x30, i};
    ASSERT_EQ(fib_.set(hash::Prefix(IpAddress::v6(bytes), 64), GroupId{2}), FibResult::kOk);
  }
  EXPECT_EQ(fib_.set(prefix("4000::/64"), GroupId{2}), FibResult::kFull);
}

}  // namespace
}  // namespace ecmpd::dataplane
