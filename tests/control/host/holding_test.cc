// Packets that wait for a host: in order, bounded, not for long, and none leaks.
#include "control/host/holding.h"

#include <gtest/gtest.h>

#include <vector>

#include "tests/dataplane/stage_harness.h"

namespace ecmpd::control {
namespace {

class HoldingTest : public testing::Test {
 protected:
  HoldingTest() {
    dataplane::test::start_test_eal();
    static rte_mempool* const shared = rte_pktmbuf_pool_create("holding", 1023, 0, 0, 256, SOCKET_ID_ANY);
    pool_ = shared;
  }
  rte_mbuf* packet() { return rte_pktmbuf_alloc(pool_); }
  static hash::IpAddress host(uint32_t number) { return hash::IpAddress::v4(0x0a000000 + number); }
  unsigned in_use() const { return rte_mempool_in_use_count(pool_); }

  rte_mempool* pool_;
};

TEST_F(HoldingTest, AHostsPacketsComeBackInOrder) {
  Holding holding;
  std::vector<rte_mbuf*> held{packet(), packet(), packet()};
  for (rte_mbuf* one : held) holding.hold(host(1), one, 0);
  holding.hold(host(2), packet(), 0);
  std::vector<rte_mbuf*> released;
  holding.release(host(1), [&](rte_mbuf* one) { released.push_back(one); });
  EXPECT_EQ(released, held);
  for (rte_mbuf* one : released) rte_pktmbuf_free(one);
  EXPECT_EQ(in_use(), 1u);
  holding.release(host(1), [](rte_mbuf*) { FAIL() << "twice"; });
}

TEST_F(HoldingTest, WhatDoesNotFitIsDropped) {
  {
    Holding holding;
    for (size_t i = 0; i < Holding::kPerHost + 1; ++i) holding.hold(host(0), packet(), 0);
    EXPECT_EQ(holding.dropped(), 1u);
    for (uint32_t i = 1; i <= Holding::kInAll; ++i) holding.hold(host(i), packet(), 0);
    EXPECT_EQ(holding.dropped(), 1 + Holding::kPerHost);
    EXPECT_EQ(in_use(), Holding::kInAll);
  }
  EXPECT_EQ(in_use(), 0u);
}

TEST_F(HoldingTest, WhatWaitsTooLongIsDroppedAndMakesRoom) {
  Holding holding;
  holding.hold(host(1), packet(), 10);
  holding.hold(host(1), packet(), 11);
  holding.expire(10 + Holding::kSeconds - 1);
  EXPECT_EQ(in_use(), 2u);
  holding.expire(10 + Holding::kSeconds);
  EXPECT_EQ(in_use(), 1u);
  holding.expire(11 + Holding::kSeconds);
  EXPECT_EQ(in_use(), 0u);
  EXPECT_EQ(holding.dropped(), 2u);
  for (uint32_t i = 0; i < Holding::kInAll; ++i) holding.hold(host(i), packet(), 20);
  EXPECT_EQ(holding.dropped(), 2u);
}

}  // namespace
}  // namespace ecmpd::control
