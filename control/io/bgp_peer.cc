#include "control/io/bgp_peer.h"

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "control/bgp/update_encoder.h"
#include "control/zone_names.h"

namespace ecmpd::control {
namespace {

constexpr bgp::Time kAdmissionPause = std::chrono::seconds(1);

}  // namespace

bool BgpPeerSettings::same_session(const BgpPeerSettings& o) const {
  return address == o.address && interface == o.interface && port == o.port && dynamic == o.dynamic &&
         policy.password == o.policy.password && session == o.session && ttl == o.ttl;
}

bool imports_nothing(const PeerPolicy& policy) {
  const auto& rules = policy.import_filter.rules;
  return std::none_of(rules.begin(), rules.end(), [](const ImportRule& rule) { return rule.accept; });
}

bgp::Time BgpPeer::now() {
  return std::chrono::duration_cast<bgp::Time>(std::chrono::steady_clock::now().time_since_epoch());
}

BgpPeer::BgpPeer(const Surroundings& surroundings, bgp::PeerId id, BgpPeerSettings settings)
    : around_(surroundings),
      id_(id),
      settings_(std::move(settings)),
      name_(zoned_text(settings_.address)),
      session_(settings_.session, *this),
      last_admitted_(now() - kAdmissionPause),
      idle_since_(now()) {
  session_.set_maximum_prefix_hold(std::chrono::seconds(settings_.policy.maximum_prefix_restart));
}

BgpPeer::~BgpPeer() {
  if (parked_fd_ >= 0) ::close(parked_fd_);
}

void BgpPeer::start() { session_.start(now()); }

void BgpPeer::stop(uint8_t cease_subcode) {
  if (parked_fd_ >= 0) ::close(std::exchange(parked_fd_, -1));
  session_.stop(now(), cease_subcode);
  forget_retained();
}

void BgpPeer::forget_retained() {
  retained_timer_.cancel();
  if (std::exchange(retained_, false)) around_.sink.on_forgotten(id_);
}

bool BgpPeer::set_policy(const PeerPolicy& policy) {
  if (settings_.policy == policy) return false;
  settings_.policy = policy;
  session_.set_maximum_prefix_hold(std::chrono::seconds(policy.maximum_prefix_restart));
  const bool up = status().state == bgp::State::kEstablished;
  if (!up && !retained_) return false;
  const bool again = around_.sink.on_policy(id_, policy);
  return up && again;  // who is away sends everything when it comes back
}

namespace {
bgp::EncoderContext context_of(const bgp::SessionParameters& session) {
  return {.four_octet_as = session.four_octet_as,
          .ebgp = session.ebgp,
          .longest = session.extended_message ? size_t{65535} : size_t{4096},
          .link_local = {}};
}
}  // namespace

void BgpPeer::announce(const bgp::PathAttributes& attributes, const std::optional<hash::IpAddress>& link_local,
                       std::span<const hash::Prefix> prefixes) {
  bgp::EncoderContext context = context_of(status().parameters);
  context.link_local = link_local;
  const auto messages = bgp::encode_announcements(context, attributes, prefixes);
  if (messages.empty() && !prefixes.empty()) {
    log::warn("bgp", "{}: {} prefixes (such as {}) are not announced: their attributes do not fit into a message",
              name_, prefixes.size(), prefixes.front().to_string());
    return withdraw(prefixes.front().family(), prefixes);  // of what it may have been told before
  }
  session_.send_updates(messages);
}

void BgpPeer::withdraw(hash::Family family, std::span<const hash::Prefix> prefixes) {
  session_.send_updates(bgp::encode_withdrawals(context_of(status().parameters), family, prefixes));
}

void BgpPeer::accept(int fd) {
  if (parked_fd_ >= 0 || now() < last_admitted_ + kAdmissionPause) return park(fd);
  admit(fd);
}

void BgpPeer::park(int fd) {
  if (parked_fd_ >= 0) {
    ::close(std::exchange(parked_fd_, fd));
    return;  // the timer runs already
  }
  parked_fd_ = fd;
  parked_timer_ = around_.reactor.after(last_admitted_ + kAdmissionPause - now(), [this] {
    if (parked_fd_ >= 0) admit(std::exchange(parked_fd_, -1));
  });
}

void BgpPeer::admit(int fd) {
  last_admitted_ = now();
  auto connection = std::make_unique<TcpConnection>(around_.reactor, fd, TcpConnection::Options{.ttl = settings_.ttl},
                                                    events(bgp::Side::kIncoming));
  connection->start();
  if (!session_.offer_incoming(now())) {
    if (std::exchange(refused_in_, status().state) != status().state) {
      log::info("bgp", "{}: connection from {} refused in {}", name_, connection->remote_endpoint(),
                bgp::to_string(status().state));
    }
    const auto cease = bgp::encode(bgp::Notification{
        bgp::ErrorCode::kCease,
        status().state == bgp::State::kIdle ? bgp::cease::kConnectionRejected : bgp::cease::kCollisionResolution,
        {}});
    connection->send(cease);
    around_.bury(std::move(connection));
    return;
  }
  refused_in_.reset();
  at(bgp::Side::kIncoming) = std::move(connection);
  session_.connected(bgp::Side::kIncoming, now());
}

TcpConnection::Events BgpPeer::events(bgp::Side side) {
  return {
      .connected = [this, side] { session_.connected(side, now()); },
      .received =
          [this, side](std::span<const uint8_t> bytes) {
            around_.sink.on_read();
            session_.received(side, bytes, now());
          },
      .closed =
          [this, side](std::string_view reason) {
            idle_since_ = now();
            // Only the event loop holds the connection while it reports this.
            const auto gone = std::move(at(side));
            session_.closed(side, reason, now());
          },
  };
}

void BgpPeer::connect() {
  auto& connection = at(bgp::Side::kOutgoing);
  const Endpoint peer{settings_.address.without_zone(), settings_.port, settings_.interface};
  connection = std::make_unique<TcpConnection>(
      around_.reactor, peer, TcpConnection::Options{.password = settings_.policy.password, .ttl = settings_.ttl},
      events(bgp::Side::kOutgoing));
  connection->start();
}

void BgpPeer::send(bgp::Side side, bgp::Bytes bytes) {
  if (at(side)) at(side)->send(bytes);
}

void BgpPeer::close(bgp::Side side) {
  idle_since_ = now();
  if (at(side)) around_.bury(std::move(at(side)));
}

void BgpPeer::set_timer(bgp::SessionTimer timer, bgp::Time delay) {
  // RFC 4271 section 10: up to a quarter less, so that a rack of peers does not beat in time. Hold times are promises.
  const bool spread = timer == bgp::SessionTimer::kConnectRetry || timer == bgp::SessionTimer::kKeepaliveOutgoing ||
                      timer == bgp::SessionTimer::kKeepaliveIncoming;
  if (spread) {
    const auto ticks = static_cast<uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
    delay -= delay * static_cast<int64_t>((ticks * 0x9e3779b97f4a7c15u) >> 54) / 4096;
  }
  timers_[static_cast<size_t>(timer)] = around_.reactor.after(delay, [this, timer] { session_.expired(timer, now()); });
}

void BgpPeer::clear_timer(bgp::SessionTimer timer) { timers_[static_cast<size_t>(timer)].cancel(); }

bool BgpPeer::input_pending(bgp::Side side) { return at(side) && at(side)->input_pending(); }

void BgpPeer::established(const bgp::SessionParameters& parameters) {
  if (parameters.hold_time != 0) {
    at(status().side)->set_user_timeout(std::chrono::seconds(parameters.hold_time));
  }
  bgp::PeerInfo info;
  info.address = settings_.address;
  info.local_address = at(status().side)->local_address();
  info.asn = parameters.asn;
  info.router_id = parameters.router_id;
  info.ebgp = parameters.ebgp;
  info.recursive_nexthops = !parameters.ebgp || settings_.multihop;
  info.dynamic = settings_.dynamic;
  info.families = parameters.families;
  info.add_path = parameters.add_path;
  info.graceful_restart = parameters.graceful_restart;
  info.end_of_rib_due = settings_.session.graceful_restart && parameters.graceful_restart.offered;
  info.policy = settings_.policy;
  if (imports_nothing(settings_.policy)) {
    log::warn("bgp", "{}: no route is accepted from it: it has no `import` that accepts any (RFC 8212)", name_);
  }
  retained_timer_.cancel();
  retained_ = false;
  around_.sink.on_established(id_, info);
}

bgp::UpdateVerdict BgpPeer::update(const bgp::RouteUpdate& update) { return around_.sink.on_update(id_, update); }

void BgpPeer::refresh(bgp::Family family) { around_.sink.on_refresh(id_, family); }

void BgpPeer::end_of_rib(bgp::Family family) { around_.sink.on_end_of_rib(id_, family); }

void BgpPeer::down(std::string_view reason, const bgp::Retain& retain) {
  retained_ = retain.any();
  refused_in_.reset();
  around_.sink.on_down(id_, reason, retain);
  if (!retained_) return;
  // RFC 4724 section 4.2: a node that is not back by then has died, and its routes go.
  retained_until_ = now() + retain.restart_time;
  retained_timer_ = around_.reactor.after(retain.restart_time, [this] {
    log(log::Level::kInfo, "not back within its restart time: its routes are dropped");
    forget_retained();
  });
}

void BgpPeer::log(log::Level level, std::string_view text) {
  // Somebody within a listen range who is no peer yet may be a stranger: no warning for what he sends.
  const bool stranger = settings_.dynamic && status().state != bgp::State::kEstablished;
  if (stranger && level == log::Level::kWarn) level = log::Level::kInfo;
  log::write(level, "bgp", fmt::format("{}: {}", name_, text));
}

std::string BgpPeer::local_endpoint() const {
  const auto& connection = connections_[static_cast<size_t>(status().side)];
  return connection ? connection->local_endpoint() : std::string();
}

std::string BgpPeer::remote_endpoint() const {
  const auto& connection = connections_[static_cast<size_t>(status().side)];
  return connection ? connection->remote_endpoint() : std::string();
}

}  // namespace ecmpd::control
