// Ports, drops, workers, hash settings and neighbors, as they are shown.
#include <algorithm>
#include <cstring>

#include "control/daemon/state_source.h"
#include "hash/key_fields.h"
#include "hash/simd.h"

namespace ecmpd::control {

namespace {

std::string device_text(const PortConfig& port) {
  if (port.vlan != 0) return port.parent + " vlan " + std::to_string(port.vlan);
  switch (port.device_kind) {
    case DeviceKind::kAfPacket:
      return "af_packet:" + port.device;
    case DeviceKind::kAfXdp:
      return "af_xdp:" + port.device;
    case DeviceKind::kTap:
      return "tap:" + port.device;
    case DeviceKind::kVdev:
      return "vdev:" + port.device;
    case DeviceKind::kPci:
      return port.device;
  }
  return port.device;
}

}  // namespace

tl::expected<std::vector<api::ConfigChangeView>, std::string> DaemonState::reload() {
  return reload_().map([](const std::vector<ConfigChange>& changes) {
    std::vector<api::ConfigChangeView> out;
    for (const ConfigChange& change : changes) {
      out.push_back({.what = change.what,
                     .change = std::string(to_string(change.kind)),
                     .effect = std::string(to_string(change.effect)),
                     .applied = change.effect != ConfigChange::Effect::kNeedsRestart});
    }
    return out;
  });
}

CounterSample DaemonState::sample() const {
  std::vector<const dataplane::WorkerCounters*> workers;
  for (const auto& worker : machine_.workers()) workers.push_back(&worker->counters());
  return sample_counters(workers, machine_.ports().size());
}

std::vector<api::PortView> DaemonState::ports() {
  const CounterSample now = sample();
  const CounterSample* before = history_.before(now.at);
  std::vector<api::PortView> out;
  for (size_t i = 0; i < machine_.ports().size(); ++i) {
    const dataplane::Port& port = *machine_.ports()[i];
    const PortConfig& config = config_.ports[i];
    api::PortView view;
    view.name = config.name;
    view.device = device_text(config);
    view.driver = port.driver();
    view.link_up = port.facts().link_up.load();
    std::memcpy(view.mac.data(), port.facts().mac.addr_bytes, view.mac.size());
    view.mtu = config.mtu;
    for (const InterfaceAddress& own : config.addresses) {
      view.addresses.push_back(own.address.to_string() + "/" + std::to_string(own.prefix_length));
    }
    const CounterSample::Port& counted = now.ports[i];
    view.rx_packets = counted.rx_packets;
    view.rx_bytes = counted.rx_bytes;
    view.tx_packets = counted.tx_packets;
    view.tx_bytes = counted.tx_bytes;
    if (before != nullptr) {
      const CounterSample::Port& was = before->ports[i];
      const auto elapsed = now.at - before->at;
      view.rates = {.rx_packets = per_second(was.rx_packets, counted.rx_packets, elapsed),
                    .rx_bits = 8 * per_second(was.rx_bytes, counted.rx_bytes, elapsed),
                    .tx_packets = per_second(was.tx_packets, counted.tx_packets, elapsed),
                    .tx_bits = 8 * per_second(was.tx_bytes, counted.tx_bytes, elapsed)};
    }
    const dataplane::PortStatistics device = port.statistics();
    view.rx_missed = device.rx_missed;
    view.rx_errors = device.rx_errors;
    view.tx_errors = device.tx_errors;
    out.push_back(std::move(view));
  }
  return out;
}

std::vector<api::DropView> DaemonState::drops() {
  const CounterSample now = sample();
  const CounterSample* before = history_.before(now.at);
  std::vector<api::DropView> out;
  for (unsigned i = 0; i < dataplane::kDropReasonCount; ++i) {
    const dataplane::DropReasonText text = dataplane::describe(dataplane::DropReason{static_cast<uint8_t>(i)});
    api::DropView& view = out.emplace_back(
        api::DropView{.reason = std::string(text.name), .packets = now.drops[i], .doc = std::string(text.rule)});
    if (before != nullptr) view.per_second = per_second(before->drops[i], now.drops[i], now.at - before->at);
  }
  return out;
}

std::vector<api::IcmpView> DaemonState::icmp() {
  std::vector<api::IcmpView> out;
  for (size_t i = 0; i < config_.ports.size(); ++i) {
    api::IcmpView& view = out.emplace_back(api::IcmpView{.port = config_.ports[i].name});
    for (const auto& worker : machine_.workers()) {
      const dataplane::IcmpCounters& counters = worker->counters().port[i].icmp;
      const auto originated = [&counters](dataplane::IcmpErrorKind kind) {
        return counters.originated[static_cast<size_t>(kind)].get();
      };
      view.time_exceeded += originated(dataplane::IcmpErrorKind::kTimeExceeded);
      view.no_route += originated(dataplane::IcmpErrorKind::kNoRoute);
      view.unreachable += originated(dataplane::IcmpErrorKind::kUnreachable);
      view.too_big += originated(dataplane::IcmpErrorKind::kTooBig);
      view.beyond_scope += originated(dataplane::IcmpErrorKind::kBeyondScope);
      view.rate_limited += counters.rate_limited.get();
      view.not_allowed += counters.not_allowed.get();
    }
  }
  return out;
}

namespace {
/// What a worker did between two samples.
api::WorkerView::Recent recent(const CounterSample& before, const CounterSample& now, size_t worker) {
  const CounterSample::Worker& was = before.workers[worker];
  const CounterSample::Worker& is = now.workers[worker];
  const auto ratio = [](uint64_t part, uint64_t whole) {
    return whole == 0 ? std::nullopt : std::optional(static_cast<double>(part) / static_cast<double>(whole));
  };
  const uint64_t busy = is.busy_cycles - was.busy_cycles;
  // A round that is not over when the second sample is taken counts for the next one, so the share may pass 1 a little.
  const double busy_share = std::min(1.0, ratio(busy, now.tsc - before.tsc).value_or(0));
  return {.packets_per_second = per_second(was.packets, is.packets, now.at - before.at),
          .packets_per_burst = ratio(is.packets - was.packets, is.bursts - was.bursts),
          .cycles_per_packet = ratio(busy, is.packets + is.injected - was.packets - was.injected),
          .idle_share = 1 - busy_share};
}
}  // namespace

std::vector<api::WorkerView> DaemonState::workers() {
  const CounterSample now = sample();
  const CounterSample* before = history_.before(now.at);
  // Of the hash functions one has vector kernels.
  const bool vectors = config_.ecmp.hash == hash::HashFunction::kXxh32;
  const auto level = vectors ? hash::simd_level() : hash::SimdLevel::kScalar;
  const bool gathers = machine_.state().fib6.kernel() == dataplane::Fib6::Kernel::kAvx512;
  std::vector<api::WorkerView> out;
  for (size_t i = 0; i < machine_.workers().size(); ++i) {
    const dataplane::WorkerCounters& counters = machine_.workers()[i]->counters();
    api::WorkerView view;
    view.lcore = machine_.workers()[i]->lcore();
    for (const PortConfig& port : config_.ports) view.ports.push_back(port.name);
    view.idle = machine_.idle() == dataplane::IdlePolicy::kPoll ? "poll" : "sleep";
    view.polls = counters.polls.get();
    view.empty_polls = view.polls - std::min(view.polls, counters.busy_polls.get());
    view.bursts = now.workers[i].bursts;
    view.packets = now.workers[i].packets;
    view.injected = now.workers[i].injected;
    view.fragments = counters.fragments.get();
    for (const dataplane::Counter& punted : counters.punted) view.punted += punted.get();
    view.busy_cycles = now.workers[i].busy_cycles;
    view.packet_kernel = hash::to_string(machine_.workers()[i]->packet_kernel());
    view.hash_kernel = hash::to_string(level);
    view.fib6_kernel = hash::to_string(gathers ? hash::SimdLevel::kAvx512 : hash::SimdLevel::kScalar);
    if (before != nullptr) view.recent = recent(*before, now, i);
    out.push_back(std::move(view));
  }
  return out;
}

api::HashView DaemonState::hash() {
  return {.key = config_.ecmp.key_name,
          .fields = hash::names_of(config_.ecmp.key),
          .function = std::string(hash::to_string(config_.ecmp.hash)),
          .seed = config_.ecmp.seed,
          .selector = std::string(hash::to_string(config_.ecmp.selector)),
          .buckets = config_.ecmp.buckets};
}

std::vector<api::NeighborView> DaemonState::neighbors() {
  std::vector<api::NeighborView> out;
  for (const NeighborStatus& neighbor : host_.neighbors().status()) {
    api::NeighborView view{.address = neighbor.address.without_zone(),
                           .port = config_.ports[raw(neighbor.port)].name,
                           .mac = std::nullopt,
                           .state = neighbor.is_static ? "static"
                                    : neighbor.mac     ? "reachable"
                                                       : "resolving",
                           .nexthop = neighbor.watched};
    if (neighbor.mac) view.mac = neighbor.mac->bytes;
    out.push_back(std::move(view));
  }
  return out;
}

}  // namespace ecmpd::control
