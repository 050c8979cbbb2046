// The BGP speaker: listens, connects, and keeps one session with each configured or accepted peer.
//
// Control thread, on the Reactor's loop; not to be called from inside the SessionSink's functions. What a peer sends
// or fails to send harms that peer's session only.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "control/bgp/announcer.h"
#include "control/bgp/session.h"
#include "control/bgp/session_sink.h"
#include "control/config/config.h"
#include "control/io/reactor.h"

namespace ecmpd::control {

struct BgpConfig {
  RouterConfig router;
  std::vector<NeighborConfig> neighbors{};
  std::vector<ListenConfig> listens{};
  /// A family is listened for if anybody of it may connect.
  std::vector<IpAddress> listen_addresses{IpAddress(), *IpAddress::parse("::")};
  uint16_t port = 179;                 // both to listen on and to connect to
  std::vector<unsigned> interfaces{};  // the kernel's indices of the links of zones 1, 2, ...
};

/// A peer as `show bgp` sees it.
struct BgpPeerReport {
  bgp::PeerId id{};
  IpAddress address;
  bool dynamic = false;
  std::vector<uint32_t> configured_as;
  bool graceful_restart = false;  // we offer it
  bool imports_nothing = false;   // by its policy
  std::string local_endpoint;     // "10.0.1.1:179"; empty without a connection
  std::string remote_endpoint;
  std::chrono::milliseconds age{};                       // in its present state, Established or not
  std::optional<std::chrono::milliseconds> reset_age{};  // since status.last_reset
  bgp::SessionStatus status;
};

class BgpSpeaker final : public bgp::Announcer {
 public:
  /// Dynamic peers at most; more are refused and logged.
  static constexpr size_t kMaximumDynamicPeers = 4096;

  BgpSpeaker(Reactor& reactor, bgp::SessionSink& sink);
  /// Closes everything at once; stop() first for a clean end.
  ~BgpSpeaker() override;

  /// Starts, or changes over to another configuration: peers whose session would be the same keep it, and are asked to
  /// send their routes again if the new policy needs them; changed ones get a Cease and a new session, as those do that
  /// cannot send their routes again; those that are gone a Cease. On error nothing has changed. Where several listen
  /// ranges contain an address, the longest counts; a link-local address is in a range on any link.
  tl::expected<void, std::string> apply(const BgpConfig& config);

  /// Cease (Administrative Shutdown) to every peer, then `done` once the last is delivered or a second has passed.
  void stop(std::function<void()> done);

  /// Ordered by address.
  std::vector<BgpPeerReport> peers() const;
  void announce(bgp::PeerId peer, const bgp::PathAttributes& attributes,
                const std::optional<hash::IpAddress>& link_local, std::span<const hash::Prefix> prefixes) override;
  void withdraw(bgp::PeerId peer, hash::Family family, std::span<const hash::Prefix> prefixes) override;
  void finish_table(bgp::PeerId peer) override;
  /// Asks every peer of this address that can to send its routes again (RFC 2918). False: there is none.
  bool request_refresh(const IpAddress& address);
  /// The port that is listened on; differs from the configured one only if that is 0.
  uint16_t port() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ecmpd::control
