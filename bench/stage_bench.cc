// The stages one by one, on packets that were received before: TSC cycles a packet in bursts of 64.
//
//   stage_bench 4|6 [Google Benchmark's options]
//
// The argument of a row is the number of different packets, 2.3 KB apart as mbufs are: 64 stay in the L1 cache, 4,096
// in L2. 1,000 prefixes over 64 groups of 8 members at 8 ports. What the stages cost together, ecmpbench says.
#include <benchmark/benchmark.h>
#include <fmt/core.h>
#include <rte_ethdev.h>
#include <sched.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "bench/ecmpbench/inputs.h"
#include "bench/ecmpbench/routes.h"
#include "bench/ecmpbench/testbed.h"
#include "bench/fib_windows.h"
#include "dataplane/exits.h"
#include "dataplane/stages.h"

namespace ecmpd::bench {
namespace {

using dataplane::Burst;
using dataplane::Burst6;
using dataplane::kBurst;
using dataplane::measure_windows;

constexpr uint32_t kMostPackets = 4096;
constexpr unsigned kPorts = 8;

/// What a worker has, and packets that stay.
struct Scene {
  explicit Scene(Testbed& bed)
      : context(bed.context()),
        counters(static_cast<unsigned>(context.ports.size()), dataplane::kMaxCountedAdjacencies),
        errors(context.state, context.icmp_limits, counters),
        exits(counters, context.punts, errors),
        transmitter(context.ports, 0, counters, exits),
        packets(kMostPackets) {
    const uint16_t port = context.ports[0]->dpdk_port;
    for (uint32_t at = 0; at < kMostPackets; at += kBurst) {
      if (rte_eth_rx_burst(port, 0, &packets[at], kBurst) != kBurst) std::abort();
    }
    for (const rte_mbuf* packet : packets) {
      std::memcpy(heads.emplace_back().data(), rte_pktmbuf_mtod(packet, const void*), kHead);
    }
  }
  ~Scene() { rte_pktmbuf_free_bulk(packets.data(), kMostPackets); }

  /// All packets as they were received: rewrite has changed them.
  void restore() {
    for (size_t i = 0; i < packets.size(); ++i) {
      std::memcpy(rte_pktmbuf_mtod(packets[i], void*), heads[i].data(), kHead);
    }
  }

