#include "control/daemon/reload.h"

#include <array>
#include <cstring>

#include "control/config/live.h"
#include "control/log.h"

namespace ecmpd::control {

namespace {
constexpr uint16_t kBgpPort = 179;

bool same_hash(const EcmpConfig& a, const EcmpConfig& b) {
  return a.key == b.key && a.hash == b.hash && a.toeplitz_key == b.toeplitz_key && a.seed == b.seed;
}

void report(const std::vector<ConfigChange>& changes, const std::string& file) {
  size_t waiting = 0;
  for (const ConfigChange& change : changes) {
    const bool notable = change.effect != ConfigChange::Effect::kLive;
    log::write(notable ? log::Level::kWarn : log::Level::kInfo, "reload", change.to_string());
    waiting += change.effect == ConfigChange::Effect::kNeedsRestart ? 1 : 0;
  }
  if (waiting == 0) {
    log::info("reload", "{}: {} changes applied", file, changes.size());
  } else {
    log::warn("reload", "{}: {} changes applied, {} need a restart", file, changes.size() - waiting, waiting);
  }
}
}  // namespace

dataplane::PriorityTraffic priority_traffic(const Config& config) {
  dataplane::PriorityTraffic out{.tcp_port = kBgpPort, .sources = {}, .sources6 = {}};
  const auto add = [&out](const Prefix& prefix) {
    if (!prefix.address().is_v4()) {
      std::array<uint8_t, 16> ones;
      ones.fill(0xff);
      const Prefix mask(IpAddress::v6(ones.data()), prefix.length());
      auto& source = out.sources6.emplace_back();
      std::memcpy(source.address.data(), prefix.address().bytes(), 16);
      std::memcpy(source.mask.data(), mask.address().bytes(), 16);
      return;
    }
    const uint32_t mask = prefix.length() == 0 ? 0 : ~uint32_t{0} << (32 - prefix.length());
    out.sources.push_back({prefix.address().v4_value(), mask});
  };
  for (const NeighborConfig& neighbor : config.neighbors) {
    const IpAddress address = neighbor.address.without_zone();  // as it is in packets
    add(Prefix(address, address.bits()));
  }
  for (const ListenConfig& listen : config.listens) add(listen.range);
  return out;
}

tl::expected<std::vector<ConfigChange>, std::string> reload(const std::string& file, const std::vector<unsigned>& cpus,
                                                            const RunningRouter& router) {
  const auto wanted = load_config(file, cpus);
  if (!wanted) {
    log::error("reload", "nothing changed: {}", wanted.error().to_string());
    return tl::unexpected(wanted.error().to_string());
  }
  std::vector<ConfigChange> changes = diff_config(router.config, *wanted);
  const Config before = std::exchange(router.config, live_config(router.config, *wanted));
  // What may fail comes first.
  if (const auto applied = router.routes.reload(before); !applied) {
    router.config = before;
    log::error("reload", "nothing changed: {}", applied.error());
    return tl::unexpected(applied.error());
  }
  router.host.set_neighbor_entries(before, router.config.neighbor_entries);
  if (!same_hash(before.ecmp, router.config.ecmp)) router.machine.set_hash(router.config.ecmp);
  router.machine.publisher().set_priority_traffic(priority_traffic(router.config));
  report(changes, file);
  return changes;
}

}  // namespace ecmpd::control
