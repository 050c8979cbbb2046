// Traces and captures, as they are shown: a worker's record with the names and addresses that control knows.
#include <algorithm>
#include <cstring>

#include "control/daemon/state_source.h"

namespace ecmpd::control {

namespace {

const char* name_of(dataplane::PuntClass punt_class) {
  switch (punt_class) {
    case dataplane::PuntClass::kNeighborDiscovery:
      return "neighbor discovery";
    case dataplane::PuntClass::kPriority:
      return "route exchange";
    case dataplane::PuntClass::kOther:
      return "for the router itself";
    case dataplane::PuntClass::kGlean:
      return "host to be resolved";
  }
  return "";
}

/// Of the IP packet in a frame that has passed parse, and of which `captured` bytes are kept; nothing if it is not in
/// them.
std::optional<IpAddress> destination_of(const uint8_t* frame, uint32_t captured) {
  constexpr size_t kEthernet = 14;
  const uint8_t* ip = frame + kEthernet;
  if (captured <= kEthernet) return std::nullopt;
  const bool is_v4 = ip[0] >> 4 == 4;
  if (captured < kEthernet + (is_v4 ? 20 : 40)) return std::nullopt;
  if (!is_v4) return IpAddress::v6(ip + 24);
  return IpAddress::v4(uint32_t{ip[16]} << 24 | uint32_t{ip[17]} << 16 | uint32_t{ip[18]} << 8 | ip[19]);
}

}  // namespace

api::WatchedView DaemonState::present(const dataplane::WatchRecord& record, const uint8_t* bytes) {
  using dataplane::Fate;
  using dataplane::WatchedAs;
  api::WatchedView out;
  out.time = watches_.time_of(record.tsc);
  out.way = record.as == WatchedAs::kReceived     ? api::WatchedWay::kReceived
            : record.as == WatchedAs::kOriginated ? api::WatchedWay::kOriginated
                                                  : api::WatchedWay::kLeaves;
  out.port_number = raw(record.port);
  out.port = port_name(record.port);
  out.lcore = machine_.workers()[record.worker]->lcore();
  out.length = record.length;
  out.bytes.assign(bytes, bytes + record.captured);
  if (record.selected) {
    out.group = raw(record.group);
    out.key.assign(record.key.begin(), record.key.begin() + record.key_size);
    out.hash = record.hash;
    out.bucket = record.bucket;
    out.buckets = record.buckets;
    const auto destination = destination_of(bytes, record.captured);
    const auto route = destination ? lookup(*destination) : std::nullopt;
    if (route && route->group.value_or(raw(dataplane::kNoRoute)) == raw(record.group)) out.prefix = route->prefix;
    if (const auto host = host_.host_of(record.adjacency)) out.nexthop = host->without_zone();
  }
  // Also of what was dropped behind that stage, for want of a link, room or memory.
  out.rewritten.assign(record.rewritten.begin(), record.rewritten.begin() + record.rewritten_size);
  switch (record.fate) {
    case Fate::kSent:
      out.fate = api::WatchedFate::kForward;
      out.out = port_name(record.out);
      break;
    case Fate::kFragmented:
      out.fate = api::WatchedFate::kFragment;
      out.out = port_name(record.out);
      out.fragments = record.fragments;
      break;
    case Fate::kPunted:
      out.fate = api::WatchedFate::kPunt;
      out.reason = name_of(record.punt_class);
      break;
    case Fate::kDropped:
      out.fate = api::WatchedFate::kDrop;
      out.reason = dataplane::describe(record.reason).name;
      break;
  }
  return out;
}

tl::expected<void, api::WatchRefusal> DaemonState::start_watch(const api::WatchRequest& request) {
  return watches_.start(request);
}

std::optional<api::WatchPage> DaemonState::read_watch(const std::string& name, unsigned limit) {
  dataplane::Watch* watch = watches_.read(name);
  if (watch == nullptr) return std::nullopt;
  api::WatchPage page;
  const unsigned count = watch->take(limit, [&](const dataplane::WatchRecord& record, const uint8_t* bytes) {
    page.packets.push_back(present(record, bytes));
  });
  std::stable_sort(page.packets.begin(), page.packets.end(),
                   [](const auto& a, const auto& b) { return a.time < b.time; });
  page.lost = watch->lost();
  page.ended = watch->complete() || (watch->closed() && count < limit);
  return page;
}

bool DaemonState::end_watch(const std::string& name) { return watches_.end(name); }

void DaemonState::stop_watch(const std::string& name) { watches_.stop(name); }

std::vector<std::string> DaemonState::port_names() {
  std::vector<std::string> out;
  for (const PortConfig& port : config_.ports) out.push_back(port.name);
  return out;
}

}  // namespace ecmpd::control
