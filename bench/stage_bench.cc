// The stages of the packet path, each by itself: TSC cycles a packet in full bursts of TCP packets, and of what share
// of a burst is uncommon. The packets are written anew before every burst and not timed.
//
//   stage_bench [Google Benchmark's options]
//
// Eight members behind eight ports of net_null, which frees what it is given: "tx" has that in it. The columns behind
// "Time" are the stages; "all" is their sum. A row's arguments are the family, the number of flows, and how many
// packets of 64 are uncommon (ICMP, which has no ports). "kernel" is that of the packets.
#include <benchmark/benchmark.h>
#include <rte_byteorder.h>
#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_ethdev.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "dataplane/eal.h"
#include "dataplane/publisher.h"
#include "dataplane/rcu.h"
#include "dataplane/stages.h"
#include "hash/address.h"

namespace ecmpd::dataplane {
namespace {

constexpr unsigned kPorts = 8;
constexpr unsigned kFrame = 60;
constexpr size_t kMac = 6;
using Frame = std::array<uint8_t, kFrame + 4>;

void check(bool good, const char* what) {
  if (good) return;
  std::fprintf(stderr, "stage_bench: %s\n", what);
  std::exit(1);
}

void start() {
  std::vector<std::string> words{"stage_bench",
                                 "--no-huge",
                                 "--no-shconf",
                                 "--no-telemetry",
                                 "--no-pci",
                                 "-m",
                                 "96",
                                 "-l",
                                 std::to_string(sched_getcpu()),
                                 "--log-level=*:4",
                                 "--file-prefix=stage_bench" + std::to_string(getpid())};
  for (unsigned i = 0; i < kPorts; ++i) words.push_back("--vdev=net_null" + std::to_string(i));
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  check(rte_eal_init(static_cast<int>(argv.size()), argv.data()) >= 0, "EAL does not start");
}

uint16_t sum_of(const uint8_t* ip) {
  uint32_t sum = 0;
  for (unsigned i = 0; i < 20; i += 2) sum += uint32_t{ip[i]} << 8 | ip[i + 1];
  sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<uint16_t>(~(sum + (sum >> 16)));
}

Frame frame_of(bool v6, bool common, std::mt19937_64& random) {
  Frame out{};
  out[0] = 2;  // the port's address is 02:00:00:00:00:00
  out[12] = v6 ? 0x86 : 0x08;
  out[13] = v6 ? 0xdd : 0x00;
  uint8_t* ip = &out[14];
  const uint8_t protocol = common ? 6 : v6 ? 58 : 1;
  const uint64_t bits = random();
  if (v6) {
    const uint8_t head[] = {0x60, 0, 0, 0, 0, 6, protocol, 64, 0x20, 1, 0x0d, 0xb8};
    std::memcpy(ip, head, sizeof head);
    std::memcpy(ip + 24, head + 8, 4);
    std::memcpy(ip + 12, &bits, 8);
    std::memcpy(ip + 32, &bits, 8);
    return out;
  }
  const uint8_t head[] = {0x45, 0, 0, 46, 0, 0, 0x40, 0, 64, protocol, 0, 0, 10, 0, 0, 0, 203, 0, 113, 0};
  std::memcpy(ip, head, sizeof head);
  std::memcpy(ip + 13, &bits, 3);
  ip[19] = static_cast<uint8_t>(bits >> 24);
  std::memcpy(ip + 20, reinterpret_cast<const uint8_t*>(&bits) + 4, 4);
  if (!common) ip[20] = 8;  // echo request
  const uint16_t sum = rte_cpu_to_be_16(sum_of(ip));
  std::memcpy(ip + 10, &sum, 2);
  return out;
}

/// What the stages need around them.
struct Scene {
  Rcu rcu;
  ForwardingState state{rcu, 1024, 1024};
  Publisher publisher{state, rcu};
  std::vector<std::unique_ptr<PortFacts>> facts;
  std::vector<const PortFacts*> ports;
  std::unique_ptr<PuntRing> punts;
  std::unique_ptr<WorkerCounters> counters = std::make_unique<WorkerCounters>(kPorts, kMaxCountedAdjacencies);
  IcmpLimits limits{kPorts, 0};
  IcmpOriginator errors{state, limits, *counters};
  rte_mempool* pool = nullptr;
  std::unique_ptr<Exits> exits;
  std::unique_ptr<Transmitter> transmitter;
  Burst burst;
  Burst6 burst6;

