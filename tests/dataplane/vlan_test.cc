// Sorting what comes in by a trunk, and tagging what leaves by a sub-port.
#include "dataplane/vlan.h"

#include <gtest/gtest.h>
#include <rte_byteorder.h>
#include <rte_ether.h>

#include <algorithm>

#include "dataplane/eal.h"
#include "tests/dataplane/packet.h"
#include "tests/dataplane/stage_harness.h"

namespace ecmpd::dataplane::test {
namespace {

class VlanTest : public testing::Test {
 protected:
  VlanTest() : counters_(3, 1) {
    start_test_eal();
    pool_ = rte_pktmbuf_pool_create("vlan", 255, 0, 0, RTE_PKTMBUF_HEADROOM + 2048, SOCKET_ID_ANY);
    trunk_.vlans = &table_;
    ten_.index = PortIndex{1};
    ten_.vlan = 10;
    twenty_.index = PortIndex{2};
    twenty_.vlan = 20;
    table_.port[10] = &ten_;
    table_.port[20] = &twenty_;
  }
  ~VlanTest() override { rte_mempool_free(pool_); }

  rte_mbuf* mbuf(const Bytes& frame) {
    rte_mbuf* out = rte_pktmbuf_alloc(pool_);
    std::copy(frame.begin(), frame.end(),
              reinterpret_cast<uint8_t*>(rte_pktmbuf_append(out, static_cast<uint16_t>(frame.size()))));
    return out;
  }
  /// As a device hands it over that has taken the tag off.
  rte_mbuf* stripped(const Bytes& frame, uint16_t tci) {
    rte_mbuf* out = mbuf(frame);
    out->vlan_tci = tci;
    out->ol_flags |= RTE_MBUF_F_RX_VLAN | RTE_MBUF_F_RX_VLAN_STRIPPED;
    return out;
  }
  static Bytes bytes(const rte_mbuf* packet) {
    const auto* data = rte_pktmbuf_mtod(packet, const uint8_t*);
    return {data, data + packet->data_len};
  }
  void receive(std::vector<rte_mbuf*> packets) {
    burst_.count = static_cast<unsigned>(packets.size());
    std::copy(packets.begin(), packets.end(), burst_.mbuf.begin());
    sort_.emplace(burst_, trunk_, counters_);
  }
  /// The frames that come next, all of one port.
  std::vector<Bytes> next(const PortFacts* port) {
    EXPECT_EQ(sort_->next(burst_), port);
    std::vector<Bytes> out;
    for (unsigned i = 0; i < burst_.count; ++i) {
      out.push_back(bytes(burst_.mbuf[i]));
      rte_pktmbuf_free(burst_.mbuf[i]);
    }
    return out;
  }
  void expect_rx(unsigned port, uint64_t packets, uint64_t bytes) {
    EXPECT_EQ(counters_.port[port].rx.packets.get(), packets) << port;
    EXPECT_EQ(counters_.port[port].rx.bytes.get(), bytes) << port;
  }

