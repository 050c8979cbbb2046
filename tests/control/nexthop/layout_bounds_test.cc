// What is remembered of layouts ends somewhere, however long nodes and services come and go.
#include <gtest/gtest.h>

#include "control/log.h"
#include "tests/control/nexthop/installer_fixture.h"

namespace ecmpd::control {
namespace {

size_t steps_of(const World& world) {
  const LayoutRecord record = world.installer->record();
  EXPECT_EQ(record.layouts.size(), 1u);
  return record.layouts.empty() ? 0 : record.layouts[0].lineage.steps.size();
}

TEST(LayoutBounds, AHistoryThatIsFullIsFoundedAnew) {
  std::vector<std::string> lines;
  log::set_sink([&](log::Level, std::string_view, std::string_view text) { lines.emplace_back(text); });
  World world;
  world.options.layouts.forget_after = 1h;
  world.start();
  world.announce(1, {1, 2, 3, 4});
  for (unsigned n = 1; n <= 4; ++n) world.up(n);
  world.apply();
  unsigned founded = 0;
  for (unsigned n = 5; n < 5 + LayoutRegistry::kMaxSteps / 2 + 80; ++n) {  // each time the oldest node is replaced
    world.wait(2h);
    world.installer->expire(world.now);
    const size_t before = steps_of(world);
    const Table table = world.table(1);
    world.up(n);
    world.withdraw(1, n - 4);
    world.announce(1, {n});
    world.apply();
    const size_t after = steps_of(world);
    ASSERT_LE(after, LayoutRegistry::kMaxSteps);
    if (after < before) {
      ++founded;
      EXPECT_EQ(lines.size(), founded);
      continue;
    }
    const dataplane::AdjacencyId gone = World::adjacency(n - 4), fresh = World::adjacency(n);
    unsigned moved = 0, buckets = 0;
    for_buckets(table, world.table(1), [&](auto from, auto to) {
      ++buckets;
      if (from != to && from != gone && to != fresh) ++moved;
    });
    ASSERT_EQ(moved, 0u) << "of " << buckets << " at node " << n;
  }
  EXPECT_EQ(founded, 1u) << "two steps for each node";
  log::set_sink({});
}

TEST(LayoutBounds, OnlySoManyLayoutsAreRememberedOfServicesThatAreAway) {
  LayoutRegistry layouts({.seed = 7});
  LayoutMemory memory(layouts);
  const Time start{1000h};
  const auto prefix = [](size_t i) { return hash::Prefix(hash::IpAddress::v4(static_cast<uint32_t>(i)), 32); };
  constexpr size_t kLimit = LayoutMemory::kMaxLayouts;
  for (size_t i = 0; i < kLimit + 3; ++i) {
    const auto node = static_cast<uint32_t>(0x0a000000 + 2 * i);
    const hash::Lineage lineage{
        .founders = {{hash::IpAddress::v4(node), 1}, {hash::IpAddress::v4(node + 1), 1}}, .steps = {}, .buckets = 128};
    const LayoutId id = layouts.adopt(lineage, start);
    ASSERT_NE(id, kNoLayout);
    memory.remember(prefix(2 * i), id, start + std::chrono::seconds(i));
    memory.remember(prefix(2 * i + 1), id, start + std::chrono::seconds(i));  // shared: no layout more
    layouts.collect();
  }
  EXPECT_EQ(memory.layouts(), kLimit);
  EXPECT_EQ(memory.size(), 2 * kLimit);
  EXPECT_EQ(layouts.size(), kLimit);
  EXPECT_EQ(memory.take(prefix(5)), kNoLayout) << "the oldest went first";
  const LayoutId back = memory.take(prefix(6));
  EXPECT_NE(back, kNoLayout);
  EXPECT_EQ(memory.layouts(), kLimit) << "the other prefix has it still";
  EXPECT_EQ(memory.take(prefix(7)), back);
  EXPECT_EQ(memory.layouts(), kLimit - 1);
  memory.clear();
  EXPECT_EQ(memory.layouts(), 0u);
}

TEST(LayoutBounds, OnlySoMuchMemoryIsKeptForServicesThatAreAway) {
  LayoutRegistry layouts({.seed = 7});
  LayoutMemory memory(layouts, 1u << 20);
  size_t each = 0;
  for (uint32_t i = 0; i < 20; ++i) {  // the weights alone make large tables
    const hash::Lineage lineage{.founders = {{World::node(1), 1}, {World::node(2), static_cast<uint16_t>(60000 + i)}},
                                .steps = {},
                                .buckets = 65536};
    const LayoutId id = layouts.adopt(lineage, {});
    ASSERT_NE(id, kNoLayout);
    each = layouts.get(id).memory_bytes();
    memory.remember(World::service(i), id, Time{std::chrono::seconds(i)});
    layouts.collect();
    ASSERT_LE(memory.bytes(), 1u << 20);
  }
  EXPECT_GT(each, 65536u * sizeof(uint16_t)) << "each bucket has an owner at least";
  EXPECT_EQ(memory.layouts(), (1u << 20) / each);
  EXPECT_EQ(memory.take(World::service(0)), kNoLayout) << "the oldest went first";
  EXPECT_NE(memory.take(World::service(19)), kNoLayout);
  memory.clear();
  EXPECT_EQ(memory.bytes(), 0u);
}

TEST(LayoutBounds, ARecordThatIsTooLongIsIgnored) {
  LayoutRegistry layouts({.seed = 7});
  hash::Lineage lineage{.founders = {{World::node(1), 1}}, .steps = {}, .buckets = 64};
  for (size_t i = 0; i < LayoutRegistry::kMaxSteps; ++i) {
    const auto kind = i % 2 == 0 ? hash::Lineage::Step::Kind::kJoin : hash::Lineage::Step::Kind::kStrike;
    lineage.steps.push_back({kind, {World::node(2), 1}});
  }
  EXPECT_NE(layouts.adopt(lineage, {}), kNoLayout);
  lineage.steps.push_back({hash::Lineage::Step::Kind::kJoin, {World::node(2), 1}});
  EXPECT_EQ(layouts.adopt(lineage, {}), kNoLayout);
}

}  // namespace
}  // namespace ecmpd::control
