// Ports, drops, workers, hash settings and neighbors, as they are shown.
#include <cstring>

#include "control/daemon/state_source.h"
#include "hash/key_fields.h"

namespace ecmpd::control {

namespace {

std::string device_text(const PortConfig& port) {
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

std::vector<api::PortView> DaemonState::ports() {
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
    for (const auto& worker : machine_.workers()) {
      const dataplane::PortCounters& counters = worker->counters().port[i];
      view.rx_packets += counters.rx.packets.get();
      view.rx_bytes += counters.rx.bytes.get();
      view.tx_packets += counters.tx.packets.get();
      view.tx_bytes += counters.tx.bytes.get();
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
  std::vector<api::DropView> out;
  for (unsigned i = 0; i < dataplane::kDropReasonCount; ++i) {
    const dataplane::DropReasonText text = dataplane::describe(dataplane::DropReason{static_cast<uint8_t>(i)});
    uint64_t packets = 0;
    for (const auto& worker : machine_.workers()) packets += worker->counters().drops[i].get();
    out.push_back({.reason = std::string(text.name), .packets = packets, .doc = std::string(text.rule)});
  }
  return out;
}

std::vector<api::WorkerView> DaemonState::workers() {
  std::vector<api::WorkerView> out;
  for (const auto& worker : machine_.workers()) {
    const dataplane::WorkerCounters& counters = worker->counters();
    api::WorkerView view;
    view.lcore = worker->lcore();
    for (const PortConfig& port : config_.ports) view.ports.push_back(port.name);
    view.idle = machine_.idle() == dataplane::IdlePolicy::kPoll ? "poll" : "sleep";
    view.polls = counters.polls.get();
    view.empty_polls = view.polls - std::min(view.polls, counters.busy_polls.get());
    view.bursts = counters.bursts.get();
    for (const dataplane::PortCounters& port : counters.port) view.packets += port.rx.packets.get();
    view.injected = counters.injected.get();
    for (const dataplane::Counter& punted : counters.punted) view.punted += punted.get();
    view.busy_cycles = counters.busy_cycles.get();
    out.push_back(std::move(view));
  }
  return out;
}

api::HashView DaemonState::hash() {
  return {.key = config_.ecmp.key_name,
          .fields = hash::names_of(config_.ecmp.key),
          .function = config_.ecmp.hash,
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
