// Where sessions deliver what they learn: the door between BGP and the RIB.
//
// Control thread. For one PeerId the calls are always on_established, any number of on_update, on_end_of_rib and
// on_policy, then on_down; after an on_down that let routes be kept, any number of on_policy, then either
// on_established again or on_forgotten.
// Nothing comes otherwise. A PeerId is a small number, bound to one peer from on_established to on_down, and on to
// on_forgotten when routes may be kept; afterwards the same peer usually gets it again, but another one may. Spans and
// references are valid during the call only.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "control/bgp/attributes.h"
#include "control/bgp/families.h"
#include "control/bgp/graceful_restart.h"
#include "control/config/config.h"
#include "hash/address.h"

namespace ecmpd::control::bgp {

enum class PeerId : uint32_t {};

struct PeerInfo {
  hash::IpAddress address;
  std::optional<hash::IpAddress> local_address{};  // our end of the session's connection, where it is known
  uint32_t asn = 0;
  uint32_t router_id = 0;  // host byte order
  bool ebgp = true;
  bool recursive_nexthops = false;     // those in none of our subnets may be reached by other routes (RFC 4271, 5.1.3)
  bool dynamic = false;                // accepted through a listen range
  FamilySet families = kBothFamilies;  // negotiated: no prefix of another comes
  FamilySet add_path{};                // in these the peer sends path identifiers (RFC 7911)
  /// Of a peer whose routes were kept, those of the families in `forwarding` stay until the new ones and End-of-RIB
  /// are there; all others go now (RFC 4724 section 4.2).
  GracefulRestart graceful_restart{};
  bool end_of_rib_due = false;  // both ends have offered graceful restart: its table ends with one (RFC 4724 section 4)
  PeerPolicy policy;            // the RIB's to apply
};

/// One UPDATE, or the half of one that shares a nexthop: one message may make two events when it announces in two ways
/// (RFC 4760). Prefixes are canonical, may repeat, and may be of both families in one span. A prefix in both spans is
/// announced (RFC 4271 section 4.3): apply `withdrawn` first. With malformed attributes the announced prefixes arrive
/// as withdrawn (RFC 7606).
struct RouteUpdate {
  const PathAttributes& attributes;  // of every announced prefix
  std::span<const hash::Prefix> announced{};
  std::span<const hash::Prefix> withdrawn{};
  /// Path identifiers (RFC 7911), one for each prefix beside them, or empty: none has one. 0 for a prefix of a family
  /// without ADD-PATH.
  std::span<const uint32_t> announced_ids{};
  std::span<const uint32_t> withdrawn_ids{};
};

enum class UpdateVerdict : uint8_t {
  kOk,
  kMaximumPrefixReached,  // the session is closed with Cease/1; on_down follows from inside this very delivery
};

class SessionSink {
 public:
  virtual ~SessionSink() = default;
  /// Before the bytes of one read from a peer's socket are parsed. Only who measures time cares.
  virtual void on_read() {}
  virtual void on_established(PeerId peer, const PeerInfo& info) = 0;
  virtual UpdateVerdict on_update(PeerId peer, const RouteUpdate& update) = 0;
  /// RFC 4724 section 2: the first table of this family is complete. Not every peer sends one; at most once a session
  /// and family.
  virtual void on_end_of_rib(PeerId peer, Family family) = 0;
  virtual void on_down(PeerId peer, std::string_view reason, const Retain& retain) = 0;
  /// The peer is no longer configured, or was away for too long: what was kept of it goes.
  virtual void on_forgotten(PeerId peer) = 0;
  /// At reload, while established or while routes may be kept: the peer's policy has changed. True: its routes are
  /// needed again, because what it newly accepts was not kept; the peer, unless it is away, is asked to repeat them
  /// (RFC 2918), or gets a new session if it cannot.
  virtual bool on_policy(PeerId peer, const PeerPolicy& policy) = 0;
  /// The peer asks for all that it was announced (RFC 2918). Only the router that announces something cares.
  virtual void on_refresh(PeerId, Family) {}
};

}  // namespace ecmpd::control::bgp
