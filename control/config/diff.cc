#include "control/config/diff.h"

#include <fmt/format.h>

#include <map>
#include <utility>

namespace ecmpd::control {
namespace {

using Kind = ConfigChange::Kind;
using Effect = ConfigChange::Effect;

class Differ {
 public:
  template <typename T>
  void value(std::string what, const T& running, const T& wanted, Effect effect) {
    if (running != wanted) add(Kind::kChanged, std::move(what), effect);
  }

  /// Items that `key_of` identifies. What the change of one means, `changed(name, running, wanted)` adds.
  template <typename T, typename KeyOf, typename Changed>
  void list(const char* what, const std::vector<T>& running, const std::vector<T>& wanted, Effect effect, KeyOf key_of,
            Changed changed) {
    using Key = decltype(key_of(std::declval<const T&>()));
    std::map<Key, std::pair<const T*, const T*>> items;
    for (const T& item : running) items[key_of(item)].first = &item;
    for (const T& item : wanted) items[key_of(item)].second = &item;
    for (const auto& [key, pair] : items) {
      const auto [before, after] = pair;
      const std::string name = fmt::format("{} {}", what, text(key));
      if (before != nullptr && after != nullptr) {
        if (*before != *after) changed(name, *before, *after);
      } else {
        add(before == nullptr ? Kind::kAdded : Kind::kRemoved, name, effect);
      }
    }
  }
  template <typename T, typename KeyOf>
  void list(const char* what, const std::vector<T>& running, const std::vector<T>& wanted, KeyOf key_of) {
    list(what, running, wanted, Effect::kLive, key_of,
         [this](const std::string& name, const T&, const T&) { add(Kind::kChanged, name, Effect::kLive); });
  }

  void add(Kind kind, std::string what, Effect effect) { changes_.push_back({kind, std::move(what), effect}); }
  size_t size() const { return changes_.size(); }
  std::vector<ConfigChange> take() { return std::move(changes_); }

 private:
  static std::string text(const std::string& key) { return key; }
  static std::string text(const IpAddress& key) { return key.to_string(); }
  static std::string text(const Prefix& key) { return key.to_string(); }
  static std::string text(const std::pair<IpAddress, std::string>& key) {
    return fmt::format("{} on {}", key.first.to_string(), key.second);
  }

