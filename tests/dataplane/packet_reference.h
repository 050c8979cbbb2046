// What a router does to a packet, written once more, plainly and byte by byte, to judge the data plane by.
//
// Nothing here calls code of dataplane/. Frames are Ethernet frames of valid IPv4 or IPv6 packets, which may have
// a priority tag (VLAN 0).
#pragma once

#include <string>
#include <vector>

#include "tests/dataplane/packet.h"

namespace ecmpd::dataplane::test {

/// The frame as a port without sub-ports takes it: without a tag of VLAN 0, if it begins with one.
Bytes without_priority_tag(Bytes frame);

/// The frame with one hop less, without padding and priority tag, from port_mac(port) to neighbor_mac(neighbor).
Bytes forwarded(Bytes frame, unsigned port, unsigned neighbor);

/// The pieces of an IPv4 frame for an MTU (RFC 791 section 3.2); the frame itself when it fits.
std::vector<Bytes> fragments_of(const Bytes& frame, uint16_t mtu);

/// The ICMP or ICMPv6 error about a frame, from `own` to its sender; its IPv4 identification is 0.
Bytes icmp_error_about_frame(const Bytes& frame, uint8_t type, uint8_t code, uint32_t word, const std::string& own,
                             unsigned port, unsigned neighbor);

/// The frame with its IPv4 identification set to 0, checksum included.
Bytes without_id(Bytes frame);

}  // namespace ecmpd::dataplane::test