  Scene() {
    auto created = create_mempool(8191, 2048);
    check(created.has_value(), "no memory for packets");
    pool = *created;
    std::vector<AdjacencyId> members;
    for (uint16_t i = 0; i < kPorts; ++i) {
      facts.push_back(std::make_unique<PortFacts>());
      facts[i]->index = PortIndex{i};
      facts[i]->dpdk_port = i;
      facts[i]->mac.addr_bytes[0] = 2;
      facts[i]->link_up = true;
      ports.push_back(facts[i].get());
      const rte_eth_conf none{};
      check(rte_eth_dev_configure(i, 1, 1, &none) == 0 &&
                rte_eth_rx_queue_setup(i, 0, 64, SOCKET_ID_ANY, nullptr, pool) == 0 &&
                rte_eth_tx_queue_setup(i, 0, 64, SOCKET_ID_ANY, nullptr) == 0 && rte_eth_dev_start(i) == 0,
            "net_null does not start");
      Adjacency adjacency{.kind = AdjacencyKind::kForward, .port = PortIndex{i}};
      adjacency.destination_mac[5] = static_cast<uint8_t>(i);
      members.push_back(publisher.add_adjacency(adjacency));
    }
    std::vector<AdjacencyId> buckets;
    for (unsigned i = 0; i < 512; ++i) buckets.push_back(members[i * 7919 / 64 % kPorts]);
    const GroupId group = publisher.create_group(buckets, hash::Indexing::kLowBits);
    check(publisher.set_route(*hash::Prefix::parse("203.0.113.0/24"), group) &&
              publisher.set_route(*hash::Prefix::parse("2001:db8::/32"), group),
          "no room for a route");
    punts = std::move(*PuntRing::create("bench", kPorts));
    exits = std::make_unique<Exits>(*counters, *punts, errors);
    transmitter = std::make_unique<Transmitter>(ports, 0, *counters, *exits);
  }
};

void BM_Line(benchmark::State& state) {
  static Scene& scene = *new Scene;
  const bool v6 = state.range(0) == 6;
  const auto flows = static_cast<size_t>(state.range(1));
  std::mt19937_64 random(1);
  std::vector<Frame> frames;
  for (size_t i = 0; i < flows; ++i) {
    frames.push_back(frame_of(v6, static_cast<int64_t>(i * 37 % 64) >= state.range(2), random));
  }
  constexpr unsigned kStages = 5;
  std::array<std::vector<uint64_t>, kStages> times;
  size_t next = 0;
  Burst& burst = scene.burst;
  for (auto _ : state) {
    check(rte_pktmbuf_alloc_bulk(scene.pool, burst.mbuf.data(), kBurst) == 0, "out of packets");
    for (rte_mbuf* packet : burst.mbuf) {
      std::memcpy(rte_pktmbuf_mtod(packet, void*), frames[next++ % flows].data(), kFrame);
      packet->pkt_len = packet->data_len = kFrame;
    }
    burst.count = kBurst;
    std::array<uint64_t, kStages + 1> at;
    const auto mark = [&](unsigned stage) { at[stage] = rte_rdtsc_precise(); };
    mark(0);
    parse(burst, scene.burst6, *scene.ports[0], *scene.exits);
    mark(1);
    const auto rest = [&](auto& packets) {
      lookup(packets, scene.state);
      mark(2);
      select(packets, scene.state);
      mark(3);
      rewrite(packets, scene.state, *scene.counters, *scene.exits);
      mark(4);
      tx(packets, *scene.transmitter);
    };
    if (v6) {
      rest(scene.burst6);
    } else {
      rest(burst);
    }
    scene.transmitter->flush();
    mark(5);
    for (unsigned i = 0; i < kStages; ++i) times[i].push_back(at[i + 1] - at[i]);
  }
  uint64_t sent = 0;
  for (const PortCounters& port : scene.counters->port) sent += port.tx.packets.get();
  double all = 0;
  constexpr const char* kNames[] = {"1parse", "2lookup", "3select", "4rewrite", "5tx"};
  for (unsigned i = 0; i < kStages; ++i) {
    std::nth_element(times[i].begin(), times[i].begin() + static_cast<long>(times[i].size() / 2), times[i].end());
    const double cycles = static_cast<double>(times[i][times[i].size() / 2]) / kBurst;
    state.counters[kNames[i]] = cycles;
    all += cycles;
  }
  state.counters["all"] = all;
  uint64_t drops = 0;
  for (const Counter& counter : scene.counters->drops) drops += counter.get();
  if (drops != 0 || sent == 0) state.SkipWithError("packets were dropped");
}
BENCHMARK(BM_Line)
    ->ArgNames({"ip", "flows", "uncommon"})
    ->ArgsProduct({{4, 6}, {1, 4096}, {0}})
    ->Args({4, 4096, 1})
    ->Args({4, 4096, 64})
    ->Args({6, 4096, 1});

}  // namespace
}  // namespace ecmpd::dataplane

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  ecmpd::dataplane::start();
  benchmark::RunSpecifiedBenchmarks();
}