  static constexpr size_t kHead = 60;
  const dataplane::WorkerContext& context;
  dataplane::WorkerCounters counters;
  dataplane::IcmpOriginator errors;
  dataplane::Exits exits;
  dataplane::Transmitter transmitter;
  std::vector<rte_mbuf*> packets;
  std::vector<std::array<uint8_t, kHead>> heads;
  Burst burst;
  Burst6 burst6;
};

Scene* scene = nullptr;

dataplane::Burst& burst_of(Burst*) { return scene->burst; }
dataplane::Burst6& burst_of(Burst6*) { return scene->burst6; }

/// The scene's burst with the packets from number `first` on, as rx leaves it, and through parse.
void parse_from(size_t first) {
  std::copy_n(scene->packets.begin() + static_cast<std::ptrdiff_t>(first), kBurst, scene->burst.mbuf.begin());
  scene->burst.count = kBurst;
  dataplane::parse(scene->burst, scene->burst6, *scene->context.ports[0], scene->exits);
}

/// `stage(burst)` over bursts that have gone through all the stages up to select.
template <typename AnyBurst, typename Stage>
void measure(benchmark::State& state, Stage stage) {
  const auto packets = static_cast<size_t>(state.range(0));
  std::vector<AnyBurst> ready;
  scene->restore();
  for (size_t first = 0; first < packets; first += kBurst) {
    parse_from(first);
    AnyBurst& burst = burst_of(static_cast<AnyBurst*>(nullptr));
    dataplane::lookup(burst, scene->context.state);
    dataplane::select(burst, scene->context.state);
    ready.push_back(burst);
  }
  measure_windows(
      state, packets, [&](size_t first) { stage(ready[first / kBurst]); }, kBurst, "cycles/packet");
  for (const auto& reason : scene->counters.drops) {
    if (reason.get() != 0) state.SkipWithError("packets were dropped");
  }
}

/// With copying 64 pointers.
void parse(benchmark::State& state) {
  const auto packets = static_cast<size_t>(state.range(0));
  scene->restore();
  measure_windows(state, packets, parse_from, kBurst, "cycles/packet");
}

template <typename AnyBurst>
void lookup(benchmark::State& state) {
  measure<AnyBurst>(state, [](AnyBurst& burst) { dataplane::lookup(burst, scene->context.state); });
}

template <typename AnyBurst>
void select(benchmark::State& state) {
  measure<AnyBurst>(state, [](AnyBurst& burst) { dataplane::select(burst, scene->context.state); });
}

uint16_t take_none(void*, rte_mbuf**, uint16_t count) { return count; }

/// rewrite and tx, to devices that do nothing with what they take. With writing the TTL or hop limit anew, or nothing
/// would be left to be forwarded after 63 times.
template <typename AnyBurst>
void rewrite_and_tx(benchmark::State& state) {
  constexpr unsigned kHopsAt = std::is_same_v<AnyBurst, Burst> ? 8 : 7;
  std::array<eth_tx_burst_t, kPorts> devices;
  for (unsigned i = 0; i < kPorts; ++i) {
    devices[i] = std::exchange(rte_eth_fp_ops[scene->context.ports[i]->dpdk_port].tx_pkt_burst, take_none);
  }
  measure<AnyBurst>(state, [](AnyBurst& burst) {
    for (unsigned i = 0; i < kBurst; ++i) burst.ip[i][kHopsAt] = 64;
    dataplane::rewrite(burst, scene->context.state, scene->counters, scene->exits, scene->transmitter);
    dataplane::tx(scene->transmitter);
    burst.count = kBurst;
  });
  for (unsigned i = 0; i < kPorts; ++i) rte_eth_fp_ops[scene->context.ports[i]->dpdk_port].tx_pkt_burst = devices[i];
}

/// 64 new packets for every burst: `send` gives them away.
template <typename Send>
void measure_sending(benchmark::State& state, Send send) {
  rte_mempool* const pool = scene->packets[0]->pool;
  Burst burst;
  measure_windows(
      state, kBurst,
      [&](size_t) {
        if (rte_pktmbuf_alloc_bulk(pool, burst.mbuf.data(), kBurst) != 0) std::abort();
        for (unsigned i = 0; i < kBurst; ++i) {
          burst.mbuf[i]->data_len = 60;
          burst.mbuf[i]->pkt_len = 60;
          burst.mbuf[i]->port = static_cast<uint16_t>(i % kPorts);
        }
        burst.count = kBurst;
        send(burst);
      },
      kBurst, "cycles/packet");
}

/// What the other row of sending has besides tx: making packets, and the device, which frees them.
void send_only(benchmark::State& state) {
  const uint16_t port = scene->context.ports[kPorts - 1]->dpdk_port;
  measure_sending(state, [&](Burst& burst) { rte_eth_tx_burst(port, 0, burst.mbuf.data(), kBurst); });
}

void tx_and_send(benchmark::State& state) {
  measure_sending(state, [](Burst& burst) {
    scene->transmitter.put({burst.mbuf.data(), burst.count});
    dataplane::tx(scene->transmitter);
  });
}

template <typename AnyBurst>
void register_rows() {
  const auto both = [](benchmark::internal::Benchmark* row) { row->Arg(kBurst)->Arg(kMostPackets); };
  both(benchmark::RegisterBenchmark("parse", parse));
  both(benchmark::RegisterBenchmark("lookup", lookup<AnyBurst>));
  both(benchmark::RegisterBenchmark("select", select<AnyBurst>));
  both(benchmark::RegisterBenchmark("rewrite and tx", rewrite_and_tx<AnyBurst>));
  benchmark::RegisterBenchmark("send", send_only);
  benchmark::RegisterBenchmark("tx and send", tx_and_send);
}

tl::expected<std::unique_ptr<Testbed>, std::string> make_router(const Case& plan) {
  const auto inputs = make_inputs(plan);
  if (!inputs) return tl::unexpected(inputs.error());
  const unsigned cpus[] = {static_cast<unsigned>(sched_getcpu())};
  auto testbed = Testbed::create(plan, cpus, (*inputs)->captures());
  if (!testbed) return testbed;
  const auto groups = load_groups((*testbed)->publisher(), plan, (*testbed)->ports());
  if (!groups) return tl::unexpected(groups.error());
  const auto loaded = load_routes((*testbed)->publisher(), *groups, (*inputs)->prefixes());
  if (!loaded) return tl::unexpected(loaded.error());
  return testbed;
}

int run(int count, char** arguments) {
  const std::string_view family = count > 1 ? arguments[1] : "";
  if (family != "4" && family != "6") {
    fmt::print(stderr, "usage: stage_bench 4|6 [Google Benchmark's options]\n");
    return 2;
  }
  arguments[1] = arguments[0];
  benchmark::Initialize(&(--count), ++arguments);
  if (benchmark::ReportUnrecognizedArguments(count, arguments)) return 2;

  Case plan;
  if (family == "6") plan.family = hash::Family::kIpv6;
  plan.prefixes = 1000;
  plan.groups = 64;
  plan.egress = kPorts;
  const auto testbed = make_router(plan);
  if (!testbed) {
    fmt::print(stderr, "stage_bench: {}\n", testbed.error());
    return 1;
  }
  (*testbed)->rcu().online(0);
  Scene here(**testbed);
  scene = &here;
  if (family == "4") {
    register_rows<Burst>();
  } else {
    register_rows<Burst6>();
  }
  benchmark::RunSpecifiedBenchmarks();
  (*testbed)->rcu().offline(0);
  return 0;
}

}  // namespace
}  // namespace ecmpd::bench

int main(int count, char** arguments) { return ecmpd::bench::run(count, arguments); }
