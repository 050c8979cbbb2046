// Workers forward while control changes everything that they read: nothing is freed under them, no packet is lost
// between the counters. Meant for ThreadSanitizer and AddressSanitizer too.
//
// The port is a net_ring: what a worker sends on its queue comes back on it, addressed to the port, until its TTL is
// used up. All packets are taken from the pool before the workers start and none comes back from it, because
// ThreadSanitizer does not see the order that passes through a pool.
#include <gtest/gtest.h>
#include <rte_ethdev.h>
#include <sched.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <thread>

#include "dataplane/burst.h"
#include "dataplane/eal.h"
#include "dataplane/publisher.h"
#include "dataplane/watch.h"
#include "dataplane/worker.h"
#include "hash/random.h"
#include "tests/dataplane/packet.h"

namespace ecmpd::dataplane::test {
namespace {

constexpr unsigned kWorkers = 2;
constexpr unsigned kRing = 1023;      // packets that a queue of net_ring holds: all of worker 0's when it starts
constexpr unsigned kPreloaded = 512;  // of the others
constexpr unsigned kRounds = 2000;    // of changes, with one packet injected in each
constexpr unsigned kPackets = kRing + (kWorkers - 1) * kPreloaded + kBurst + kRounds;
constexpr unsigned kLocalEvery = 8;  // one of so many packets is for the router itself
constexpr unsigned kArpEvery = 16;

hash::Prefix prefix(const char* text) { return *hash::Prefix::parse(text); }

class WorkerThreads : public testing::Test {
 protected:
  void SetUp() override {
    const EalOptions options{
        .worker_cpus = {static_cast<unsigned>(sched_getcpu())}, .vdevs = {"net_ring0"}, .pci = {}, .mbufs = kPackets};
    const auto eal = start_eal(options);
    ASSERT_TRUE(eal) << eal.error();
    auto pool = create_mempool(kPackets, options.mbuf_room);
    ASSERT_TRUE(pool) << pool.error();
    pool_ = *pool;
    auto port = Port::open({.name = "loop", .driver = DriverKind::kVdev, .device = "net_ring0", .addresses6 = {}},
                           PortIndex{0}, kWorkers, pool_, link_events_);
    ASSERT_TRUE(port) << port.error().text;
    port_ = std::move(*port);
    punts_ = std::move(*PuntRing::create("punts", 1));
    context_.reset(new WorkerContext{state_, rcu_, *punts_, limits_, {&port_->facts()}, IdlePolicy::kSleep});
    for (unsigned i = 0; i < kWorkers; ++i) {
      ASSERT_TRUE(rcu_.register_reader(i));
      workers_.push_back(std::make_unique<Worker>(*context_, i, i));
    }
    for (unsigned i = 0; i < kPackets; ++i) {
      packets_.push_back(make_packet());
      ASSERT_NE(packets_.back(), nullptr);
    }
    const GroupId local = publisher_.create_group({&kLocalAdjacency, 1}, hash::Indexing::kLowBits);
    ASSERT_TRUE(publisher_.set_route(prefix("10.0.0.1/32"), local));
    for (unsigned i = 0; i < 4; ++i) members_.push_back(publisher_.add_adjacency(loop()));
    service_ = publisher_.create_group(members_, hash::Indexing::kLowBits);
    ASSERT_TRUE(publisher_.set_route(prefix("203.0.113.0/24"), service_));
  }

  void TearDown() override {
    stop();
    EXPECT_EQ(rte_mempool_in_use_count(pool_), 0u) << "packets were leaked";
  }

  /// Returns when the workers' last rounds are over.
  void stop() {
    for (const auto& worker : workers_) worker->stop();
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }

  rte_mbuf* make_packet() {
    const bool local = random_.below(kLocalEvery) == 0;
    const std::string to = local ? "10.0.0.1" : "203.0.113." + std::to_string(random_.below(256));
    const rte_ether_addr& mac = port_->facts().mac;
    const Bytes frame = packet()
                            .ethernet_to({mac.addr_bytes, mac.addr_bytes + 6})
                            .ethertype(random_.below(kArpEvery) == 0 ? RTE_ETHER_TYPE_ARP : RTE_ETHER_TYPE_IPV4)
                            .from("10.1.0." + std::to_string(1 + random_.below(250)))
                            .to(to)
                            .tcp(static_cast<uint16_t>(random_.next()), 179)
                            .payload(random_.below(200))
                            .frame();
    rte_mbuf* out = rte_pktmbuf_alloc(pool_);
    if (out == nullptr) return nullptr;
    std::memcpy(rte_pktmbuf_append(out, static_cast<uint16_t>(frame.size())), frame.data(), frame.size());
    return out;
  }

