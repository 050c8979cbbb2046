#include "control/api/present.h"
#include "control/api/words.h"

namespace ecmpd::control::api {
namespace {

Real ratio(uint64_t part, uint64_t whole, int digits, bool percent = false) {
  return {whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole), digits, percent};
}

}  // namespace

Table present_ports(const std::vector<PortView>& ports) {
  const auto right = Align::kRight;
  Table table;
  table.name = "ports";
  table.columns = {{"Port", "name"},
                   {"Device", "device"},
                   {"Driver", "driver"},
                   {"Link", ""},
                   {"", "link"},
                   {"MAC", "mac"},
                   {"MTU", "mtu", right},
                   {"Addresses", "addresses"},
                   {"Rx packets", "rx_packets", right},
                   {"Rx bytes", "rx_bytes", right},
                   {"Rx missed", "rx_missed", right},
                   {"Rx errors", "rx_errors", right},
                   {"Tx packets", "tx_packets", right},
                   {"Tx bytes", "tx_bytes", right},
                   {"Tx errors", "tx_errors", right}};
  for (const PortView& port : ports) {
    table.rows.push_back({port.name, port.device, port.driver, port.link_up ? "up" : "down", port.link_up,
                          mac_text(port.mac), port.mtu, port.addresses, port.rx_packets, port.rx_bytes, port.rx_missed,
                          port.rx_errors, port.tx_packets, port.tx_bytes, port.tx_errors});
  }
  return table;
}

Table present_drops(const std::vector<DropView>& drops) {
  Table table;
  table.name = "drops";
  table.columns = {{"Reason", "reason"}, {"Packets", "packets", Align::kRight}, {"When", "doc"}};
  for (const DropView& drop : drops) table.rows.push_back({drop.reason, drop.packets, drop.doc});
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
                   {"Rate limited", "rate_limited", right},
                   {"Not allowed", "not_allowed", right}};
  for (const IcmpView& port : ports) {
    table.rows.push_back({port.port, port.time_exceeded, port.no_route, port.unreachable, port.too_big,
                          port.rate_limited, port.not_allowed});
  }
  return table;
}

Table present_workers(const std::vector<WorkerView>& workers) {
  const auto right = Align::kRight;
  Table table;
  table.name = "workers";
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
                   {"Cycles/packet", "cycles_per_packet", right},
                   {"Packets/burst", "packets_per_burst", right},
                   {"Idle share", "idle_share", right}};
  for (const WorkerView& worker : workers) {
    table.rows.push_back({worker.lcore, worker.ports, worker.idle, worker.polls, worker.empty_polls, worker.bursts,
                          worker.packets, worker.injected, worker.fragments, worker.punted,
                          ratio(worker.busy_cycles, worker.packets + worker.injected, 1),
                          ratio(worker.packets, worker.bursts, 1), ratio(worker.empty_polls, worker.polls, 1, true)});
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
