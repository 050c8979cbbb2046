// What a port asks of EAL and of its device, from what the device says of itself.
#include "dataplane/port_spec.h"

#include <gtest/gtest.h>

#include "dataplane/offloads.h"

namespace ecmpd::dataplane {
namespace {

DeviceArguments arguments(DriverKind driver, const std::string& device, unsigned queues) {
  return device_arguments({.name = "p", .driver = driver, .device = device, .addresses6 = {}}, PortIndex{3}, queues);
}

TEST(DeviceArguments, EveryWorkerHasAQueue) {
  EXPECT_NE(arguments(DriverKind::kAfPacket, "eth1", 4).vdev.find("net_af_packet3,iface=eth1,qpairs=4,"),
            std::string::npos);
  EXPECT_EQ(arguments(DriverKind::kAfXdp, "eth1", 4).vdev, "net_af_xdp3,iface=eth1,start_queue=0,queue_count=4");
}

TEST(DeviceArguments, VirtualDevicesThatNeedAreToldTheNumberOfQueues) {
  const auto vdev = [](const char* devargs, unsigned queues) {
    return arguments(DriverKind::kVdev, devargs, queues).vdev;
  };
  EXPECT_EQ(vdev("net_virtio_user0,path=/run/v", 2), "net_virtio_user0,path=/run/v,queues=2");
  EXPECT_EQ(vdev("net_vhost0,iface=/run/v", 2), "net_vhost0,iface=/run/v,queues=2");
  EXPECT_EQ(vdev("net_virtio_user0,path=/run/v", 1), "net_virtio_user0,path=/run/v");
  EXPECT_EQ(vdev("net_virtio_user0,path=/run/v,queues=4", 2), "net_virtio_user0,path=/run/v,queues=4");
  EXPECT_EQ(vdev("net_null0", 2), "net_null0");
  EXPECT_EQ(arguments(DriverKind::kVdev, "net_virtio_user0,path=/run/v", 2).name, "net_virtio_user0");
}

TEST(DeviceArguments, AVirtioUserThatListensHoldsTheStartUp) {
  const auto waits = [](DriverKind driver, const char* device) {
    return waits_for_its_vhost({.name = "p", .driver = driver, .device = device, .addresses6 = {}});
  };
  EXPECT_TRUE(waits(DriverKind::kVdev, "net_virtio_user0,path=/run/v,server=1,queues=2"));
  EXPECT_FALSE(waits(DriverKind::kVdev, "net_virtio_user0,path=/run/v"));
  EXPECT_FALSE(waits(DriverKind::kVdev, "net_virtio_user0,path=/run/v,server=0"));
  EXPECT_FALSE(waits(DriverKind::kVdev, "net_memif0,server=1"));
  EXPECT_FALSE(waits(DriverKind::kTap, "net_virtio_user0,server=1"));
}

PortSpec port(DriverKind driver, bool trunk = false) {
  return {.name = "p", .driver = driver, .device = "", .trunk = trunk, .addresses6 = {}};
}

rte_eth_dev_info device(uint64_t tx, uint64_t rss, uint64_t rx = 0) {
  rte_eth_dev_info out{};
  out.rx_offload_capa = rx;
  out.tx_offload_capa = tx;
  out.flow_type_rss_offloads = rss;
  return out;
}

constexpr uint64_t kAllTx = ~uint64_t{0};
constexpr uint64_t kAllRx = ~uint64_t{0};
constexpr uint64_t kAllRss = ~uint64_t{0};
constexpr uint64_t kChecksum = RTE_ETH_RX_OFFLOAD_IPV4_CKSUM;

TEST(Offloads, OnlyWhatIsWantedOfADeviceThatHasAll) {
  const Offloads one = choose_offloads(device(kAllTx, kAllRss, kAllRx), port(DriverKind::kPci), 1);
  EXPECT_EQ(one.conf.txmode.offloads, RTE_ETH_TX_OFFLOAD_MULTI_SEGS);
  EXPECT_EQ(one.conf.rxmode.offloads, kChecksum);
  EXPECT_EQ(one.conf.rxmode.mq_mode, RTE_ETH_MQ_RX_NONE);
  EXPECT_TRUE(one.clamps.empty());

  const Offloads two = choose_offloads(device(kAllTx, kAllRss, kAllRx), port(DriverKind::kPci), 2);
  EXPECT_EQ(two.conf.rxmode.mq_mode, RTE_ETH_MQ_RX_RSS);
  EXPECT_EQ(two.conf.rx_adv_conf.rss_conf.rss_hf,
            RTE_ETH_RSS_IP | RTE_ETH_RSS_TCP | RTE_ETH_RSS_UDP | RTE_ETH_RSS_SCTP);
  EXPECT_TRUE(two.clamps.empty());
}

TEST(Offloads, NothingThatTheDeviceLacks) {
  const Offloads none = choose_offloads(device(0, 0), port(DriverKind::kPci), 2);
  EXPECT_EQ(none.conf.txmode.offloads, 0u);
  EXPECT_EQ(none.conf.rxmode.mq_mode, RTE_ETH_MQ_RX_NONE);
  EXPECT_EQ(none.conf.rxmode.offloads, 0u);
  EXPECT_EQ(none.clamps.size(), 3u);

  const uint64_t ip = RTE_ETH_RSS_IPV4 | RTE_ETH_RSS_NONFRAG_IPV4_TCP;
  const Offloads some = choose_offloads(device(kAllTx, ip, kChecksum), port(DriverKind::kPci), 2);
  EXPECT_EQ(some.conf.rxmode.mq_mode, RTE_ETH_MQ_RX_RSS);
  EXPECT_EQ(some.conf.rx_adv_conf.rss_conf.rss_hf, ip);
  ASSERT_EQ(some.clamps.size(), 1u);
  EXPECT_EQ(some.clamps[0], "no RSS over UDP ports, SCTP ports: flows that differ in nothing else share a worker");
}

TEST(Offloads, ANicTellsOfItsLinkUnlessItsInterruptsGetLost) {
  const uint32_t flags = RTE_ETH_DEV_INTR_LSC;
  for (const auto& [driver, tells] : {std::pair("net_e1000_em", 1), {"net_vmxnet3", 0}}) {
    rte_eth_dev_info info = device(kAllTx, 0);
    info.driver_name = driver;
    EXPECT_EQ(choose_offloads(info, port(DriverKind::kPci), 1).conf.intr_conf.lsc, 0) << "it does not offer to";
    info.dev_flags = &flags;
    EXPECT_EQ(choose_offloads(info, port(DriverKind::kPci), 1).conf.intr_conf.lsc, tells) << driver;
  }
}

TEST(Offloads, TheKernelSpreadsOverItsOwnQueues) {
  EXPECT_TRUE(choose_offloads(device(kAllTx, 0), port(DriverKind::kAfPacket), 2).clamps.empty());
}

TEST(Offloads, ChecksumsAreForNics) {
  const Offloads without = choose_offloads(device(kAllTx, 0, kAllRx & ~kChecksum), port(DriverKind::kPci), 1);
  EXPECT_EQ(without.conf.rxmode.offloads, 0u);
  EXPECT_EQ(without.clamps, (std::vector<std::string>{"no checking of IPv4 header checksums: done in software"}));
  for (const DriverKind driver : {DriverKind::kAfPacket, DriverKind::kAfXdp, DriverKind::kTap, DriverKind::kVdev}) {
    const Offloads none = choose_offloads(device(kAllTx, 0, kAllRx), port(driver), 1);
    EXPECT_EQ(none.conf.rxmode.offloads, 0u);
    EXPECT_TRUE(none.clamps.empty());
  }
}

TEST(Offloads, OnlyATrunkWantsTagsTakenOffAndOnlyOfANicTheyAreWrittenByIt) {
  const rte_eth_dev_info all = device(kAllTx, 0, kAllRx);
  constexpr uint64_t kInsert = RTE_ETH_TX_OFFLOAD_VLAN_INSERT;
  const Offloads nic = choose_offloads(all, port(DriverKind::kPci, true), 1);
  EXPECT_EQ(nic.conf.rxmode.offloads, RTE_ETH_RX_OFFLOAD_VLAN_STRIP | kChecksum);
  EXPECT_EQ(nic.conf.txmode.offloads & kInsert, kInsert);
  EXPECT_TRUE(nic.clamps.empty());
  const Offloads kernel = choose_offloads(all, port(DriverKind::kAfPacket, true), 1);
  EXPECT_EQ(kernel.conf.rxmode.offloads, RTE_ETH_RX_OFFLOAD_VLAN_STRIP);
  EXPECT_EQ(kernel.conf.txmode.offloads & kInsert, 0u);
  EXPECT_EQ(choose_offloads(all, port(DriverKind::kPci), 1).conf.rxmode.offloads, kChecksum);
  EXPECT_EQ(choose_offloads(device(0, 0), port(DriverKind::kPci, true), 1).clamps.size(), 4u);
}

TEST(Offloads, VirtioWritesNoTagsUnlessItIsAskedForEachBurst) {
  rte_eth_dev_info virtio = device(kAllTx, 0, kAllRx);
  virtio.driver_name = "net_virtio";
  const Offloads nic = choose_offloads(virtio, port(DriverKind::kPci, true), 1);
  EXPECT_EQ(nic.conf.rxmode.offloads & RTE_ETH_RX_OFFLOAD_VLAN_STRIP, RTE_ETH_RX_OFFLOAD_VLAN_STRIP);
  EXPECT_EQ(nic.conf.txmode.offloads & RTE_ETH_TX_OFFLOAD_VLAN_INSERT, 0u);
  EXPECT_EQ(nic.clamps, (std::vector<std::string>{"no writing of VLAN tags: done in software"}));
}

}  // namespace
}  // namespace ecmpd::dataplane