  rte_mbuf* next_packet() {
    rte_mbuf* packet = packets_.back();
    packets_.pop_back();
    return packet;
  }

  void preload(uint16_t queue, unsigned packets) {
    for (unsigned n = 0; n < packets; ++n) {
      rte_mbuf* packet = next_packet();
      preloaded_bytes_ += packet->pkt_len;
      ASSERT_EQ(rte_eth_tx_burst(port_->facts().dpdk_port, queue, &packet, 1), 1);
    }
  }

  /// Worker 0 has more to send than its full queue has room for, and sends a part of a buffer. In this thread.
  void overfill() {
    const auto for_router = [this] {
      return punted() + dropped(DropReason::kPuntPoliced) + dropped(DropReason::kPuntRingFull);
    };
    preload(0, kRing);
    rcu_.online(0);
    ASSERT_EQ(workers_[0]->round(), kBurst);
    ASSERT_GT(for_router(), 0u) << "no room for a part";
    for (unsigned i = 0; i < kBurst; ++i) ASSERT_TRUE(inject());
    ASSERT_EQ(workers_[0]->round(), 2 * kBurst);
    rcu_.offline(0);
    ASSERT_GT(dropped(DropReason::kTxQueueFull), 0u);
    ASSERT_EQ(dropped(DropReason::kTxQueueFull) + for_router(), kBurst) << "as many as came in beside the queue";
  }

  void start() {
    overfill();
    for (unsigned i = 0; i < kWorkers; ++i) {
      if (i != 0) preload(static_cast<uint16_t>(i), kPreloaded);
      threads_.emplace_back([worker = workers_[i].get()] { worker->run(); });
    }
  }

  /// False while the ring is full; the packet is tried again.
  bool inject() {
    packets_.back()->port = 0;  // to leave by
    if (!punts_->inject(packets_.back())) return false;
    packets_.pop_back();
    return true;
  }

  /// An adjacency whose packets come back.
  Adjacency loop() const {
    Adjacency out{.kind = AdjacencyKind::kForward, .port = PortIndex{0}};
    std::memcpy(out.destination_mac.data(), port_->facts().mac.addr_bytes, 6);
    std::memcpy(out.source_mac.data(), port_->facts().mac.addr_bytes, 6);
    return out;
  }

  /// Everything that control can change, each thing referred to by the next; taken back in the next round.
  void change(unsigned round) {
    publisher_.set_hash_settings(HashSettings(hash::KeyFields::five_tuple(), {hash::HashFunction::kXxh32, round}));
    publisher_.set_priority_traffic({.tcp_port = 179, .sources = {{0x0a010000, 0xffff0000}}, .sources6 = {}});
    publisher_.replace_adjacency(members_[round % members_.size()], loop());
    std::rotate(members_.begin(), members_.begin() + 1, members_.end());
    publisher_.replace_group(service_, std::span(members_).first(1u << round % 3), hash::Indexing::kLowBits);
    const AdjacencyId adjacency = publisher_.add_adjacency(loop());
    const GroupId group = publisher_.create_group({&adjacency, 1}, hash::Indexing::kLowBits);
    const hash::Prefix half = prefix(round % 2 ? "203.0.113.128/25" : "203.0.113.64/26");
    // Full only while workers have not been quiescent: let them run.
    while (!publisher_.set_route(half, group)) wait_a_little();
    drain_punts();
    publisher_.remove_route(half);
    publisher_.destroy_group(group);
    publisher_.remove_adjacency(adjacency);
    watch(round);
    publisher_.poll();
  }

  /// Somebody traces or captures now and then, and reads while the workers record.
  void watch(unsigned round) {
    if (round % 16 == 0) {
      auto watch =
          std::make_unique<Watch>(WatchSpec{.filter = {}, .port = {}, .frames_out = round % 32 == 0}, kWorkers, 1);
      watch_ = watch.get();
      publisher_.set_watch(std::move(watch));
    } else if (round % 16 == 15) {
      while (watched_ == 0) {  // a first one, however late the workers get a core
        wait_a_little();
        take_watched();
      }
      watch_ = nullptr;
      publisher_.set_watch(nullptr);
    }
    if (watch_ != nullptr) take_watched();
  }

  void take_watched() {
    watch_->take(4 * kBurst, [this](const WatchRecord& record, const uint8_t* bytes) {
      EXPECT_TRUE(bytes[12] == 8 && record.length >= 42) << "an IPv4 packet or ARP";
      if (record.fate == Fate::kSent && record.as == WatchedAs::kReceived) {
        EXPECT_TRUE(record.selected);
        EXPECT_EQ(record.rewritten[22] + 1, bytes[22]) << "one hop less";
      }
      ++watched_;
    });
  }