  rte_mempool* pool_ = nullptr;
  WorkerCounters counters_;
  PortFacts trunk_, ten_, twenty_;
  VlanTable table_;
  Burst burst_;
  std::optional<VlanSort> sort_;
};

TEST_F(VlanTest, EveryPortGetsItsFramesInOrderWithoutTheTag) {
  const Bytes a = packet().payload(1).frame(), b = packet().payload(2).frame(), c = packet().payload(3).frame();
  // With priority 5; a tag in the frame and one that the device took off are the same.
  receive({mbuf(tagged(a, 10)), mbuf(b), stripped(b, 20), stripped(c, 5 << 13 | 10), mbuf(tagged(b, 5 << 13 | 10))});
  EXPECT_EQ(next(&ten_), (std::vector<Bytes>{a, c, b}));
  EXPECT_EQ(next(&trunk_), (std::vector<Bytes>{b}));
  EXPECT_EQ(next(&twenty_), (std::vector<Bytes>{b}));
  EXPECT_EQ(sort_->next(burst_), nullptr);
  expect_rx(0, 1, b.size());
  expect_rx(1, 3, a.size() + 4 + c.size() + b.size() + 4);
  expect_rx(2, 1, b.size());
}

TEST_F(VlanTest, TagsOfNoSubPortStayForParseToReject) {
  const Bytes frame = packet().frame();
  const std::vector<Bytes> kept = {tagged(frame, 11), tagged(frame, 10, RTE_ETHER_TYPE_QINQ), frame};
  receive({mbuf(kept[0]), mbuf(kept[1]), stripped(kept[2], 11)});
  ASSERT_EQ(sort_->next(burst_), &trunk_);
  ASSERT_EQ(burst_.count, 3u);
  for (unsigned i = 0; i < 3; ++i) EXPECT_EQ(bytes(burst_.mbuf[i]), kept[i]);
  EXPECT_NE(burst_.mbuf[2]->ol_flags & RTE_MBUF_F_RX_VLAN_STRIPPED, 0u);
  rte_pktmbuf_free_bulk(burst_.mbuf.data(), 3);
  expect_rx(0, 3, kept[0].size() + kept[1].size() + kept[2].size());
}

TEST_F(VlanTest, OfTwoTagsTheInnerOneStaysAndAPriorityTagIsNoVlan) {
  const Bytes frame = packet().frame();
  receive({mbuf(tagged(tagged(frame, 20), 10)), mbuf(tagged(frame, 7 << 13)), stripped(frame, 7 << 13)});
  EXPECT_EQ(next(&ten_), (std::vector<Bytes>{tagged(frame, 20)}));
  EXPECT_EQ(next(&trunk_), (std::vector<Bytes>{frame, frame}));
}

TEST_F(VlanTest, APriorityTagIsTakenOffAndNoOther) {
  constexpr uint16_t kPriority = 5 << 13 | 1 << 12;
  const Bytes frame = packet().frame();
  for (rte_mbuf* in : {mbuf(tagged(frame, kPriority)), stripped(frame, kPriority)}) {
    EXPECT_TRUE(take_priority_tag(in));
    EXPECT_EQ(bytes(in), frame);
    EXPECT_EQ(in->vlan_tci, kPriority);
    EXPECT_EQ(in->ol_flags & (RTE_MBUF_F_RX_VLAN | RTE_MBUF_F_RX_VLAN_STRIPPED), RTE_MBUF_F_RX_VLAN);
    EXPECT_FALSE(take_priority_tag(in));
    rte_pktmbuf_free(in);
  }
  const Bytes whole = tagged(frame, kPriority);
  for (rte_mbuf* in :
       {mbuf(frame), mbuf(tagged(frame, kPriority | 1)), stripped(frame, kPriority | 1),
        mbuf(tagged(frame, kPriority, RTE_ETHER_TYPE_QINQ)), mbuf(Bytes(whole.begin(), whole.begin() + 17))}) {
    const Bytes before = bytes(in);
    const uint64_t flags = in->ol_flags;
    EXPECT_FALSE(take_priority_tag(in));
    EXPECT_EQ(bytes(in), before);
    EXPECT_EQ(in->ol_flags, flags);
    rte_pktmbuf_free(in);
  }
}

TEST_F(VlanTest, FramesThatEndInTheTagAreTheTrunks) {
  const Bytes whole = tagged(packet().frame(), 10);
  for (size_t size = 12; size < 18; ++size) {
    receive({mbuf(Bytes(whole.begin(), whole.begin() + static_cast<ptrdiff_t>(size)))});
    EXPECT_EQ(next(&trunk_).size(), 1u);
  }
}

TEST_F(VlanTest, WhatLeavesIsTaggedInTheFrameOrByTheDevice) {
  const Bytes frame = packet().frame();
  rte_mbuf* sent = mbuf(frame);
  ASSERT_TRUE(put_tag(sent, twenty_));
  EXPECT_EQ(bytes(sent), tagged(frame, 20));
  EXPECT_EQ(sent->ol_flags & RTE_MBUF_F_TX_VLAN, 0u);
  rte_pktmbuf_free(sent);

  twenty_.inserts_tag = true;
  sent = mbuf(frame);
  ASSERT_TRUE(put_tag(sent, twenty_));
  EXPECT_EQ(bytes(sent), frame);
  EXPECT_EQ(sent->vlan_tci, 20);
  EXPECT_NE(sent->ol_flags & RTE_MBUF_F_TX_VLAN, 0u);
  rte_pktmbuf_free(sent);
}

TEST_F(VlanTest, PriorityAndDropEligibilityAreKept) {
  constexpr uint16_t kPriority = 5 << 13 | 1 << 12;
  const Bytes frame = packet().frame();
  const auto again = [&](rte_mbuf* in, const PortFacts* by) {
    receive({in});
    EXPECT_EQ(sort_->next(burst_), by);
    EXPECT_TRUE(put_tag(in, twenty_));
    EXPECT_EQ(in->ol_flags & RTE_MBUF_F_RX_VLAN_STRIPPED, 0u);
    const Bytes out = bytes(in);
    const uint16_t tci = in->vlan_tci;
    rte_pktmbuf_free(in);
    return std::pair(out, tci);
  };
  for (const bool by_device : {false, true}) {
    twenty_.inserts_tag = by_device;
    const auto expect = [&](uint16_t tci) { return std::pair(by_device ? frame : tagged(frame, tci), tci); };
    EXPECT_EQ(again(mbuf(tagged(frame, kPriority | 10)), &ten_), expect(kPriority | 20));
    EXPECT_EQ(again(stripped(frame, kPriority | 10), &ten_), expect(kPriority | 20));
    EXPECT_EQ(again(mbuf(tagged(frame, kPriority)), &trunk_), expect(kPriority | 20)) << "a priority tag";
    EXPECT_EQ(again(mbuf(tagged(frame, 10)), &ten_), expect(20));
    EXPECT_EQ(again(mbuf(frame), &trunk_), expect(20));
    rte_mbuf* stale = mbuf(frame);
    stale->vlan_tci = 0xffff;  // as some devices leave it when there was no tag
    EXPECT_EQ(again(stale, &trunk_), expect(20));
  }
}

TEST_F(VlanTest, WithoutRoomForTheTagItSaysSo) {
  rte_mbuf* sent = mbuf(packet().frame());
  ASSERT_NE(rte_pktmbuf_prepend(sent, rte_pktmbuf_headroom(sent) - 3), nullptr);
  EXPECT_FALSE(put_tag(sent, ten_));
  rte_pktmbuf_free(sent);
}

}  // namespace
}  // namespace ecmpd::dataplane::test
