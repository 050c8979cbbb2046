#include "tests/dataplane/stage_harness.h"

#include <gtest/gtest.h>
#include <rte_byteorder.h>
#include <rte_eal.h>
#include <unistd.h>

#include <array>
#include <cstring>

#include "dataplane/eal.h"
#include "dataplane/stages.h"
#include "tests/dataplane/packet6.h"

namespace ecmpd::dataplane::test {

void start_test_eal() {
  static bool started = false;
  if (std::exchange(started, true)) return;
  std::vector<std::string> words{"test",
                                 "--no-huge",
                                 "--no-shconf",
                                 "--no-telemetry",
                                 "--no-pci",
                                 "-m",
                                 "64",
                                 "-l",
                                 "0",
                                 "--log-level=*:4",
                                 "--file-prefix=stages" + std::to_string(getpid())};
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  ASSERT_GE(rte_eal_init(static_cast<int>(argv.size()), argv.data()), 0);
}

StageHarness::StageHarness() : mempool_(nullptr), ports_(4) {
  static int number = 0;
  const std::string name = "harness" + std::to_string(number++);
  mempool_ = rte_pktmbuf_pool_create(name.c_str(), 1023, 0, 0, RTE_MBUF_DEFAULT_BUF_SIZE, SOCKET_ID_ANY);
  EXPECT_NE(mempool_, nullptr);
  punts_ = std::move(*PuntRing::create(name, 4));
  state_ = std::make_unique<ForwardingState>(rcu_, 1024);
  publisher_ = std::make_unique<Publisher>(*state_, rcu_);
  counters_ = std::make_unique<WorkerCounters>(4, 64);
  publisher_->set_hash_settings(HashSettings(hash::KeyFields::five_tuple(), 7));
  // Sessions come from 10.0.1.0/24 and fd00:1::/64.
  publisher_->set_priority_traffic({.tcp_port = 179,
                                    .sources = {{0x0a000100, 0xffffff00}},
                                    .sources6 = {{{rte_cpu_to_be_64(0xfd00'0001'0000'0000), 0}, {~uint64_t{0}, 0}}}});
  for (unsigned port = 0; port < 4; ++port) {
    ports_[port].index = PortIndex{static_cast<uint16_t>(port)};
    std::memcpy(ports_[port].mac.addr_bytes, port_mac(port).data(), 6);
    PortSpec spec;
    spec.addresses6 = {*hash::IpAddress::parse(port_address6(port))};
    ports_[port].addresses6 = own_addresses6(spec, ports_[port].mac);
  }
  const auto prefix = [](const char* text) { return *hash::Prefix::parse(text); };
  for (unsigned port = 1; port < 4; ++port) {
    Adjacency adjacency{.kind = AdjacencyKind::kForward, .port = PortIndex{static_cast<uint16_t>(port)}};
    std::memcpy(adjacency.destination_mac.data(), neighbor_mac(port).data(), 6);
    std::memcpy(adjacency.source_mac.data(), port_mac(port).data(), 6);
    members.push_back(publisher_->add_adjacency(adjacency));
  }
  const std::array<AdjacencyId, 4> table{members[0], members[1], members[2], members[0]};
  service = publisher_->create_group(table, false);
  const GroupId single = publisher_->create_group({&members[0], 1}, false);
  const AdjacencyId glean = publisher_->add_adjacency({.kind = AdjacencyKind::kGlean, .port = PortIndex{1}});
  EXPECT_TRUE(publisher_->set_route(prefix("203.0.113.0/24"), service));
  EXPECT_TRUE(publisher_->set_route(prefix("198.51.100.0/24"), single));
  const GroupId unresolved = publisher_->create_group({&kUnresolvedAdjacency, 1}, false);
  const GroupId subnet = publisher_->create_group({&glean, 1}, false);
  const GroupId local = publisher_->create_group({&kLocalAdjacency, 1}, false);
  EXPECT_TRUE(publisher_->set_route(prefix("192.0.2.0/24"), unresolved));
  EXPECT_TRUE(publisher_->set_route(prefix("10.0.1.0/24"), subnet));
  EXPECT_TRUE(publisher_->set_route(prefix("10.0.0.1/32"), local));
  EXPECT_TRUE(publisher_->set_route(prefix("2001:db8:113::/48"), service));
  EXPECT_TRUE(publisher_->set_route(prefix("2001:db8:51::/48"), single));
  EXPECT_TRUE(publisher_->set_route(prefix("2001:db8:2::/48"), unresolved));
  EXPECT_TRUE(publisher_->set_route(prefix("fd00:1::/64"), subnet));
  for (unsigned port = 0; port < 4; ++port) {
    EXPECT_TRUE(publisher_->set_route({*hash::IpAddress::parse(port_address6(port)), 128}, local));
  }
}

StageHarness::~StageHarness() {
  publisher_.reset();
  punts_.reset();
  EXPECT_EQ(rte_mempool_in_use_count(mempool_), 0u) << "packets were leaked";
  rte_mempool_free(mempool_);
}

rte_mbuf* StageHarness::to_mbuf(const Bytes& frame) const {
  rte_mbuf* packet = rte_pktmbuf_alloc(mempool_);
  char* room = rte_pktmbuf_append(packet, static_cast<uint16_t>(frame.size()));
  std::memcpy(room, frame.data(), frame.size());
  return packet;
}

/// As a worker does: IPv4 packets, then IPv6 ones.
std::vector<rte_mbuf*> StageHarness::forward_burst(Burst& burst, unsigned in_port) {
  Exits exits(*counters_, *punts_);
  std::vector<rte_mbuf*> sent;
  const auto take_through = [&](auto& packets) {
    lookup(packets, *state_);
    select(packets, *state_);
    rewrite(packets, *state_, *counters_, exits);
    sent.insert(sent.end(), packets.mbuf.begin(), packets.mbuf.begin() + packets.count);
  };
  Burst6 burst6;
  parse(burst, burst6, ports_[in_port], exits);
  take_through(burst);
  take_through(burst6);
  return sent;
}

Result StageHarness::run(const Bytes& frame, unsigned in_port, uint64_t mbuf_flags) {
  std::array<uint64_t, kDropReasonCount> before;
  for (unsigned i = 0; i < kDropReasonCount; ++i) before[i] = counters_->drops[i].get();
  Burst burst;
  burst.count = 1;
  burst.mbuf[0] = to_mbuf(frame);
  burst.mbuf[0]->ol_flags |= mbuf_flags;
  const std::vector<rte_mbuf*> sent = forward_burst(burst, in_port);

  Result result;
  for (unsigned i = 0; i < kDropReasonCount; ++i) {
    if (counters_->drops[i].get() != before[i]) result.dropped = DropReason{static_cast<uint8_t>(i)};
  }
  rte_mbuf* out = sent.empty() ? nullptr : sent[0];
  if (out != nullptr) result.port = out->port;
  for (unsigned lane = 0; lane < PuntRing::kLanes; ++lane) {
    if (punts_->take(lane, {&out, 1}) == 1) result.punted = PuntRing::class_of(out);
  }
  if (out != nullptr) {
    const auto* bytes = rte_pktmbuf_mtod(out, const uint8_t*);
    result.frame.assign(bytes, bytes + out->data_len);
    rte_pktmbuf_free(out);
  }
  return result;
}

void StageHarness::run_burst(const std::vector<Bytes>& frames, const std::function<void(const rte_mbuf*)>& sent) {
  Burst burst;
  burst.count = static_cast<unsigned>(frames.size());
  for (unsigned i = 0; i < burst.count; ++i) burst.mbuf[i] = to_mbuf(frames[i]);
  for (rte_mbuf* packet : forward_burst(burst, 0)) {
    sent(packet);
    rte_pktmbuf_free(packet);
  }
  rte_mbuf* punted = nullptr;
  for (unsigned lane = 0; lane < PuntRing::kLanes; ++lane) {
    while (punts_->take(lane, {&punted, 1}) == 1) rte_pktmbuf_free(punted);
  }
}

uint64_t StageHarness::drops() const {
  uint64_t sum = 0;
  for (const Counter& counter : counters_->drops) sum += counter.get();
  return sum;
}

uint64_t StageHarness::punts() const {
  uint64_t sum = 0;
  for (const Counter& counter : counters_->punted) sum += counter.get();
  return sum;
}

}  // namespace ecmpd::dataplane::test
