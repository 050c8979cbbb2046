#include <fmt/core.h>

#include <cmath>
#include <optional>

#include "control/api/present.h"
#include "control/api/words.h"

namespace ecmpd::control::api {
namespace {

/// To a tenth: what lies below is chance.
std::optional<Real> tenths(std::optional<double> value) {
  if (!value) return std::nullopt;
  return Real{std::round(*value * 10) / 10, 1};
}

std::optional<Real> rate(const std::optional<PortView::Rates>& rates, double PortView::Rates::*which) {
  return rates ? tenths((*rates).*which) : std::nullopt;
}

}  // namespace

Table present_ports(const std::vector<PortView>& ports) {
  const auto right = Align::kRight;
  Table table;
  table.name = "ports";
  // In the text each port has a line for what comes in and one for what goes out.
  const std::vector<Column> directions = {
      {"Way", ""},           {"Packets", "", right}, {"Bytes", "", right}, {"Packets/s", "", right},
      {"Bits/s", "", right}, {"Errors", "", right},  {"Missed", "", right}};
  table.columns = {{"Port", "name"},
                   {"Device", "device"},
                   {"Driver", "driver"},
                   {"Link", ""},
                   {"", "link"},
                   {"MAC", "mac"},
                   {"MTU", "mtu", right},
                   {"Addresses", "addresses"},
                   {"", "", Align::kLeft, directions},
                   {"", "rx_packets"},
                   {"", "rx_bytes"},
                   {"", "rx_packets_per_second"},
                   {"", "rx_bits_per_second"},
                   {"", "rx_missed"},
                   {"", "rx_errors"},
                   {"", "tx_packets"},
                   {"", "tx_bytes"},
                   {"", "tx_packets_per_second"},
                   {"", "tx_bits_per_second"},
                   {"", "tx_errors"}};
  using Rates = PortView::Rates;
  for (const PortView& port : ports) {
    const Cell rx_packets_rate = rate(port.rates, &Rates::rx_packets), rx_bits_rate = rate(port.rates, &Rates::rx_bits);
    const Cell tx_packets_rate = rate(port.rates, &Rates::tx_packets), tx_bits_rate = rate(port.rates, &Rates::tx_bits);
    const std::vector<Row> ways = {
        {"in", port.rx_packets, port.rx_bytes, rx_packets_rate, rx_bits_rate, port.rx_errors, port.rx_missed},
        {"out", port.tx_packets, port.tx_bytes, tx_packets_rate, tx_bits_rate, port.tx_errors, Cell()}};
    table.rows.push_back({port.name,     port.device,        port.driver,    port.link_up ? "up" : "down",
                          port.link_up,  mac_text(port.mac), port.mtu,       port.addresses,
                          ways,          port.rx_packets,    port.rx_bytes,  rx_packets_rate,
                          rx_bits_rate,  port.rx_missed,     port.rx_errors, port.tx_packets,
                          port.tx_bytes, tx_packets_rate,    tx_bits_rate,   port.tx_errors});
  }
  return table;
}

Table present_drops(const std::vector<DropView>& drops) {
  Table table;
  table.name = "drops";
  table.columns = {{"Reason", "reason"},
                   {"Packets", "packets", Align::kRight},
                   {"Per second", "per_second", Align::kRight},
                   {"When", "doc"}};
  for (const DropView& drop : drops) {
    table.rows.push_back({drop.reason, drop.packets, tenths(drop.per_second), drop.doc});
  }
  return table;
}

Table present_icmp(const std::vector<IcmpView>& ports) {
  const auto right = Align::kRight;
  Table table;
  table.name = "icmp";
  table.columns = {{"Port", "port"},
                   {"Time exceeded", "time_exceeded", right},
                   {"No route", "no_route", right},
                   {"Unreachable", "unreachable", right},
                   {"Too big", "too_big", right},
                   {"Beyond scope", "beyond_scope", right},
                   {"Rate limited", "rate_limited", right},
                   {"Not allowed", "not_allowed", right}};
  for (const IcmpView& port : ports) {
    table.rows.push_back({port.port, port.time_exceeded, port.no_route, port.unreachable, port.too_big,
                          port.beyond_scope, port.rate_limited, port.not_allowed});
  }
  return table;
}

Table present_workers(const std::vector<WorkerView>& workers) {
  const auto right = Align::kRight;
  Table table;
  table.name = "workers";
  if (!workers.empty()) {
    table.title = fmt::format("Kernels: packets {}, hash {}, IPv6 lookup {}\n", workers[0].packet_kernel,
                              workers[0].hash_kernel, workers[0].fib6_kernel);
  }
  table.columns = {{"Lcore", "lcore", right},
                   {"Ports", "ports"},
                   {"When idle", "idle"},
                   {"Polls", "polls", right},
                   {"Empty", "empty_polls", right},
                   {"Bursts", "bursts", right},
                   {"Packets", "packets", right},
                   {"Injected", "injected", right},
                   {"Fragments", "fragments", right},
                   {"Punted", "punted", right},
                   {"", "busy_cycles", right},
                   {"Packets/s", "packets_per_second", right},
                   {"Packets/burst", "packets_per_burst", right},
                   {"Cycles/packet", "cycles_per_packet", right},
                   {"Idle", "idle_share", right},
                   {"", "kernels/packets"},
                   {"", "kernels/hash"},
                   {"", "kernels/fib6"}};
  for (const WorkerView& worker : workers) {
    std::optional<Real> packets, per_burst, cycles, idle;
    if (worker.recent) {
      packets = tenths(worker.recent->packets_per_second);
      per_burst = tenths(worker.recent->packets_per_burst);
      cycles = tenths(worker.recent->cycles_per_packet);
      idle = Real{worker.recent->idle_share, 1, true};
    }
    table.rows.push_back({worker.lcore, worker.ports, worker.idle, worker.polls, worker.empty_polls, worker.bursts,
                          worker.packets, worker.injected, worker.fragments, worker.punted, worker.busy_cycles, packets,
                          per_burst, cycles, idle, worker.packet_kernel, worker.hash_kernel, worker.fib6_kernel});
  }
  return table;
}

Table present_hash(const HashView& hash) {
  Table table;
  table.shape = Table::Shape::kRecord;
  table.columns = {{"Key", "key"},   {"Fields", "fields"},     {"Function", "function"},
                   {"Seed", "seed"}, {"Selector", "selector"}, {"Buckets", "buckets"}};
  table.rows = {{hash.key, hash.fields, hash.function, hash.seed, hash.selector,
                 hash.buckets == 0 ? Cell("auto") : Cell(hash.buckets)}};
  return table;
}

Table present_neighbors(const std::vector<NeighborView>& neighbors) {
  Table table;
  table.name = "neighbors";
  table.columns = {
      {"Neighbor", "address"}, {"Port", "port"}, {"MAC", "mac"}, {"State", "state"}, {"Nexthop", "nexthop"}};
  for (const NeighborView& neighbor : neighbors) {
    table.rows.push_back(
        {neighbor.address.to_string(), neighbor.port, text_of(neighbor.mac), neighbor.state, neighbor.nexthop});
  }
  return table;
}

}  // namespace ecmpd::control::api
