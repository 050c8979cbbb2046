// The route's way without sessions: a million /32s of one node through RIB, route installer and IPv4 FIB, in batches as
// they come from a socket. Says what each step costs a route.
//
//   route_bench [Google Benchmark's options]
#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <memory>
#include <span>
#include <vector>

#include "control/daemon/published_forwarding.h"
#include "control/nexthop/route_installer.h"
#include "control/rib/rib.h"
#include "dataplane/forwarding_state.h"
#include "dataplane/publisher.h"

namespace ecmpd::control {
namespace {

using Clock = std::chrono::steady_clock;
constexpr uint32_t kMillion = 1000000;
constexpr size_t kBatch = 8000;  // prefixes in 64 KiB of full UPDATE messages, about

/// No workers: every grace period has passed.
class NoReaders final : public dataplane::GracePeriod {
 public:
  uint64_t start() override { return 0; }
  bool passed(uint64_t) override { return true; }
};

hash::IpAddress nexthop(uint32_t node) { return hash::IpAddress::v4(0x0ac80000u + 100 + node); }

struct Routes {
  Routes() : state(grace), publisher(state, grace), forwarding(publisher), rib({.asn = 64500}, sets) {
    const InterfaceAddress interfaces[] = {{hash::IpAddress::v4(0x0ac80001), 24}};
    rib.set_interfaces(interfaces);
    flush();
  }
  void node_up(uint32_t node) {
    bgp::PeerInfo info;
    info.address = nexthop(node);
    info.asn = 64512;
    info.router_id = node + 1;
    info.policy.import_filter.rules = {ImportRule{}};
    rib.on_established(bgp::PeerId{node}, info);
    const auto adjacency = publisher.add_adjacency({.kind = dataplane::AdjacencyKind::kForward});
    installer.nexthop_up(nexthop(node), adjacency, dataplane::PortIndex{0});
  }
  void decide() {
    changes.clear();
    rib.flush(changes);
  }
  void install() { installer.apply(changes, Clock::time_point{} + std::chrono::seconds(seconds++)); }
  void flush() {
    decide();
    install();
  }

  NoReaders grace;
  dataplane::ForwardingState state;
  dataplane::Publisher publisher;
  PublishedForwarding forwarding;
  NexthopSets sets;
  Rib rib;
  RouteInstaller installer{{.layouts = {}, .nowhere = {.unresolved = dataplane::kUnresolvedAdjacency}, .hold = false},
                           forwarding,
                           sets,
                           rib.table()};
  std::vector<RouteChange> changes;
  int seconds = 0;
};

std::vector<hash::Prefix> hosts(uint32_t count, uint32_t step) {
  std::vector<hash::Prefix> out;
  for (uint32_t i = 0; i < count; ++i) out.emplace_back(hash::IpAddress::v4(0x0b000000 + i * step), uint8_t{32});
  return out;
}

/// Time of this thread on the processor: what other programs take of it does not count.
class StopWatch {
 public:
  template <typename Work>
  void time(Work work) {
    const double start = now_ns();
    work();
    total_ns_ += now_ns() - start;
  }
  benchmark::Counter per(size_t routes) const { return {total_ns_ / static_cast<double>(routes)}; }

 private:
  static double now_ns() {
    timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) * 1e9 + static_cast<double>(time.tv_nsec);
  }
  double total_ns_ = 0;
};

/// Arguments: prefixes, distance between them, prefixes in a batch.
void load_and_lose(benchmark::State& state) {
  const auto prefixes = hosts(static_cast<uint32_t>(state.range(0)), static_cast<uint32_t>(state.range(1)));
  const auto batch = static_cast<size_t>(state.range(2));
  bgp::PathAttributes attributes;
  attributes.origin = bgp::Origin::kIgp;
  attributes.as_path = {{.asns = {64512}}};
  attributes.next_hop = nexthop(0);
  StopWatch learn, decide, install, lose, decide_loss, remove;
  for (auto _ : state) {
    state.PauseTiming();
    auto routes = std::make_unique<Routes>();
    routes->node_up(0);
    state.ResumeTiming();
    for (size_t i = 0; i < prefixes.size(); i += batch) {
      const auto some = std::span(prefixes).subspan(i, std::min(batch, prefixes.size() - i));
      learn.time([&] { routes->rib.on_update(bgp::PeerId{0}, {attributes, some}); });
      decide.time([&] { routes->decide(); });
      install.time([&] { routes->install(); });
    }
    lose.time([&] { routes->rib.on_down(bgp::PeerId{0}, "lost", {}); });
    decide_loss.time([&] { routes->decide(); });
    remove.time([&] { routes->install(); });
    state.PauseTiming();
    if (routes->installer.counters().routes != 0) state.SkipWithError("routes are left");
    routes.reset();
    state.ResumeTiming();
  }
  const size_t total = prefixes.size() * static_cast<size_t>(state.iterations());
  state.counters["learn_ns"] = learn.per(total);
  state.counters["decide_ns"] = decide.per(total);
  state.counters["install_ns"] = install.per(total);
  state.counters["lose_ns"] = lose.per(total);
  state.counters["decide_loss_ns"] = decide_loss.per(total);
  state.counters["remove_ns"] = remove.per(total);
}
BENCHMARK(load_and_lose)
    ->ArgNames({"prefixes", "step", "batch"})
    ->Args({kMillion, 1, kBatch})
    ->Args({kMillion, 1, 1000})
    ->Args({100000, 256, 1000})
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace ecmpd::control

BENCHMARK_MAIN();
