// DPDK's DIR24_8 as an oracle: sets of prefixes that are only added to (removing trips over known faults of its 22.11
// version), then lookups over the whole address space.
#include <gtest/gtest.h>
#include <rte_fib.h>

#include <random>
#include <vector>

#include "dataplane/fib4.h"
#include "tests/dataplane/fib_oracle.h"
#include "tests/dataplane/rcu_manual_grace.h"
#include "tests/dataplane/rte_fib_eal.h"

namespace ecmpd::dataplane {
namespace {

class Fib4AgainstRteFib : public testing::TestWithParam<uint32_t> {};

TEST_P(Fib4AgainstRteFib, SameAnswersAfterAdds) {
  constexpr int kPrefixes = 20000;
  std::mt19937 random(GetParam());
  rte_fib_conf conf{};
  conf.type = RTE_FIB_DIR24_8;
  conf.default_nh = 0;
  conf.max_routes = kPrefixes * 2;  // its trie also has inner nodes
  conf.dir24_8.nh_sz = RTE_FIB_DIR24_8_4B;
  conf.dir24_8.num_tbl8 = kPrefixes;
  rte_fib* theirs = rte_fib_create("oracle", 0, &conf);
  ASSERT_NE(theirs, nullptr);
  ManualGrace grace;
  Fib4 ours(grace, kPrefixes);

  std::vector<uint32_t> addresses;
  uint32_t near = 0;
  for (int i = 0; i < kPrefixes; ++i) {
    // Half of the prefixes lie near the one before, so that they nest. The first is the default route.
    near = i % 2 == 0 ? static_cast<uint32_t>(random()) : near ^ (random() & 0xfff);
    const unsigned length = i == 0 ? 0 : i % 64 == 0 ? 8 + random() % 6 : 14 + random() % 19;
    // Theirs repaints the whole table when a prefix that ends with 255.255.255.255 is added over a longer one there.
    if (near >> 24 == 255) near ^= 0x80000000;
    const hash::Prefix p = v4_prefix(near, length);
    const uint32_t group = 1 + random() % 1000;
    ASSERT_EQ(rte_fib_add(theirs, p.address().v4_value(), p.length(), group), 0) << p.to_string();
    ASSERT_EQ(ours.set(p, GroupId{group}), FibResult::kOk);
    add_edges(p, addresses);
  }
  for (int i = 0; i < 300000; ++i) addresses.push_back(static_cast<uint32_t>(random()));

  std::vector<uint64_t> expected(addresses.size());
  ASSERT_EQ(rte_fib_lookup_bulk(theirs, addresses.data(), expected.data(), static_cast<int>(addresses.size())), 0);
  size_t different = 0;
  for (size_t i = 0; i < addresses.size(); ++i) different += raw(ours.lookup(addresses[i])) != expected[i];
  EXPECT_EQ(different, 0u) << "of " << addresses.size();
  rte_fib_free(theirs);
}

INSTANTIATE_TEST_SUITE_P(Seeds, Fib4AgainstRteFib, testing::Values(1u, 2u));

}  // namespace
}  // namespace ecmpd::dataplane
