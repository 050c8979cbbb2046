// What tx tells of packets while somebody traces or captures, and what it drops, over a device that gives back what it
// was given (net_ring), a VLAN on it, and a port without link.
#include "dataplane/tx.h"

#include <gtest/gtest.h>
#include <rte_dev.h>
#include <rte_ethdev.h>

#include <algorithm>

#include "dataplane/watch.h"
#include "tests/dataplane/packet.h"
#include "tests/dataplane/stage_harness.h"

namespace ecmpd::dataplane::test {
namespace {

constexpr PortIndex kTrunk{0}, kSubPort{1}, kDown{2};
constexpr unsigned kPorts = 3;
constexpr uint16_t kVlan = 10;
constexpr uint16_t kLeastMtu = 68;
const char* const kDevice = "net_ring_tx";

struct Seen {
  WatchRecord record;
  Bytes bytes;
  Bytes rewritten() const { return {record.rewritten.begin(), record.rewritten.begin() + record.rewritten_size}; }
};

class TxTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    start_test_eal();
    ASSERT_EQ(rte_eal_hotplug_add("vdev", kDevice, ""), 0);
    pool_ = rte_pktmbuf_pool_create("tx", 2047, 0, 0, RTE_PKTMBUF_HEADROOM + 4096, SOCKET_ID_ANY);
    ASSERT_NE(pool_, nullptr);
    auto opened =
        Port::open({.name = "wire", .driver = DriverKind::kVdev, .device = kDevice, .trunk = true, .addresses6 = {}},
                   kTrunk, 1, pool_, events_);
    ASSERT_TRUE(opened) << opened.error().text;
    trunk_ = std::move(*opened);
    sub_port_ = Port::open_vlan(
        *trunk_, {.name = "v", .driver = DriverKind::kVdev, .device = kDevice, .vlan = kVlan, .addresses6 = {}},
        kSubPort);
  }
  static void TearDownTestSuite() {
    sub_port_.reset();
    trunk_.reset();
  }
  void SetUp() override {
    down_.index = kDown;
    down_.mtu = kLeastMtu;
    ring_ = std::move(*PuntRing::create("tx", kPorts));
    exits_ = std::make_unique<Exits>(counters_, *ring_, errors_);
    const std::array<const PortFacts*, kPorts> ports{&trunk_->facts(), &sub_port_->facts(), &down_};
    transmitter_ = std::make_unique<Transmitter>(ports, uint16_t{0}, counters_, *exits_);
  }
  void TearDown() override { EXPECT_EQ(rte_mempool_in_use_count(pool_), 0u) << "packets were leaked"; }

  Recorder& watch(WatchSpec spec) {
    watch_ = std::make_unique<Watch>(std::move(spec), 1, kPorts);
    exits_->record(watch_->recorder(0));
    return *watch_->recorder(0);
  }
  std::vector<Seen> seen() {
    std::vector<Seen> out;
    watch_->take(1000, [&out](const WatchRecord& record, const uint8_t* bytes) {
      out.push_back({record, Bytes(bytes, bytes + record.captured)});
    });
    return out;
  }
  static rte_mbuf* mbuf(const Bytes& frame) {
    rte_mbuf* out = rte_pktmbuf_alloc(pool_);
    std::ranges::copy(frame, reinterpret_cast<uint8_t*>(rte_pktmbuf_append(out, static_cast<uint16_t>(frame.size()))));
    return out;
  }
  static Bytes bytes_of(const rte_mbuf* packet) {
    const auto* data = rte_pktmbuf_mtod(packet, const uint8_t*);
    return {data, data + packet->data_len};
  }
  /// A frame that has come and been rewritten, from here on.
  void leave(const Bytes& frame, PortIndex by) {
    rte_mbuf* packet = mbuf(frame);
    if (exits_->recorder() != nullptr) exits_->recorder()->received({&packet, 1}, kTrunk);
    packet->port = raw(by);
    transmitter_->put(packet);
    tx(*transmitter_);
  }
  /// What is on the wire now.
  static std::vector<Bytes> sent() {
    std::array<rte_mbuf*, kBurst> packets;
    const unsigned count = rte_eth_rx_burst(trunk_->facts().dpdk_port, 0, packets.data(), kBurst);
    std::vector<Bytes> out;
    for (rte_mbuf* packet : std::span(packets).first(count)) out.push_back(bytes_of(packet));
    rte_pktmbuf_free_bulk(packets.data(), count);
    return out;
  }
  uint64_t drops(DropReason reason) const { return counters_.drops[static_cast<size_t>(reason)].get(); }

  static inline rte_mempool* pool_ = nullptr;
  static inline LinkEvents events_;
  static inline std::unique_ptr<Port> trunk_, sub_port_;
  PortFacts down_;
  WorkerCounters counters_{kPorts, 1};
  Rcu rcu_;
  ForwardingState state_{rcu_, 64};
  IcmpLimits limits_{kPorts, 0};
  IcmpOriginator errors_{state_, limits_, counters_};
  std::unique_ptr<PuntRing> ring_;
  std::unique_ptr<Exits> exits_;
  std::unique_ptr<Transmitter> transmitter_;
  std::unique_ptr<Watch> watch_;
};

