// The compact containers against plain ones of the standard library, under random use.
#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <random>
#include <string>
#include <unordered_map>

#include "control/rib/intern_table.h"
#include "control/rib/nexthop_set.h"
#include "control/rib/path_list.h"
#include "control/rib/prefix_map.h"

namespace ecmpd::control {
namespace {

struct Entry {
  hash::Prefix prefix;
  int value = 0;
};

template <typename Map>
void churn_against_unordered_map() {
  std::mt19937 random(1);
  Map map;
  std::unordered_map<hash::Prefix, int> oracle;
  for (int step = 0; step < 200000; ++step) {
    const bool v6 = random() % 4 == 0;
    const uint8_t bytes[16] = {0x20, 1, static_cast<uint8_t>(random() % 64), static_cast<uint8_t>(random() % 64)};
    const hash::Prefix prefix = v6 ? hash::Prefix(hash::IpAddress::v6(bytes), 32)
                                   : hash::Prefix(hash::IpAddress::v4(0x0a000000u + random() % 4096), 32);
    // Grows for half of the time, then shrinks, so that chains of displaced entries are cut in all places.
    const bool remove = step < 100000 ? random() % 4 == 0 : random() % 4 != 0;
    const auto id = map.find(prefix);
    ASSERT_EQ(id != map.kNone, oracle.contains(prefix));
    if (remove) {
      if (id != map.kNone) map.erase(id);
      oracle.erase(prefix);
    } else {
      const auto [inserted, fresh] = map.insert(prefix);
      ASSERT_EQ(fresh, !oracle.contains(prefix));
      ASSERT_EQ(map[inserted].value, fresh ? 0 : oracle[prefix]);
      map[inserted].value = oracle[prefix] = static_cast<int>(random());
    }
    ASSERT_EQ(map.size(), oracle.size());
  }
  size_t visited = 0;
  map.for_each([&](auto, const Entry& entry) {
    ++visited;
    EXPECT_EQ(entry.value, oracle.at(entry.prefix));
  });
  EXPECT_EQ(visited, oracle.size());
}

TEST(PrefixMap, AgreesWithUnorderedMap) { churn_against_unordered_map<PrefixMap<Entry>>(); }
TEST(PrefixMap, AgreesWhenSlotsHaveNoRoomForMore) {
  churn_against_unordered_map<PrefixMap<Entry, 0, 0>>();
  churn_against_unordered_map<PrefixMap<Entry, 2, 1>>();
  churn_against_unordered_map<PrefixMap<Entry, 5, 21>>();  // of which larger tables have less
}

/// Runs of neighbors, of every length of prefix, at the ends of words too.
TEST(PrefixMap, KeepsNeighborsApart) {
  for (unsigned length = 0; length <= 128; ++length) {
    PrefixMap<Entry> map;
    std::map<hash::Prefix, int> oracle;
    for (int i = 0; i < 300; ++i) {
      uint8_t bytes[16] = {0x20, 1};
      for (unsigned bit = 0; bit < 9 && bit < length; ++bit) {
        const unsigned at = length - 1 - bit;
        bytes[at / 8] = static_cast<uint8_t>(bytes[at / 8] | (i >> bit & 1) << (7 - at % 8));
      }
      const hash::Prefix prefix(hash::IpAddress::v6(bytes), static_cast<uint8_t>(length));
      const auto [id, fresh] = map.insert(prefix);
      ASSERT_EQ(fresh, !oracle.contains(prefix)) << prefix.to_string();
      map[id].value = oracle[prefix] = i;
    }
    for (const auto& [prefix, value] : oracle) {
      const auto id = map.find(prefix);
      ASSERT_NE(id, map.kNone);
      ASSERT_EQ(map[id].value, value);
      map.erase(id);
      ASSERT_EQ(map.find(prefix), map.kNone);
    }
    ASSERT_EQ(map.size(), 0u);
  }
}

TEST(PathList, AgreesWithMap) {
  std::mt19937 random(2);
  PathList list;
  unsigned count = 0;
  std::map<uint16_t, uint32_t> oracle;
  for (int step = 0; step < 50000; ++step) {
    const auto peer = static_cast<uint16_t>(random() % 40);
    const auto found = list.find(count, peer);
    ASSERT_EQ(!found.empty(), oracle.contains(peer));
    if (!found.empty()) {
      ASSERT_EQ(found.size(), 1u);
      ASSERT_EQ(found[0].value, oracle[peer]);
      list.erase(count--, &found[0]);
      oracle.erase(peer);
    } else if (random() % 40 > oracle.size()) {
      const auto attributes = static_cast<uint32_t>(random());
      list.insert(count++, {.value = attributes, .peer = peer});
      oracle[peer] = attributes;
    }
    const auto view = list.view(count);
    ASSERT_EQ(view.size(), oracle.size());
    size_t i = 0;
    for (const auto& [key, value] : oracle) {
      ASSERT_EQ(view[i].peer, key);
      ASSERT_EQ(view[i++].value, value);
    }
  }
  list.clear(count);
}

TEST(InternTable, EqualValuesShareAnIdWhileReferenced) {
  InternTable<std::string, std::hash<std::string>> table;
  const auto a = table.acquire("a");
  const auto b = table.acquire("b");
  EXPECT_NE(a, b);
  EXPECT_EQ(table.acquire("a"), a);
  EXPECT_EQ(table.references(a), 2u);
  table.release(a);
  EXPECT_EQ(table.get(a), "a");
  table.release(a);
  EXPECT_EQ(table.size(), 1u);
  const auto c = table.acquire("c");
  EXPECT_EQ(c, a) << "freed ids are used again";
  EXPECT_EQ(table.get(c), "c");
  EXPECT_NE(table.acquire("a"), c);
}

TEST(NexthopSet, NormalizeSortsAndMerges) {
  const auto address = [](uint8_t n) { return hash::IpAddress::v4(0x0a000000u + n); };
  NexthopSet set = {{address(3), 1}, {address(1), 2}, {address(3), 4}, {address(2), 65535}, {address(2), 1}};
  normalize(set);
  EXPECT_EQ(to_string(set), "10.0.0.1 weight 2, 10.0.0.2 weight 65535, 10.0.0.3 weight 5");
  NexthopSet none;
  normalize(none);
  EXPECT_TRUE(none.empty());
}

}  // namespace
}  // namespace ecmpd::control
