// DPDK's TRIE as an oracle: a table with the lengths of the Internet, grown, then with half of it taken away again.
#include <gtest/gtest.h>
#include <rte_fib6.h>

#include <random>
#include <set>
#include <vector>

#include "dataplane/fib6.h"
#include "tests/dataplane/fib6_prefixes.h"
#include "tests/dataplane/fib_oracle.h"
#include "tests/dataplane/rcu_manual_grace.h"
#include "tests/dataplane/rte_fib_eal.h"

namespace ecmpd::dataplane {
namespace {

class Fib6AgainstRteFib6 : public testing::TestWithParam<uint32_t> {
 protected:
  void compare(rte_fib6* theirs, const Fib6& ours, const std::vector<hash::IpAddress>& addresses) {
    std::vector<std::array<uint8_t, 16>> flat(addresses.size());
    std::vector<const uint8_t*> pointers;
    for (size_t i = 0; i < addresses.size(); ++i) {
      std::copy_n(addresses[i].bytes(), 16, flat[i].begin());
      pointers.push_back(addresses[i].bytes());
    }
    std::vector<uint64_t> expected(addresses.size());
    ASSERT_EQ(rte_fib6_lookup_bulk(theirs, reinterpret_cast<uint8_t(*)[16]>(flat.data()), expected.data(),
                                   static_cast<int>(addresses.size())),
              0);
    std::vector<GroupId> bulk(addresses.size());
    ours.lookup_bulk(pointers.data(), bulk.data(), static_cast<unsigned>(addresses.size()));
    size_t different = 0;
    for (size_t i = 0; i < addresses.size(); ++i) {
      different += raw(ours.lookup(pointers[i])) != expected[i];
      different += raw(bulk[i]) != expected[i];
    }
    EXPECT_EQ(different, 0u) << "of " << 2 * addresses.size();
  }
};

TEST_P(Fib6AgainstRteFib6, SameAnswers) {
  constexpr int kPrefixes = 20000;
  std::mt19937 random(GetParam());
  rte_fib6_conf conf{};
  conf.type = RTE_FIB6_TRIE;
  conf.default_nh = 0;
  conf.max_routes = kPrefixes * 3;  // its trie also has inner nodes
  conf.trie.nh_sz = RTE_FIB6_TRIE_4B;
  conf.trie.num_tbl8 = kPrefixes * 13;
  rte_fib6* theirs = rte_fib6_create("oracle", 0, &conf);
  ASSERT_NE(theirs, nullptr);
  ManualGrace grace;
  Fib6 ours(grace, kPrefixes * 2);

  std::vector<hash::IpAddress> addresses;
  std::set<hash::Prefix> prefixes;
  for (int i = 0; i < kPrefixes; ++i) {
    const auto length = static_cast<uint8_t>(i == 0 ? 0 : internet_length(random));
    const hash::Prefix p(clustered_address(random, i % 2 == 0 ? 2 : 8), length);
    const uint32_t group = 1 + random() % 1000;
    ASSERT_EQ(rte_fib6_add(theirs, p.address().bytes(), p.length(), group), 0) << p.to_string();
    ASSERT_EQ(ours.set(p, GroupId{group}), FibResult::kOk);
    grace.elapse();
    prefixes.insert(p);
    add_edges(p, addresses);
  }
  for (int i = 0; i < 100000; ++i) addresses.push_back(clustered_address(random, 2 + i % 7));
  compare(theirs, ours, addresses);

  for (const hash::Prefix& p : prefixes) {
    if (random() % 2 == 0) continue;
    ASSERT_EQ(rte_fib6_delete(theirs, p.address().bytes(), p.length()), 0) << p.to_string();
    ASSERT_TRUE(ours.remove(p));
    grace.elapse();
  }
  compare(theirs, ours, addresses);
  rte_fib6_free(theirs);
}

INSTANTIATE_TEST_SUITE_P(Seeds, Fib6AgainstRteFib6, testing::Values(1u, 2u));

}  // namespace
}  // namespace ecmpd::dataplane
