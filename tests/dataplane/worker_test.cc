// When a worker sends: a packet goes round between net_ring devices, each of which gives back what it is given.
#include "dataplane/worker.h"

#include <gtest/gtest.h>
#include <rte_dev.h>
#include <rte_ethdev.h>

#include <algorithm>
#include <cstring>
#include <string>

#include "dataplane/publisher.h"
#include "tests/dataplane/packet.h"
#include "tests/dataplane/stage_harness.h"

namespace ecmpd::dataplane::test {
namespace {

/// A worker of one to three ports, and a route out of port 1.
class WorkerTest : public testing::Test {
 protected:
  static constexpr unsigned kMostPorts = 3;

  static void SetUpTestSuite() {
    start_test_eal();
    pool_ = rte_pktmbuf_pool_create("worker", 1023, 0, 0, RTE_MBUF_DEFAULT_BUF_SIZE, SOCKET_ID_ANY);
    ASSERT_NE(pool_, nullptr);
    for (unsigned i = 0; i < kMostPorts; ++i) {
      const std::string device = "net_ring_worker" + std::to_string(i);
      ASSERT_EQ(rte_eal_hotplug_add("vdev", device.c_str(), ""), 0);
      auto port = Port::open({.name = device, .driver = DriverKind::kVdev, .device = device, .addresses6 = {}},
                             PortIndex{static_cast<uint16_t>(i)}, 1, pool_, events_);
      ASSERT_TRUE(port) << port.error().text;
      ports_.push_back(std::move(*port));
    }
  }
  static void TearDownTestSuite() { ports_.clear(); }

  void open(unsigned ports) {
    context_.reset(new WorkerContext{state_, rcu_, *punts_, limits_, {}, IdlePolicy::kSleep});
    for (unsigned i = 0; i < ports; ++i) context_->ports.push_back(&ports_[i]->facts());
    worker_ = std::make_unique<Worker>(*context_, 0, 0);
    Adjacency out{.kind = AdjacencyKind::kForward, .port = PortIndex{1}};
    std::memset(out.destination_mac.data(), 2, 6);  // nobody's: what comes back is dropped
    const AdjacencyId member = publisher_.add_adjacency(out);
    const GroupId group = publisher_.create_group({&member, 1}, hash::Indexing::kLowBits);
    ASSERT_TRUE(publisher_.set_route(*hash::Prefix::parse("203.0.113.0/24"), group));
    ASSERT_TRUE(rcu_.register_reader(0));
    rcu_.online(0);
  }
  void TearDown() override {
    rcu_.offline(0);
    EXPECT_EQ(rte_mempool_in_use_count(pool_), 0u) << "packets were leaked";
  }

  /// A packet for the route waits at port 0.
  static void arrive() {
    const rte_ether_addr& mac = ports_[0]->facts().mac;
    const Bytes frame =
        packet().ethernet_to({mac.addr_bytes, mac.addr_bytes + 6}).to("203.0.113.1").udp(1000, 53).frame();
    rte_mbuf* packet = rte_pktmbuf_alloc(pool_);
    std::ranges::copy(frame,
                      reinterpret_cast<uint8_t*>(rte_pktmbuf_append(packet, static_cast<uint16_t>(frame.size()))));
    ASSERT_EQ(rte_eth_tx_burst(ports_[0]->facts().dpdk_port, 0, &packet, 1), 1);
  }
  uint64_t sent() const { return worker_->counters().port[1].tx.packets.get(); }

  static inline rte_mempool* pool_ = nullptr;
  static inline LinkEvents events_;
  static inline std::vector<std::unique_ptr<Port>> ports_;
  IcmpLimits limits_{kMostPorts, 100};
  Rcu rcu_;
  ForwardingState state_{rcu_, 64};
  Publisher publisher_{state_, rcu_};
  std::unique_ptr<PuntRing> punts_ = std::move(*PuntRing::create("worker", kMostPorts));
  std::unique_ptr<WorkerContext> context_;
  std::unique_ptr<Worker> worker_;
};

TEST_F(WorkerTest, BetweenTwoPortsSendsABurstBeforeItTakesTheNext) {
  open(2);
  arrive();
  EXPECT_EQ(worker_->round(), 2u) << "port 1 has it already when it is asked";
  EXPECT_EQ(sent(), 1u);
  EXPECT_EQ(worker_->round(), 0u);
}

TEST_F(WorkerTest, BetweenMorePortsSendsAtTheEndOfARound) {
  open(3);
  arrive();
  EXPECT_EQ(worker_->round(), 1u);
  EXPECT_EQ(sent(), 1u);
  EXPECT_EQ(worker_->round(), 1u) << "back from port 1";
}

}  // namespace
}  // namespace ecmpd::dataplane::test
