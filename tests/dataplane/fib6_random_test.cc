// Random adds, replaces and removes, compared with the brute-force oracle around every prefix that changed.
#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "dataplane/fib6.h"
#include "tests/dataplane/fib6_prefixes.h"
#include "tests/dataplane/fib_oracle.h"
#include "tests/dataplane/rcu_manual_grace.h"

namespace ecmpd::dataplane {
namespace {

using hash::IpAddress;
using hash::Prefix;

// Any length; the addresses of one seed share more bytes, those of another fewer, so that levels are skipped or not.
struct Shape {
  uint32_t seed;
  unsigned spread;
  bool internet;  // lengths of a real table; else all alike
  uint32_t capacity;
};

class Fib6RandomTest : public testing::TestWithParam<Shape> {
 protected:
  Prefix random_prefix() {
    const unsigned length = GetParam().internet ? internet_length(random_) : random_() % 129;
    return Prefix(random_address(), static_cast<uint8_t>(length));
  }
  IpAddress random_address() {
    const IpAddress address = clustered_address(random_, GetParam().spread);
    if (known_.empty() || random_() % 4 == 0) return address;
    // Near a known one: equal up to some bit, so that paths fork at any place.
    const IpAddress& near = known_[random_() % known_.size()];
    const unsigned bit = random_() % 128;
    uint8_t bytes[16];
    std::copy_n(near.bytes(), 16, bytes);
    bytes[bit / 8] = static_cast<uint8_t>(bytes[bit / 8] ^ (0x80 >> (bit % 8)));
    return IpAddress::v6(bytes);
  }
  std::mt19937 random_{GetParam().seed};
  std::vector<IpAddress> known_;
};

TEST_P(Fib6RandomTest, AlwaysAnswersAsTheOracle) {
  ManualGrace grace;
  Fib6 fib(grace, GetParam().capacity);
  FibOracle oracle;
  std::vector<IpAddress> probes;
  unsigned full = 0;

  for (int step = 0; step < 2500; ++step) {
    // Half of the changes go to prefixes that were there before.
    Prefix p = random_prefix();
    if (step % 2 == 0 && !known_.empty()) {
      const auto any = oracle.routes().lower_bound(Prefix(known_[random_() % known_.size()], 0));
      if (any != oracle.routes().end()) p = any->first;
    }
    if (random_() % 5 < 3) {
      const GroupId group{1 + static_cast<uint32_t>(random_() % 6)};  // equal groups of nested prefixes are common
      if (fib.set(p, group) == FibResult::kOk) {
        oracle.set(p, group);
        known_.push_back(p.address());
      } else {
        ++full;
        EXPECT_EQ(fib.find(p), std::nullopt);
      }
    } else {
      ASSERT_EQ(fib.remove(p), oracle.remove(p)) << p.to_string();
    }
    if (random_() % 8 == 0) grace.elapse();

    probes.clear();
    add_edges(p, probes);
    for (int i = 0; i < 6; ++i) probes.push_back(random_address());
    for (const IpAddress& a : probes) {
      ASSERT_EQ(fib.lookup(a.bytes()), oracle.lookup(a)) << a.to_string() << " after " << p.to_string();
    }
    ASSERT_EQ(fib.size(), oracle.routes().size());
    if (full == 0) {
      ASSERT_LE(fib.nodes_in_use(), fib.size());
      ASSERT_LE(fib.leaves_in_use(), fib.size());
    }
  }
  EXPECT_EQ(full > 0, GetParam().capacity < 1000);

  probes.clear();
  for (const auto& [prefix, group] : oracle.routes()) add_edges(prefix, probes);
  std::vector<const uint8_t*> addresses;
  for (const IpAddress& a : probes) addresses.push_back(a.bytes());
  std::vector<GroupId> answers(probes.size());
  fib.lookup_bulk(addresses.data(), answers.data(), static_cast<unsigned>(addresses.size()));
  for (size_t i = 0; i < probes.size(); ++i) ASSERT_EQ(answers[i], oracle.lookup(probes[i])) << probes[i].to_string();

  for (const auto& [prefix, group] : oracle.routes()) {
    ASSERT_EQ(fib.find(prefix), group);
    ASSERT_TRUE(fib.remove(prefix));
  }
  for (const uint8_t* a : addresses) ASSERT_EQ(fib.lookup(a), kNoRoute);
  EXPECT_EQ(fib.size(), 0u);
  EXPECT_EQ(fib.nodes_in_use(), 0u);
  EXPECT_EQ(fib.leaves_in_use(), 0u);
  grace.elapse();
  EXPECT_EQ(fib.reclaim(), 0u);
}

INSTANTIATE_TEST_SUITE_P(Shapes, Fib6RandomTest,
                         testing::Values(Shape{1, 1, false, 20000}, Shape{2, 3, true, 20000}, Shape{3, 8, true, 20000},
                                         Shape{4, 2, false, 40}, Shape{5, 1, true, 40}, Shape{6, 8, false, 20000}));

}  // namespace
}  // namespace ecmpd::dataplane
