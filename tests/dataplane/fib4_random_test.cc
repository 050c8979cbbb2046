// Random adds, replaces and removes, compared with the brute-force oracle around every prefix that changed.
#include <gtest/gtest.h>

#include <random>
#include <tuple>
#include <vector>

#include "dataplane/fib4.h"
#include "tests/dataplane/fib_oracle.h"
#include "tests/dataplane/rcu_manual_grace.h"

namespace ecmpd::dataplane {
namespace {

// Few addresses and all lengths, so that most prefixes are nested in others.
hash::Prefix random_prefix(std::mt19937& random, unsigned shortest) {
  const uint32_t address = 0x0a140000 | (random() & 0x0001c3c7);
  return v4_prefix(address, shortest + random() % (33 - shortest));
}

/// Seed, and the limit of tbl8s: small enough to be full at times, and one so small that leaves run out as well.
class Fib4RandomTest : public testing::TestWithParam<std::tuple<uint32_t, uint32_t>> {};

TEST_P(Fib4RandomTest, AlwaysAnswersAsTheOracle) {
  const auto [seed, limit] = GetParam();
  std::mt19937 random(seed);
  ManualGrace grace;
  Fib4 fib(grace, limit);
  FibOracle oracle;
  std::vector<uint32_t> probes;
  unsigned full = 0;

  for (int step = 0; step < 4000; ++step) {
    const hash::Prefix p = random_prefix(random, step % 500 == 0 ? 6 : 13);
    if (random() % 5 < 3) {
      const GroupId group{1 + static_cast<uint32_t>(random() % 6)};  // equal groups of nested prefixes are common
      if (fib.set(p, group) == FibResult::kOk) {
        oracle.set(p, group);
      } else {
        ++full;
      }
    } else {
      ASSERT_EQ(fib.remove(p), oracle.remove(p)) << p.to_string();
    }
    if (random() % 8 == 0) grace.elapse();

    probes.clear();
    add_edges(p, probes);
    for (int i = 0; i < 10; ++i) probes.push_back(0x0a140000 | (random() & 0x0001c3c7));
    for (uint32_t a : probes) {
      ASSERT_EQ(fib.lookup(a), oracle.lookup(a)) << hash::IpAddress::v4(a).to_string() << " after " << p.to_string();
    }
    ASSERT_EQ(fib.size(), oracle.routes().size());
  }
  EXPECT_GT(full, 0u);

  std::vector<GroupId> answers(0x20000 / 7);
  std::vector<uint32_t> addresses(answers.size());
  for (uint32_t i = 0; i < addresses.size(); ++i) addresses[i] = 0x0a140000 + 7 * i;
  fib.lookup_bulk(addresses.data(), answers.data(), static_cast<unsigned>(addresses.size()));
  for (size_t i = 0; i < addresses.size(); ++i) ASSERT_EQ(answers[i], oracle.lookup(addresses[i]));

  for (const auto& [prefix, group] : oracle.routes()) {
    ASSERT_EQ(fib.find(prefix), group);
    ASSERT_TRUE(fib.remove(prefix));
  }
  for (uint32_t a : addresses) ASSERT_EQ(fib.lookup(a), kNoRoute);
  EXPECT_EQ(fib.size(), 0u);
  EXPECT_EQ(fib.leaves_in_use(), 0u);
  EXPECT_EQ(fib.tbl8_in_use(), 0u);
  grace.elapse();
  EXPECT_EQ(fib.reclaim(), 0u);
}

INSTANTIATE_TEST_SUITE_P(Seeds, Fib4RandomTest, testing::Combine(testing::Range(1u, 5u), testing::Values(1u, 24u)));

}  // namespace
}  // namespace ecmpd::dataplane
