#include "hash/lab/workload.h"

#include <gtest/gtest.h>

#include <set>

#include "hash/lab/units.h"

namespace ecmpd::hash::lab {
namespace {

constexpr uint32_t kFlows = 100'000;

class EveryWorkload : public testing::TestWithParam<const Workload*> {};

/// Counted with the collector, which looks for equal keys.
TEST_P(EveryWorkload, FlowsAreDistinctAndOfOneFamily) {
  Random random(5);
  const FlowSource source = GetParam()->open(random);
  UnitCollector collector(0);
  std::set<Family> families;
  for (uint32_t i = 0; i < kFlows; ++i) {
    const Tuple flow = source(i);
    families.insert(flow.src.family());
    collector.add(key_from_tuple(flow, KeyFields::five_tuple()), 1, 1);
  }
  EXPECT_EQ(collector.take().size(), kFlows);
  EXPECT_EQ(families.size(), 1u);
}

TEST_P(EveryWorkload, IsAFunctionOfTheSeed) {
  const auto keys = [](uint64_t seed) {
    const Units units = make_units(*GetParam(), 1000, KeyFields::five_tuple(), seed);
    return std::pair(units.keys4, units.keys6);
  };
  EXPECT_EQ(keys(1), keys(1));
  EXPECT_NE(keys(1), keys(2));
}

TEST_P(EveryWorkload, BothWaysToUnitsAgree) {
  KeyFields without_protocol = KeyFields::five_tuple();
  without_protocol.protocol = false;  // all flows of one workload but uniform's have the same
  const Units collected = make_units(*GetParam(), 3000, without_protocol, 9);
  const Units direct = make_units(*GetParam(), 3000, KeyFields::five_tuple(), 9);
  EXPECT_EQ(collected.size(), direct.size());
  EXPECT_EQ(collected.flows, direct.flows);
  EXPECT_EQ(collected.bytes, direct.bytes);
}

std::vector<const Workload*> all() {
  std::vector<const Workload*> list;
  for (const Workload& workload : workloads()) list.push_back(&workload);
  return list;
}

INSTANTIATE_TEST_SUITE_P(Workloads, EveryWorkload, testing::ValuesIn(all()), [](const auto& test) {
  std::string name(test.param->name);
  std::erase(name, '-');
  return name;
});

TEST(Units, FlowsOfOneKeyAreOneUnit) {
  const Units units = make_units(*find_workload("few-clients"), 1600, KeyFields::three_tuple(), 1);
  EXPECT_EQ(units.size(), 16u);
  EXPECT_EQ(units.flows, std::vector<uint64_t>(16, 100));
  EXPECT_EQ(units.bytes, std::vector<uint64_t>(16, 150'000));
}

TEST(Units, FamiliesAreKeptApartAndInOrder) {
  Key4 four;
  Key6 six;
  four.bytes[15] = six.bytes[39] = 1;
  UnitCollector collector(1);
  for (int round = 0; round < 3; ++round) {
    collector.add(six, 1, 10);
    collector.add(four, 2, 20);
    collector.add(Key6{}, 1, 1);
  }
  const Units units = collector.take();
  EXPECT_EQ(units.keys4, std::vector<Key4>{four});
  EXPECT_EQ(units.keys6, (std::vector<Key6>{six, Key6{}}));
  EXPECT_EQ(units.flows, (std::vector<uint64_t>{6, 3, 3}));
  EXPECT_EQ(units.bytes, (std::vector<uint64_t>{60, 30, 3}));
}

}  // namespace
}  // namespace ecmpd::hash::lab
