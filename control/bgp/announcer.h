// The way from what is to be announced into the sessions: the other direction of SessionSink.
//
// The speaker implements it; tests record the calls. To a peer that is not Established nothing is sent. Not to be
// called from inside the SessionSink's functions. Control thread.
#pragma once

#include <optional>
#include <span>

#include "control/bgp/attributes.h"
#include "control/bgp/session_sink.h"
#include "hash/address.h"

namespace ecmpd::control::bgp {

class Announcer {
 public:
  virtual ~Announcer() = default;
  /// `prefixes` are of one family, that of the nexthop. `link_local`: what goes beside an IPv6 nexthop (RFC 2545
  /// section 3), without a zone.
  virtual void announce(PeerId peer, const PathAttributes& attributes, const std::optional<hash::IpAddress>& link_local,
                        std::span<const hash::Prefix> prefixes) = 0;
  virtual void withdraw(PeerId peer, hash::Family family, std::span<const hash::Prefix> prefixes) = 0;
  /// Once for each session that began with an export policy, behind its first table: the peer may wait for End-of-RIB.
  virtual void finish_table(PeerId peer) = 0;
};

}  // namespace ecmpd::control::bgp