TEST_F(TxTest, WhoWatchesASubPortSeesItsFramesWithoutTheTag) {
  // "udp port 53" in its shortest form: protocol 17, destination port 53 behind a header without options.
  const std::vector<FilterInstruction> program = {{0x30, 0, 0, 23}, {0x15, 0, 3, 17},     {0x28, 0, 0, 36},
                                                  {0x15, 0, 1, 53}, {0x06, 0, 0, 0xffff}, {0x06, 0, 0, 0}};
  watch({.filter = PacketFilter(program), .port = {}, .snap_length = 2000, .frames_out = true});
  const Bytes wanted = packet().udp(1000, 53).frame(), other = packet().udp(1000, 54).frame();
  for (const PortIndex by : {kSubPort, kTrunk}) {
    SCOPED_TRACE(raw(by));
    leave(other, by);
    leave(wanted, by);
    const auto on_wire = [by](const Bytes& frame) { return by == kSubPort ? tagged(frame, kVlan) : frame; };
    EXPECT_EQ(sent(), (std::vector{on_wire(other), on_wire(wanted)})) << "who looks changes nothing";
    const auto records = seen();
    ASSERT_EQ(records.size(), 2u);
    EXPECT_EQ(records[0].record.as, WatchedAs::kReceived);
    EXPECT_EQ(records[0].rewritten(), wanted);
    EXPECT_EQ(records[1].record.as, WatchedAs::kLeaves);
    EXPECT_EQ(records[1].record.port, by);
    EXPECT_EQ(records[1].record.length, wanted.size());
    EXPECT_EQ(records[1].bytes, wanted);
  }
}

TEST_F(TxTest, WhatComesWithAPriorityTagIsSeenWithoutToo) {
  Recorder& recorder = watch({});
  const Bytes frame = packet().frame();
  for (const Bytes& in : {tagged(frame, 5 << 13), tagged(frame, 11)}) {
    rte_mbuf* received = mbuf(in);
    recorder.received({&received, 1}, kTrunk);
    EXPECT_EQ(bytes_of(received), in) << "parse gets it as it came";
    exits_->drop(received, DropReason::kVlanUnknown);
  }
  const auto records = seen();
  ASSERT_EQ(records.size(), 2u);
  EXPECT_EQ(records[0].bytes, frame);
  EXPECT_EQ(records[1].bytes, tagged(frame, 11)) << "whose tag is nobody's";
}

TEST_F(TxTest, WhatIsDroppedOrFragmentedBehindTheRewriteShowsWhatItHadBecome) {
  watch({});
  const Bytes small = packet().ttl(63).frame();
  leave(small, kDown);
  const Bytes large = packet().ttl(63).payload(500).frame();
  leave(large, kDown);
  const auto records = seen();
  ASSERT_EQ(records.size(), 2u);
  EXPECT_EQ(records[0].record.fate, Fate::kDropped);
  EXPECT_EQ(records[0].record.reason, DropReason::kPortDown);
  EXPECT_EQ(records[0].rewritten(), small);
  EXPECT_EQ(records[1].record.fate, Fate::kFragmented);
  EXPECT_EQ(records[1].record.fragments, 11u);
  const Bytes first = records[1].rewritten();
  ASSERT_EQ(first.size(), WatchRecord::kRewritten);
  EXPECT_TRUE(std::equal(first.begin(), first.begin() + 14, large.begin())) << "Ethernet";
  EXPECT_EQ(first[22], 63);
  EXPECT_EQ(drops(DropReason::kPortDown), 12u);
  EXPECT_EQ(counters_.fragments.get(), 10u);
}

// A queue of net_ring holds 1,023 packets.
TEST_F(TxTest, WhatAFullQueueOrAPortWithoutLinkDoesNotTakeIsDroppedAndNotCountedAsSent) {
  constexpr unsigned kRing = 1023, kPackets = 1100;
  const Bytes frame = packet().frame();
  for (const bool watched : {false, true}) {
    SCOPED_TRACE(watched);
    if (watched) watch({});
    const uint64_t sent_before = counters_.port[raw(kTrunk)].tx.packets.get();
    const uint64_t full_before = drops(DropReason::kTxQueueFull), down_before = drops(DropReason::kPortDown);
    for (unsigned i = 0; i < kPackets; ++i) {
      rte_mbuf* packet = mbuf(frame);
      packet->port = raw(kTrunk);
      transmitter_->put(packet);
    }
    tx(*transmitter_);
    leave(frame, kDown);
    EXPECT_EQ(counters_.port[raw(kTrunk)].tx.packets.get() - sent_before, kRing);
    EXPECT_EQ(drops(DropReason::kTxQueueFull) - full_before, kPackets - kRing);
    EXPECT_EQ(drops(DropReason::kPortDown) - down_before, 1u);
    unsigned came = 0;
    for (size_t some = 1; some != 0; came += static_cast<unsigned>(some)) some = sent().size();
    EXPECT_EQ(came, kRing);
  }
  EXPECT_EQ(counters_.port[raw(kTrunk)].tx.bytes.get(), 2 * kRing * frame.size());
  EXPECT_EQ(counters_.port[raw(kDown)].tx.packets.get(), 0u);
  EXPECT_EQ(counters_.port[raw(kDown)].tx.bytes.get(), 0u);
}

TEST_F(TxTest, MoreFragmentsThanTheMostAreTooLongForTheMtu) {
  watch({});
  // A header of 60 bytes leaves 8 to each.
  const Bytes frame = packet().options(Bytes(40, 1)).payload(3000).frame();
  leave(frame, kDown);
  EXPECT_EQ(drops(DropReason::kMtuExceeded), 1u);
  EXPECT_EQ(drops(DropReason::kNoBuffer), 0u) << "there was memory";
  EXPECT_EQ(counters_.fragments.get(), 0u);
  const auto records = seen();
  ASSERT_EQ(records.size(), 1u);
  EXPECT_EQ(records[0].record.reason, DropReason::kMtuExceeded);
  EXPECT_EQ(records[0].rewritten(), Bytes(frame.begin(), frame.begin() + WatchRecord::kRewritten));
}

}  // namespace
}  // namespace ecmpd::dataplane::test
