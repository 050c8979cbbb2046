// What a trace or a capture shows: plain structs, as in views.h. Any thread; values.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "dataplane/packet_filter.h"
#include "hash/address.h"

namespace ecmpd::control::api {

struct WatchRequest {
  std::string name;  // who asks; chosen by him, to end it by
  std::vector<dataplane::FilterInstruction> filter;
  std::string port;             // only packets of this port; empty: of all
  uint64_t count = UINT64_MAX;  // of packets
  unsigned snap_length = 128;   // bytes of each
  bool capture = false;         // frames that leave as well
};

struct WatchRefusal {
  bool busy = false;  // another one is going on; otherwise the request is wrong
  std::string why;
};

enum class WatchedWay : uint8_t { kReceived, kOriginated, kLeaves };
enum class WatchedFate : uint8_t { kForward, kFragment, kPunt, kDrop };

/// A packet and what a worker recorded about it, stage by stage; empty from the step on that it did not reach.
struct WatchedView {
  uint64_t time = 0;  // ns since 1970
  WatchedWay way = WatchedWay::kReceived;
  unsigned port_number = 0;  // among the ports, in the order of the configuration; of kOriginated none
  std::string port;          // that it came in by, or leaves by
  unsigned lcore = 0;
  uint32_t length = 0;         // of the frame
  std::vector<uint8_t> bytes;  // its beginning

  /// The longest match when it was shown; none when routes have changed since the lookup.
  std::optional<hash::Prefix> prefix;
  std::optional<uint32_t> group;
  std::vector<uint8_t> key;
  uint32_t hash = 0;
  uint32_t bucket = 0;
  uint32_t buckets = 0;
  std::optional<hash::IpAddress> nexthop;

  WatchedFate fate = WatchedFate::kDrop;
  std::string reason;              // of a drop, the counter's name; of a punt, its class
  std::string out;                 // port that it left by
  unsigned fragments = 0;          // that it left in
  std::vector<uint8_t> rewritten;  // the beginning of the frame as it left, or would have
};

struct WatchPage {
  std::vector<WatchedView> packets;  // in order of time
  uint64_t lost = 0;                 // packets that there was no room for, so far
  bool ended = false;                // there will be no more
};

}  // namespace ecmpd::control::api