  void wait_a_little() {
    drain_punts();
    publisher_.poll();
    std::this_thread::yield();
  }

  void drain_punts() {
    punts_->acknowledge();
    std::array<rte_mbuf*, kBurst> packets;
    for (unsigned lane = 0; lane < PuntRing::kLanes; ++lane) {
      while (const unsigned count = punts_->take(lane, packets)) {
        for (unsigned i = 0; i < count; ++i) consume(packets[i]);
        taken_ += count;
      }
    }
  }

  /// As control does with a punted packet: it looks at it, and keeps it or hands it back to be dropped.
  void consume(rte_mbuf* packet) {
    taken_bytes_ += packet->pkt_len;
    const bool odd_source = *rte_pktmbuf_mtod_offset(packet, const uint8_t*, 14 + 15) & 1;
    if (odd_source && punts_->give_up(packet, DropReason::kUnresolved)) {
      ++given_up_;
    } else {
      rte_pktmbuf_free(packet);
    }
  }

  template <typename Get>
  uint64_t sum(Get get) const {
    uint64_t total = 0;
    for (const auto& worker : workers_) total += get(worker->counters());
    return total;
  }
  uint64_t dropped(DropReason reason) const {
    return sum([reason](const WorkerCounters& counters) { return counters.drops[static_cast<size_t>(reason)].get(); });
  }
  uint64_t dropped() const {
    uint64_t total = 0;
    for (unsigned i = 0; i < kDropReasonCount; ++i) total += dropped(DropReason{static_cast<uint8_t>(i)});
    return total;
  }
  uint64_t punted() const {
    return sum([](const WorkerCounters& counters) {
      uint64_t total = 0;
      for (const Counter& counter : counters.punted) total += counter.get();
      return total;
    });
  }

  rte_mempool* pool_ = nullptr;
  LinkEvents link_events_;
  std::unique_ptr<Port> port_;
  std::unique_ptr<PuntRing> punts_;
  IcmpLimits limits_{1, 100};
  Rcu rcu_;
  ForwardingState state_{rcu_, 64};
  Publisher publisher_{state_, rcu_};
  std::unique_ptr<WorkerContext> context_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::vector<std::thread> threads_;
  std::vector<rte_mbuf*> packets_;
  std::vector<AdjacencyId> members_;
  GroupId service_{0};
  hash::Random random_{1};
  uint64_t preloaded_bytes_ = 0;
  uint64_t taken_ = 0;
  uint64_t taken_bytes_ = 0;
  uint64_t given_up_ = 0;  // of those taken
  Watch* watch_ = nullptr;
  uint64_t watched_ = 0;
};

TEST_F(WorkerThreads, ForwardWhileControlChangesEverything) {
  start();
  for (unsigned round = 0; round < kRounds; ++round) {
    change(round);
    while (!inject()) wait_a_little();
  }
  // Every packet ends by its TTL, at the router itself or given up by it, unless a ring was full.
  while (dropped() + taken_ - given_up_ < kPackets) wait_a_little();
  EXPECT_EQ(taken_, punted());
  EXPECT_GT(watched_, 0u);
  EXPECT_GT(taken_bytes_, taken_ * 34);
  EXPECT_GT(given_up_, 0u);
  EXPECT_EQ(dropped(DropReason::kUnresolved), given_up_);
  EXPECT_GT(dropped(DropReason::kTtlExpired), 0u);
  EXPECT_EQ(dropped(), dropped(DropReason::kTtlExpired) + dropped(DropReason::kUnresolved) +
                           dropped(DropReason::kTxQueueFull) + dropped(DropReason::kPuntPoliced) +
                           dropped(DropReason::kPuntRingFull));
  const auto port = [](const WorkerCounters& counters) -> const PortCounters& { return counters.port[0]; };
  EXPECT_EQ(
      sum([&](const WorkerCounters& counters) { return port(counters).rx.packets.get(); }) +
          sum([](const WorkerCounters& counters) { return counters.injected.get(); }),
      sum([&](const WorkerCounters& counters) { return port(counters).tx.packets.get(); }) + punted() + dropped());
  while (publisher_.poll() != 0) std::this_thread::yield();  // workers that sleep hold nobody up
  stop();
  // All that was sent has come back; what a queue did not take was not sent.
  EXPECT_EQ(sum([&](const WorkerCounters& counters) { return port(counters).rx.bytes.get(); }),
            sum([&](const WorkerCounters& counters) { return port(counters).tx.bytes.get(); }) + preloaded_bytes_);
}

}  // namespace
}  // namespace ecmpd::dataplane::test
