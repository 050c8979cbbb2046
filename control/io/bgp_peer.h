// One BGP peer with its sockets and timers: the outside of a bgp::Session.
//
// Control thread. Created for a configured neighbor, or when somebody within a listen range connects.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "control/bgp/session.h"
#include "control/bgp/session_sink.h"
#include "control/io/reactor.h"
#include "control/io/tcp_connection.h"

namespace ecmpd::control {

/// Everything that the configuration says about a peer.
struct BgpPeerSettings {
  IpAddress address;       // a link-local one with its zone
  unsigned interface = 0;  // the kernel's, of that zone
  uint16_t port = 179;     // where outgoing connections go
  bool dynamic = false;
  bgp::SessionConfig session;
  TcpTtl ttl;
  bool multihop = false;  // it may be behind other routers
  PeerPolicy policy;
  /// True when a change between the two needs no new session: it is about what is imported and exported.
  bool same_session(const BgpPeerSettings&) const;
};

/// No rule accepts a route (RFC 8212: so it is without a policy).
bool imports_nothing(const PeerPolicy& policy);

class BgpPeer final : private bgp::SessionHost {
 public:
  /// What peers share with their speaker.
  struct Surroundings {
    Reactor& reactor;
    bgp::SessionSink& sink;
    std::function<void(std::unique_ptr<TcpConnection>)> bury;  // closes a connection without losing its last bytes
  };

  BgpPeer(const Surroundings& surroundings, bgp::PeerId id, BgpPeerSettings settings);
  ~BgpPeer() override;

  void start();
  void stop(uint8_t cease_subcode);
  /// Other filters and limits, for the session that goes on too. True: its routes are needed again.
  bool set_policy(const PeerPolicy& policy);
  /// Announces prefixes of one family, that of the nexthop in `attributes`; nothing without a session.
  void announce(const bgp::PathAttributes& attributes, const std::optional<hash::IpAddress>& link_local,
                std::span<const hash::Prefix> prefixes);
  void withdraw(hash::Family family, std::span<const hash::Prefix> prefixes);
  /// The first table of the session is announced, which has an export policy.
  void finish_table() { session_.finish_table(); }
  /// False: there is no session, or the peer cannot send its routes again.
  bool request_refresh() { return session_.request_refresh(); }
  /// Takes the descriptor of a connection that the peer opened. At most one a second goes on to the session; of more,
  /// the newest waits, so that a peer that reconnects without pause costs nobody else anything.
  void accept(int fd);

  bgp::PeerId id() const { return id_; }
  const BgpPeerSettings& settings() const { return settings_; }
  const bgp::SessionStatus& status() const { return session_.status(); }
  /// Of the connection that the state is of; empty without one.
  std::string local_endpoint() const;
  std::string remote_endpoint() const;
  /// When it last had a connection, for a dynamic peer to be forgotten.
  bgp::Time idle_since() const { return idle_since_; }
  /// It is away and some of its routes may be kept for it: until then.
  bgp::Time retained_until() const { return retained_until_; }
  bool idle() const { return status().state <= bgp::State::kActive && parked_fd_ < 0; }

  static bgp::Time now();

 private:
  void connect() override;
  void send(bgp::Side side, bgp::Bytes bytes) override;
  void close(bgp::Side side) override;
  void set_timer(bgp::SessionTimer timer, bgp::Time delay) override;
  void clear_timer(bgp::SessionTimer timer) override;
  bool input_pending(bgp::Side side) override;
  bool announces() override { return !settings_.policy.export_filter.rules.empty(); }
  void established(const bgp::SessionParameters& parameters) override;
  bgp::UpdateVerdict update(const bgp::RouteUpdate& update) override;
  void end_of_rib(bgp::Family family) override;
  void refresh(bgp::Family family) override;
  void down(std::string_view reason, const bgp::Retain& retain) override;
  void log(log::Level level, std::string_view text) override;

  TcpConnection::Events events(bgp::Side side);
  std::unique_ptr<TcpConnection>& at(bgp::Side side) { return connections_[static_cast<size_t>(side)]; }
  void admit(int fd);
  void park(int fd);
  void forget_retained();

  const Surroundings& around_;
  bgp::PeerId id_;
  BgpPeerSettings settings_;
  std::string name_;  // for the log
  bgp::Session session_;
  std::array<std::unique_ptr<TcpConnection>, 2> connections_;
  std::array<Handle, bgp::kSessionTimers> timers_;
  bgp::Time last_admitted_;
  std::optional<bgp::State> refused_in_;  // a refusal in this state is in the log
  int parked_fd_ = -1;
  Handle parked_timer_;
  bgp::Time idle_since_;
  bgp::Time retained_until_{};
  bool retained_ = false;  // the sink was told that it may keep routes
  Handle retained_timer_;  // until it may no longer
};

}  // namespace ecmpd::control