  std::vector<ConfigChange> changes_;
};

void diff_ports(const Config& running, const Config& wanted, Differ& differ) {
  constexpr Effect kRestart = Effect::kNeedsRestart;
  const size_t before = differ.size();
  differ.list(
      "port", running.ports, wanted.ports, kRestart, [](const PortConfig& port) { return port.name; },
      [&differ](const std::string& name, const PortConfig& was, const PortConfig& is) {
        const bool same_device = was.device_kind == is.device_kind && was.device == is.device;
        differ.value(name + ".device", true, same_device, kRestart);
        differ.value(name + ".parent", was.parent, is.parent, kRestart);
        differ.value(name + ".vlan", was.vlan, is.vlan, kRestart);
        differ.value(name + ".address", was.addresses, is.addresses, kRestart);
        differ.value(name + ".mtu", was.mtu, is.mtu, kRestart);
      });
  if (differ.size() == before && running.ports != wanted.ports) {
    differ.add(Kind::kChanged, "order of the ports", kRestart);
  }
}

void diff_ecmp(const EcmpConfig& was, const EcmpConfig& is, Differ& differ) {
  constexpr Effect kMoves = Effect::kMovesFlows;
  differ.value("ecmp.key", was.key, is.key, kMoves);
  differ.value("ecmp.hash", was.hash, is.hash, kMoves);
  const bool toeplitz = is.hash == hash::HashFunction::kToeplitz;  // others do without a key
  differ.value("ecmp.toeplitz_key", was.toeplitz_key, is.toeplitz_key, toeplitz ? kMoves : Effect::kLive);
  differ.value("ecmp.seed", was.seed, is.seed, kMoves);
  differ.value("ecmp.selector", was.selector, is.selector, kMoves);
  differ.value("ecmp.buckets", was.buckets, is.buckets, kMoves);
  differ.value("ecmp.maximum_paths", was.maximum_paths, is.maximum_paths, Effect::kLive);
  differ.value("ecmp.forget_after", was.forget_after, is.forget_after, Effect::kLive);
  differ.value("ecmp.state_file", was.state_file, is.state_file, Effect::kNeedsRestart);
}

/// "10.0.1.11", "fe80::b on node1"
std::string name_of(const IpAddress& peer, const std::vector<PortConfig>& ports) {
  const std::string address = peer.without_zone().to_string();
  const size_t port = port_of_zone(peer.zone());
  return peer.zone() == 0 || port >= ports.size() ? address : fmt::format("{} on {}", address, ports[port].name);
}

/// What was agreed on when the session came up, or before.
bool same_session(const PeerPolicy& was, const PeerPolicy& is) {
  return was.hold_time == is.hold_time && was.password == is.password;
}

}  // namespace

std::string_view to_string(ConfigChange::Kind kind) {
  return kind == Kind::kAdded ? "added" : kind == Kind::kRemoved ? "removed" : "changed";
}

std::string_view to_string(ConfigChange::Effect effect) {
  switch (effect) {
    case Effect::kLive:
      return "";
    case Effect::kMovesFlows:
      return "flows move";
    case Effect::kRestartsSession:
      return "the session restarts";
    case Effect::kNeedsRestart:
      return "needs a restart";
  }
  return "";
}

std::string ConfigChange::to_string() const {
  const std::string_view note = control::to_string(effect);
  return fmt::format("{}: {}{}", what, control::to_string(kind), note.empty() ? "" : fmt::format(" ({})", note));
}

std::vector<ConfigChange> diff_config(const Config& running, const Config& wanted) {
  Differ differ;
  constexpr Effect kRestart = Effect::kNeedsRestart;
  const DataplaneConfig& was = running.dataplane;
  const DataplaneConfig& is = wanted.dataplane;
  differ.value("router.asn", running.router.asn, wanted.router.asn, kRestart);
  differ.value("router.router_id", running.router.router_id, wanted.router.router_id, kRestart);
  differ.value("dataplane.workers", was.workers, is.workers, kRestart);
  differ.value("dataplane.idle", was.idle, is.idle, kRestart);
  differ.value("dataplane.fib_tbl8", was.fib_tbl8, is.fib_tbl8, kRestart);
  differ.value("dataplane.fib6_prefixes", was.fib6_prefixes, is.fib6_prefixes, kRestart);
  differ.value("dataplane.icmp_rate", was.icmp_rate, is.icmp_rate, kRestart);
  diff_ports(running, wanted, differ);
  diff_ecmp(running.ecmp, wanted.ecmp, differ);
  differ.value("api.socket", running.api_socket, wanted.api_socket, kRestart);

  differ.list("route", running.routes, wanted.routes, [](const StaticRouteConfig& route) { return route.prefix; });
  differ.list("neighbor_entry", running.neighbor_entries, wanted.neighbor_entries,
              [](const NeighborEntryConfig& entry) { return std::pair(entry.address.without_zone(), entry.port); });
  differ.list(
      "neighbor", running.neighbors, wanted.neighbors, Effect::kLive,
      [&running](const NeighborConfig& neighbor) { return name_of(neighbor.address, running.ports); },
      [&differ](const std::string& name, const NeighborConfig& a, const NeighborConfig& b) {
        const bool same = a.remote_as == b.remote_as && a.passive == b.passive && a.connect_retry == b.connect_retry &&
                          a.session == b.session && same_session(a.policy, b.policy);
        differ.add(Kind::kChanged, name, same ? Effect::kLive : Effect::kRestartsSession);
      });
  differ.list(
      "listen", running.listens, wanted.listens, Effect::kLive, [](const ListenConfig& listen) { return listen.range; },
      [&differ](const std::string& name, const ListenConfig& a, const ListenConfig& b) {
        const bool same = a.remote_as == b.remote_as && a.session == b.session && same_session(a.policy, b.policy);
        differ.add(Kind::kChanged, name, same ? Effect::kLive : Effect::kRestartsSession);
      });
  return differ.take();
}

}  // namespace ecmpd::control
