#include "control/config/diff.h"

#include <fmt/format.h>

#include <map>
#include <utility>

namespace ecmpd::control {
namespace {

class Differ {
 public:
  template <typename T>
  void value(const char* what, const T& running, const T& wanted, bool needs_restart) {
    if (running != wanted) add(ConfigChange::Kind::kChanged, what, needs_restart);
  }

  /// Items that `key_of` identifies.
  template <typename T, typename KeyOf>
  void list(const char* what, const std::vector<T>& running, const std::vector<T>& wanted, bool needs_restart,
            KeyOf key_of) {
    using Key = decltype(key_of(std::declval<const T&>()));
    std::map<Key, std::pair<const T*, const T*>> items;
    for (const T& item : running) items[key_of(item)].first = &item;
    for (const T& item : wanted) items[key_of(item)].second = &item;
    for (const auto& [key, pair] : items) {
      const auto [before, after] = pair;
      if (before != nullptr && after != nullptr && *before == *after) continue;
      const auto kind = before == nullptr  ? ConfigChange::Kind::kAdded
                        : after == nullptr ? ConfigChange::Kind::kRemoved
                                           : ConfigChange::Kind::kChanged;
      add(kind, fmt::format("{} {}", what, text(key)), needs_restart);
    }
  }

  void add(ConfigChange::Kind kind, std::string what, bool needs_restart) {
    changes_.push_back({kind, std::move(what), needs_restart});
  }
  bool empty() const { return changes_.empty(); }
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

}  // namespace

std::string ConfigChange::to_string() const {
  const char* verb = kind == Kind::kAdded ? "added" : kind == Kind::kRemoved ? "removed" : "changed";
  return fmt::format("{}: {}{}", what, verb, needs_restart ? " (needs a restart)" : "");
}

std::vector<ConfigChange> diff_config(const Config& running, const Config& wanted) {
  Differ differ;
  differ.value("router.asn", running.router.asn, wanted.router.asn, true);
  differ.value("router.router_id", running.router.router_id, wanted.router.router_id, true);
  differ.value("dataplane.workers", running.dataplane.workers, wanted.dataplane.workers, true);
  differ.value("dataplane.idle", running.dataplane.idle, wanted.dataplane.idle, true);
  differ.value("dataplane.fib_tbl8", running.dataplane.fib_tbl8, wanted.dataplane.fib_tbl8, true);
  differ.value("dataplane.fib6_prefixes", running.dataplane.fib6_prefixes, wanted.dataplane.fib6_prefixes, true);

  Differ ports;
  ports.list("port", running.ports, wanted.ports, true, [](const PortConfig& port) { return port.name; });
  if (ports.empty() && running.ports != wanted.ports) {
    ports.add(ConfigChange::Kind::kChanged, "order of the ports", true);
  }
  for (ConfigChange& change : ports.take()) differ.add(change.kind, std::move(change.what), change.needs_restart);

  const EcmpConfig& was = running.ecmp;
  const EcmpConfig& is = wanted.ecmp;
  differ.value("ecmp.key", was.key, is.key, false);
  differ.value("ecmp.hash", was.hash, is.hash, false);
  differ.value("ecmp.seed", was.seed, is.seed, false);
  differ.value("ecmp.selector", was.selector, is.selector, false);
  differ.value("ecmp.buckets", was.buckets, is.buckets, false);
  differ.value("ecmp.maximum_paths", was.maximum_paths, is.maximum_paths, false);
  differ.value("ecmp.forget_after", was.forget_after, is.forget_after, false);
  differ.value("ecmp.state_file", was.state_file, is.state_file, true);
  differ.value("api.socket", running.api_socket, wanted.api_socket, true);

  differ.list("route", running.routes, wanted.routes, false,
              [](const StaticRouteConfig& route) { return route.prefix; });
  differ.list("neighbor_entry", running.neighbor_entries, wanted.neighbor_entries, false,
              [](const NeighborEntryConfig& entry) { return std::pair(entry.address.without_zone(), entry.port); });
  differ.list("neighbor", running.neighbors, wanted.neighbors, false,
              [](const NeighborConfig& neighbor) { return neighbor.address; });
  differ.list("listen", running.listens, wanted.listens, false,
              [](const ListenConfig& listen) { return listen.range; });
  return differ.take();
}

}  // namespace ecmpd::control
