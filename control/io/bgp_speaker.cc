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

unsigned interface_of(const BgpConfig& config, uint16_t zone) {
  return zone != 0 && zone <= config.interfaces.size() ? config.interfaces[zone - 1u] : 0;
}

// What a configured neighbor and a dynamic one have in common.
BgpPeerSettings settings_of(const BgpConfig& config, const IpAddress& address, const SessionOptions& options,
                            const PeerPolicy& policy) {
  BgpPeerSettings out;
  out.address = address;
  out.interface = interface_of(config, address.zone());
  out.port = config.port;
  out.session.local_as = config.router.asn;
  out.session.router_id = config.router.router_id;
  out.session.hold_time = policy.hold_time;
  out.session.families = {.ipv4 = options.ipv4, .ipv6 = options.ipv6};
  if (options.add_path) out.session.add_path = out.session.families;
  out.session.graceful_restart = options.graceful_restart;
  out.session.zone = address.zone();
  out.ttl.sent = options.ebgp_multihop;
  out.multihop = options.ebgp_multihop != 0 || options.ttl_security_hops > 1;
  if (options.ttl_security_hops != 0) out.ttl = ttl_security(options.ttl_security_hops);
  out.policy = policy;
  return out;
}

BgpPeerSettings settings_of(const BgpConfig& config, const NeighborConfig& neighbor) {
  BgpPeerSettings out = settings_of(config, neighbor.address, neighbor.session, neighbor.policy);
  out.session.passive = neighbor.passive;
  out.session.connect_retry = neighbor.connect_retry;
  out.session.remote_as = {neighbor.remote_as};
  return out;
}

BgpPeerSettings settings_of(const BgpConfig& config, const ListenConfig& listen, const IpAddress& address) {
  BgpPeerSettings out = settings_of(config, address, listen.session, listen.policy);
  out.dynamic = true;
  out.session.passive = true;
  out.session.remote_as = listen.remote_as;
  return out;
}

// What the configuration says about an address; nullopt: not a peer.
std::optional<BgpPeerSettings> find_settings(const BgpConfig& config, const IpAddress& address) {
  for (const NeighborConfig& neighbor : config.neighbors) {
    if (neighbor.address == address) return settings_of(config, neighbor);
  }
  const ListenConfig* best = nullptr;
  for (const ListenConfig& listen : config.listens) {
    if (!listen.range.contains(address.without_zone())) continue;
    if (best == nullptr || listen.range.length() > best->range.length()) best = &listen;
  }
  if (best == nullptr) return std::nullopt;
  return settings_of(config, *best, address);
}

std::vector<TcpKey> keys_of(const BgpConfig& config, hash::Family family) {
  std::vector<TcpKey> keys;
  for (const ListenConfig& listen : config.listens) keys.push_back({listen.range, listen.policy.password});
  for (const NeighborConfig& neighbor : config.neighbors) {
    // The kernel's keys know no links: of one link-local address on several, the last password counts.
    const IpAddress address = neighbor.address.without_zone();
    keys.push_back({{address, address.bits()}, neighbor.policy.password});
  }
  return kernel_keys(keys, family);
}

