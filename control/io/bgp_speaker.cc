#include "control/io/bgp_speaker.h"

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "control/io/bgp_peer.h"
#include "control/io/tcp_listener.h"
#include "control/log.h"

namespace ecmpd::control {
namespace {

// A dynamic peer without a connection is still shown for so long, with the reason why it went.
constexpr bgp::Time kForgetDynamic = std::chrono::minutes(2);
constexpr std::chrono::milliseconds kHousekeeping = std::chrono::seconds(5);
constexpr unsigned kRefusalsLoggedPerBeat = 20;

BgpPeerSettings settings_of(const BgpConfig& config, const NeighborConfig& neighbor) {
  BgpPeerSettings out;
  out.address = neighbor.address;
  out.port = config.port;
  out.session.local_as = config.router.asn;
  out.session.router_id = config.router.router_id;
  out.session.hold_time = neighbor.policy.hold_time;
  out.session.passive = neighbor.passive;
  out.session.connect_retry = neighbor.connect_retry;
  out.session.remote_as = {neighbor.remote_as};
  out.policy = neighbor.policy;
  return out;
}

BgpPeerSettings settings_of(const BgpConfig& config, const ListenConfig& listen, const IpAddress& address) {
  BgpPeerSettings out;
  out.address = address;
  out.port = config.port;
  out.dynamic = true;
  out.session.local_as = config.router.asn;
  out.session.router_id = config.router.router_id;
  out.session.hold_time = listen.policy.hold_time;
  out.session.passive = true;
  out.session.remote_as = listen.remote_as;
  out.policy = listen.policy;
  return out;
}

// What the configuration says about an address; nullopt: not a peer.
std::optional<BgpPeerSettings> find_settings(const BgpConfig& config, const IpAddress& address) {
  for (const NeighborConfig& neighbor : config.neighbors) {
    if (neighbor.address == address) return settings_of(config, neighbor);
  }
  const ListenConfig* best = nullptr;
  for (const ListenConfig& listen : config.listens) {
    if (!listen.range.contains(address)) continue;
    if (best == nullptr || listen.range.length() > best->range.length()) best = &listen;
  }
  if (best == nullptr) return std::nullopt;
  return settings_of(config, *best, address);
}

std::vector<TcpKey> keys_of(const BgpConfig& config) {
  std::vector<TcpKey> keys;
  const hash::Family family = config.listen_address.family();
  for (const ListenConfig& listen : config.listens) {
    if (!listen.policy.password.empty() && listen.range.family() == family) {
      keys.push_back({listen.range, listen.policy.password});
    }
  }
  for (const NeighborConfig& neighbor : config.neighbors) {
    if (!neighbor.policy.password.empty() && neighbor.address.family() == family) {
      keys.push_back({{neighbor.address, neighbor.address.bits()}, neighbor.policy.password});
    }
  }
  return keys;
}

}  // namespace

struct BgpSpeaker::Impl {
  Impl(Reactor& loop, bgp::SessionSink& sink)
      : reactor(loop), around{loop, sink, [this](auto connection) { bury(std::move(connection)); }} {
    housekeeping = reactor.every(kHousekeeping, [this] { tidy(); });
  }
  // Connections that are still being closed call back into here.
  ~Impl() { *alive = false; }

  Reactor& reactor;
  BgpPeer::Surroundings around;
  BgpConfig config;
  std::unique_ptr<TcpListener> listener;
  std::map<IpAddress, std::unique_ptr<BgpPeer>> peers;
  std::set<uint32_t> used_ids;
  size_t dying = 0;  // connections that are being closed
  std::function<void()> stopped;
  Handle housekeeping;
  Handle stop_limit;
  unsigned refusals_logged = 0, refusals_silent = 0;
  std::shared_ptr<bool> alive = std::make_shared<bool>(true);

  void bury(std::unique_ptr<TcpConnection> connection) {
    ++dying;
    TcpConnection::close(std::move(connection), [this, still = alive] {
      if (!*still) return;
      --dying;
      if (stopped && dying == 0) finish_stop();
    });
  }

  void finish_stop() {
    stop_limit.cancel();
    if (const auto done = std::exchange(stopped, nullptr)) done();
  }

  BgpPeer& add(BgpPeerSettings settings) {
    uint32_t id = 0;
    for (const uint32_t used : used_ids) {
      if (used != id) break;
      ++id;
    }
    used_ids.insert(id);
    const IpAddress address = settings.address;
    auto& place = peers[address];
    place = std::make_unique<BgpPeer>(around, bgp::PeerId{id}, std::move(settings));
    place->start();
    return *place;
  }

  using Peers = std::map<IpAddress, std::unique_ptr<BgpPeer>>;
  Peers::iterator remove(Peers::iterator peer, uint8_t cease_subcode) {
    peer->second->stop(cease_subcode);
    used_ids.erase(static_cast<uint32_t>(peer->second->id()));
    return peers.erase(peer);
  }

  void refuse(int fd, const IpAddress& address, uint16_t port, std::string_view why) {
    ::close(fd);
    if (refusals_logged < kRefusalsLoggedPerBeat) {
      ++refusals_logged;
      log::warn("bgp", "connection from {} refused: {}", endpoint_text(address, port), why);
    } else {
      ++refusals_silent;
    }
  }

