// Where sessions deliver what they learn: the door between BGP and the RIB.
//
// Control thread. For one PeerId the calls are always on_established, any number of on_update and on_end_of_rib, then
// on_down; nothing comes before the first or after the last. A PeerId is a small number, bound to one peer from
// on_established to on_down; afterwards the same peer usually gets it again, but another one may. Spans and references
// are valid during the call only.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "control/bgp/attributes.h"
#include "control/config/config.h"
#include "hash/address.h"

namespace ecmpd::control::bgp {

enum class PeerId : uint32_t {};

struct PeerInfo {
  hash::IpAddress address;
  uint32_t asn = 0;
  uint32_t router_id = 0;  // host byte order
  bool ebgp = true;
  bool dynamic = false;  // accepted through a listen range
  PeerPolicy policy;     // import filter and maximum_prefix are the RIB's to apply
};

enum class UpdateVerdict : uint8_t {
  kOk,
  kMaximumPrefixReached,  // the session is closed with Cease/1; on_down follows from inside this very delivery
};

class SessionSink {
 public:
  virtual ~SessionSink() = default;
  virtual void on_established(PeerId peer, const PeerInfo& info) = 0;
  /// One UPDATE. `announced` share `attributes`; prefixes are canonical and may repeat; a prefix in both spans is
  /// announced (RFC 4271 section 4.3). With malformed attributes the announced prefixes arrive as withdrawn
  /// (RFC 7606). Apply `withdrawn` first. One message may make two calls when it announces in two ways (RFC 4760).
  virtual UpdateVerdict on_update(PeerId peer, const PathAttributes& attributes,
                                  std::span<const hash::Prefix> announced, std::span<const hash::Prefix> withdrawn) = 0;
  /// RFC 4724 section 2: the first table is complete. Not every peer sends one; at most once a session.
  virtual void on_end_of_rib(PeerId peer) = 0;
  virtual void on_down(PeerId peer, std::string_view reason) = 0;
};

}  // namespace ecmpd::control::bgp