// Whether anybody of this family may connect.
bool expects(const BgpConfig& config, hash::Family family) {
  const auto neighbor = [&](const NeighborConfig& one) { return one.address.family() == family; };
  const auto listen = [&](const ListenConfig& one) { return one.range.family() == family; };
  return std::any_of(config.neighbors.begin(), config.neighbors.end(), neighbor) ||
         std::any_of(config.listens.begin(), config.listens.end(), listen);
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
  std::map<IpAddress, std::unique_ptr<TcpListener>> listeners;  // by the address that they listen on
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

  BgpPeer* find(bgp::PeerId id) {
    for (const auto& [address, peer] : peers) {
      if (peer->id() == id) return peer.get();
    }
    return nullptr;
  }

  using Peers = std::map<IpAddress, std::unique_ptr<BgpPeer>>;
  Peers::iterator remove(Peers::iterator peer, uint8_t cease_subcode) {
    peer->second->stop(cease_subcode);
    used_ids.erase(static_cast<uint32_t>(peer->second->id()));
    return peers.erase(peer);
  }

  void refuse(int fd, const Endpoint& from, std::string_view why) {
    ::close(fd);
    if (refusals_logged < kRefusalsLoggedPerBeat) {
      ++refusals_logged;
      log::warn("bgp", "connection from {} refused: {}", endpoint_text(from.address, from.port), why);
    } else {
      ++refusals_silent;
    }
  }

  // With the zone that the link of a link-local address has; without one the link is not ours.
  IpAddress with_zone(const Endpoint& from) const {
    if (!from.address.is_link_local() || from.address.zone() != 0) return from.address;
    const auto found = std::find(config.interfaces.begin(), config.interfaces.end(), from.interface);
    if (found == config.interfaces.end()) return from.address;
    return from.address.with_zone(static_cast<uint16_t>(found - config.interfaces.begin() + 1));
  }

  void accepted(int fd, const Endpoint& from) {
    const IpAddress address = with_zone(from);
    if (address.is_link_local() && address.zone() == 0) return refuse(fd, from, "its link is not a port's");
    if (const auto known = peers.find(address); known != peers.end()) return known->second->accept(fd);
    auto settings = find_settings(config, address);
    if (!settings) return refuse(fd, from, "neither a neighbor nor within a listen range");
    if (!make_room()) return refuse(fd, from, "too many dynamic peers");
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
                          BgpPeer::now() - peer.idle_since() > kForgetDynamic && BgpPeer::now() > peer.retained_until();
      it = forget ? remove(it, bgp::cease::kPeerDeconfigured) : std::next(it);
    }
  }

  // Opens what is missing first, so that an error leaves everything as it was.
  tl::expected<void, std::string> listen(const BgpConfig& next) {
    std::map<IpAddress, std::unique_ptr<TcpListener>> opened;
    std::vector<IpAddress> wanted;
    for (const IpAddress& address : next.listen_addresses) {
      if (!expects(next, address.family())) continue;
      wanted.push_back(address);
      if (next.port == config.port && listeners.contains(address)) continue;
      auto one = TcpListener::open(reactor, address, next.port, keys_of(next, address.family()),
                                   [this](int fd, const Endpoint& from) { accepted(fd, from); });
      if (!one) return tl::unexpected(one.error());
      opened[address] = std::move(*one);
    }
    for (auto& [address, listener] : listeners) {
      if (opened.contains(address)) continue;
      const auto set = listener->set_keys(keys_of(next, address.family()));
      if (set) continue;
      for (auto& [other, undone] : listeners) (void)undone->set_keys(keys_of(config, other.family()));
      return set;
    }
    std::erase_if(listeners, [&](const auto& one) {
      return opened.contains(one.first) || std::find(wanted.begin(), wanted.end(), one.first) == wanted.end();
    });
    for (auto& [address, listener] : opened) {
      log::info("bgp", "listening on {}", endpoint_text(address, listener->port()));
      listeners[address] = std::move(listener);
    }
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
    } else if (it->second->set_policy(wanted->policy) && !it->second->request_refresh()) {
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
  impl.listeners.clear();
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
    report.graceful_restart = peer->settings().session.graceful_restart;
    report.imports_nothing = imports_nothing(peer->settings().policy);
    report.local_endpoint = peer->local_endpoint();
    report.remote_endpoint = peer->remote_endpoint();
    report.age = BgpPeer::now() - peer->status().since;
    if (const auto& reset = peer->status().last_reset) report.reset_age = BgpPeer::now() - reset->at;
    report.status = peer->status();
  }
  return out;
}

void BgpSpeaker::announce(bgp::PeerId id, const bgp::PathAttributes& attributes,
                          const std::optional<hash::IpAddress>& link_local, std::span<const hash::Prefix> prefixes) {
  if (BgpPeer* peer = impl_->find(id)) peer->announce(attributes, link_local, prefixes);
}

void BgpSpeaker::withdraw(bgp::PeerId id, hash::Family family, std::span<const hash::Prefix> prefixes) {
  if (BgpPeer* peer = impl_->find(id)) peer->withdraw(family, prefixes);
}

void BgpSpeaker::finish_table(bgp::PeerId id) {
  if (BgpPeer* peer = impl_->find(id)) peer->finish_table();
}

bool BgpSpeaker::request_refresh(const IpAddress& address) {
  const auto peer = impl_->peers.find(address);
  return peer != impl_->peers.end() && peer->second->request_refresh();
}

uint16_t BgpSpeaker::port() const {
  return impl_->listeners.empty() ? uint16_t{0} : impl_->listeners.begin()->second->port();
}

}  // namespace ecmpd::control