  void accepted(int fd, const IpAddress& address, uint16_t port) {
    if (const auto known = peers.find(address); known != peers.end()) return known->second->accept(fd);
    auto settings = find_settings(config, address);
    if (!settings) return refuse(fd, address, port, "neither a neighbor nor within a listen range");
    if (!make_room()) return refuse(fd, address, port, "too many dynamic peers");
    add(std::move(*settings)).accept(fd);
  }

  // Room for one dynamic peer more, at the cost of the one that has been without a connection for the longest time.
  bool make_room() {
    size_t dynamic = 0;
    auto oldest = peers.end();
    for (auto it = peers.begin(); it != peers.end(); ++it) {
      if (!it->second->settings().dynamic) continue;
      ++dynamic;
      if (!it->second->idle() || it->second->status().state == bgp::State::kIdle) continue;
      if (oldest == peers.end() || it->second->idle_since() < oldest->second->idle_since()) oldest = it;
    }
    if (dynamic < kMaximumDynamicPeers) return true;
    if (oldest == peers.end()) return false;
    remove(oldest, bgp::cease::kPeerDeconfigured);
    return true;
  }

  void tidy() {
    if (refusals_silent > 0) log::warn("bgp", "{} more connections refused", refusals_silent);
    refusals_logged = refusals_silent = 0;
    for (auto it = peers.begin(); it != peers.end();) {
      const BgpPeer& peer = *it->second;
      // Idle (state) is a peer that is held down: it is remembered until that is over.
      const bool forget = peer.settings().dynamic && peer.idle() && peer.status().state == bgp::State::kActive &&
                          BgpPeer::now() - peer.idle_since() > kForgetDynamic;
      it = forget ? remove(it, bgp::cease::kPeerDeconfigured) : std::next(it);
    }
  }

  tl::expected<void, std::string> listen(const BgpConfig& next) {
    const bool wanted = !next.neighbors.empty() || !next.listens.empty();
    if (!wanted) {
      listener.reset();
      return {};
    }
    if (listener && next.port == config.port && next.listen_address == config.listen_address) {
      const auto set = listener->set_keys(keys_of(next));
      if (!set) (void)listener->set_keys(keys_of(config));
      return set;
    }
    auto opened =
        TcpListener::open(reactor, next.listen_address, next.port, keys_of(next),
                          [this](int fd, const IpAddress& address, uint16_t port) { accepted(fd, address, port); });
    if (!opened) return tl::unexpected(opened.error());
    listener = std::move(*opened);
    log::info("bgp", "listening on {}", endpoint_text(next.listen_address, listener->port()));
    return {};
  }
};

BgpSpeaker::BgpSpeaker(Reactor& reactor, bgp::SessionSink& sink) : impl_(std::make_unique<Impl>(reactor, sink)) {}
BgpSpeaker::~BgpSpeaker() = default;

tl::expected<void, std::string> BgpSpeaker::apply(const BgpConfig& config) {
  Impl& impl = *impl_;
  if (auto listening = impl.listen(config); !listening) return listening;
  impl.config = config;
  for (auto it = impl.peers.begin(); it != impl.peers.end();) {
    const auto wanted = find_settings(config, it->first);
    if (!wanted) {
      it = impl.remove(it, bgp::cease::kPeerDeconfigured);
    } else if (!wanted->same_session(it->second->settings())) {
      it = impl.remove(it, bgp::cease::kOtherConfigurationChange);
    } else if (it->second->set_policy(wanted->policy)) {
      it = impl.remove(it, bgp::cease::kOtherConfigurationChange);
    } else {
      ++it;
    }
  }
  for (const NeighborConfig& neighbor : config.neighbors) {
    if (!impl.peers.contains(neighbor.address)) impl.add(settings_of(config, neighbor));
  }
  return {};
}

void BgpSpeaker::stop(std::function<void()> done) {
  Impl& impl = *impl_;
  impl.listener.reset();
  while (!impl.peers.empty()) impl.remove(impl.peers.begin(), bgp::cease::kAdministrativeShutdown);
  impl.stopped = std::move(done);
  if (impl.dying == 0) {
    impl.reactor.post([&impl, still = impl.alive] {
      if (*still) impl.finish_stop();
    });
    return;
  }
  impl.stop_limit = impl.reactor.after(std::chrono::seconds(1), [&impl] { impl.finish_stop(); });
}

std::vector<BgpPeerReport> BgpSpeaker::peers() const {
  std::vector<BgpPeerReport> out;
  for (const auto& [address, peer] : impl_->peers) {
    BgpPeerReport& report = out.emplace_back();
    report.id = peer->id();
    report.address = address;
    report.dynamic = peer->settings().dynamic;
    report.configured_as = peer->settings().session.remote_as;
    report.local_endpoint = peer->local_endpoint();
    report.remote_endpoint = peer->remote_endpoint();
    report.age = BgpPeer::now() - peer->status().since;
    report.status = peer->status();
  }
  return out;
}

uint16_t BgpSpeaker::port() const { return impl_->listener ? impl_->listener->port() : 0; }

}  // namespace ecmpd::control
