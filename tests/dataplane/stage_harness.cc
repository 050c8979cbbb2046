#include "tests/dataplane/stage_harness.h"

#include <gtest/gtest.h>
#include <rte_eal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "dataplane/eal.h"
#include "dataplane/fragment.h"
#include "dataplane/rewrite_burst.h"
#include "dataplane/stages.h"
#include "tests/dataplane/sent.h"
#include "tests/dataplane/world_state.h"

namespace ecmpd::dataplane::test {

namespace {
constexpr uint16_t kMbufRoom = RTE_PKTMBUF_HEADROOM + 9216;  // a jumbo frame in one segment
}  // namespace

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

StageHarness::StageHarness(uint32_t icmp_rate) : mempool_(nullptr), ports_(world_ports()) {
  static int number = 0;
  const std::string name = "harness" + std::to_string(number++);
  mempool_ = rte_pktmbuf_pool_create(name.c_str(), 511, 0, 0, kMbufRoom, SOCKET_ID_ANY);
  EXPECT_NE(mempool_, nullptr);
  const auto ports = static_cast<unsigned>(ports_.size());
  punts_ = std::move(*PuntRing::create(name, ports));
  state_ = std::make_unique<ForwardingState>(rcu_, 1024);
  publisher_ = std::make_unique<Publisher>(*state_, rcu_);
  counters_ = std::make_unique<WorkerCounters>(ports, 64);
  limits_ = std::make_unique<IcmpLimits>(ports, icmp_rate);
  errors_ = std::make_unique<IcmpOriginator>(*state_, *limits_, *counters_);
  publish_world(*publisher_);
}

StageHarness::~StageHarness() {
  errors_.reset();
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

namespace {

Bytes bytes_of(const rte_mbuf* packet) {
  Bytes out(packet->pkt_len);
  const void* bytes = rte_pktmbuf_read(packet, 0, packet->pkt_len, out.data());
  if (bytes != out.data()) std::memcpy(out.data(), bytes, out.size());
  return out;
}
}  // namespace

std::vector<rte_mbuf*> StageHarness::forward_burst(Burst& burst, unsigned in_port) {
  Exits exits(*counters_, *punts_, *errors_);
  exits.record(recorder_);
  if (recorder_ != nullptr) {
    recorder_->received({burst.mbuf.data(), burst.count}, PortIndex{static_cast<uint16_t>(in_port)});
  }
  Burst6 burst6;
  burst.kernels = kernels_;
  parse(burst, burst6, ports_[in_port], exits);
  return take_through(burst, burst6);
}

/// As a worker does: IPv4 packets, then IPv6 ones.
std::vector<rte_mbuf*> StageHarness::take_through(Burst& burst, Burst6& burst6) {
  Exits exits(*counters_, *punts_, *errors_);
  exits.record(recorder_);
  burst.recorder = burst6.recorder = recorder_;
  Sent out;
  std::vector<rte_mbuf*>& sent = out.packets;
  lookup(burst, *state_);
  select(burst, *state_);
  rewriting::rewrite_as<rewriting::Ipv4>(burst, *state_, *counters_, exits, out);
  lookup(burst6, *state_);
  select(burst6, *state_);
  rewriting::rewrite_as<rewriting::Ipv6>(burst6, *state_, *counters_, exits, out);
  EXPECT_EQ(out.wrong_bytes, 0u);
  if (recorder_ != nullptr && !sent.empty()) {
    recorder_->sending(sent, PortIndex{sent[0]->port});
    recorder_->sent(static_cast<unsigned>(sent.size()));
  }
  return sent;
}

Result StageHarness::run(const Bytes& frame, unsigned in_port, uint64_t mbuf_flags, uint32_t packet_type) {
  rte_mbuf* packet = to_mbuf(frame);
  packet->ol_flags |= mbuf_flags;
  packet->packet_type = packet_type;
  return run(packet, in_port);
}

Result StageHarness::run_segments(const Bytes& frame, size_t segment, unsigned in_port) {
  rte_mbuf* packet = nullptr;
  for (size_t place = 0; place < frame.size(); place += segment) {
    const size_t end = std::min(place + segment, frame.size());
    rte_mbuf* next = to_mbuf(Bytes(frame.begin() + static_cast<long>(place), frame.begin() + static_cast<long>(end)));
    if (packet == nullptr) {
      packet = next;
    } else {
      EXPECT_EQ(rte_pktmbuf_chain(packet, next), 0);
    }
  }
  return run(packet, in_port);
}

Result StageHarness::run(rte_mbuf* packet, unsigned in_port) {
  std::array<uint64_t, kDropReasonCount> before;
  for (unsigned i = 0; i < kDropReasonCount; ++i) before[i] = counters_->drops[i].get();
  Burst burst;
  burst.count = 1;
  burst.mbuf[0] = packet;
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
    result.frame = bytes_of(out);
    if (result.port) {
      result.pieces = transmit(out);
    } else {
      rte_pktmbuf_free(out);
    }
  }
  take_error(result);
  return result;
}

/// As tx does, which needs a device.
std::vector<Bytes> StageHarness::transmit(rte_mbuf* packet) const {
  const uint16_t mtu = ports_[packet->port].mtu;
  std::array<rte_mbuf*, kMaxFragments> pieces{packet};
  unsigned count = 1;
  if (packet->pkt_len > mtu + sizeof(rte_ether_hdr) && may_be_fragmented(packet))
    count = fragment(packet, mtu, pieces).value_or(0);
  EXPECT_GT(count, 0u);
  std::vector<Bytes> out;
  for (unsigned i = 0; i < count; ++i) {
    out.push_back(bytes_of(pieces[i]));
    rte_pktmbuf_free(pieces[i]);
  }
  return out;
}

Result StageHarness::give_up(const Bytes& frame, unsigned in_port, DropReason reason) {
  rte_mbuf* packet = to_mbuf(frame);
  packet->port = static_cast<uint16_t>(in_port);
  Exits exits(*counters_, *punts_, *errors_);
  exits.reject(packet, rte_pktmbuf_mtod_offset(packet, const uint8_t*, 14), reason);
  Result result;
  result.dropped = reason;
  take_error(result);
  return result;
}

/// The worker's second pass.
void StageHarness::take_error(Result& result) {
  Burst burst;
  Burst6 burst6;
  burst.recorder = recorder_;
  errors_->take(burst, burst6);
  for (rte_mbuf* packet : take_through(burst, burst6)) {
    result.error_port = packet->port;
    result.error = bytes_of(packet);
    rte_pktmbuf_free(packet);
  }
  errors_->take_complete(burst6);
  for (unsigned i = 0; i < burst6.count; ++i) {
    result.error_port = burst6.mbuf[i]->port;
    result.error = bytes_of(burst6.mbuf[i]);
    rte_pktmbuf_free(burst6.mbuf[i]);
  }
  free_punted();  // about a packet of the router's own
}

void StageHarness::free_punted() {
  rte_mbuf* punted = nullptr;
  for (unsigned lane = 0; lane < PuntRing::kLanes; ++lane) {
    while (punts_->take(lane, {&punted, 1}) == 1) rte_pktmbuf_free(punted);
  }
}

void StageHarness::run_burst(const std::vector<Bytes>& frames, const std::function<void(const rte_mbuf*)>& sent,
                             const std::function<void(size_t, rte_mbuf*)>& prepare) {
  Burst burst;
  burst.count = static_cast<unsigned>(frames.size());
  for (unsigned i = 0; i < burst.count; ++i) {
    burst.mbuf[i] = to_mbuf(frames[i]);
    if (prepare) prepare(i, burst.mbuf[i]);
  }
  for (rte_mbuf* packet : forward_burst(burst, 0)) {
    sent(packet);
    rte_pktmbuf_free(packet);
  }
  Burst6 burst6;
  errors_->take(burst, burst6);
  rte_pktmbuf_free_bulk(burst.mbuf.data(), burst.count);
  rte_pktmbuf_free_bulk(burst6.mbuf.data(), burst6.count);
  errors_->take_complete(burst6);
  rte_pktmbuf_free_bulk(burst6.mbuf.data(), burst6.count);
  free_punted();
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
