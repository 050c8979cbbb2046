// A mix: what comes to a router for its connections besides whole packets. Fragments, and ICMP errors about packets
// that the servers sent.
//
// Packets are real bytes, half of the connections are IPv6; everything is a function of the seed. Values; any thread.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "hash/key.h"
#include "hash/lab/packet_bytes.h"
#include "hash/lab/units.h"

namespace ecmpd::hash::lab {

enum class Part : uint8_t {
  kWhole,          // TCP, UDP and SCTP, with and without options or extension headers
  kFragment,       // of a datagram of the connection, the first one too
  kError,          // an ICMP error about a whole packet that the server sent, cut or in full
  kFragmentError,  // about a fragment
};
inline constexpr std::array<Part, 4> kParts = {Part::kWhole, Part::kFragment, Part::kError, Part::kFragmentError};
/// "whole packet", "fragment", "ICMP error", "ICMP error about a fragment".
std::string_view to_string(Part part);

struct MixPacket {
  Part part = Part::kWhole;
  Bytes bytes;
};

/// Connection number `number` of the mix: its tuple, and everything that comes to the router for it. All its fragments
/// are of one datagram.
struct MixConnection {
  Tuple tuple;
  std::vector<MixPacket> packets;
};
MixConnection mix_connection(uint32_t number, uint64_t seed);

/// The units of a mix, by packet: for the evenness of keys as a router makes them of packets.
Units mix_units(uint32_t connections, const KeyFields& fields, uint64_t seed);

}  // namespace ecmpd::hash::lab
