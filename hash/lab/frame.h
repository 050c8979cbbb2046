// From a captured frame to the IP packet in it.
//
// Pure functions; any thread. Total: any bytes give an answer, and nothing outside of the span is read.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace ecmpd::hash::lab {

/// A link-layer type as libpcap's pcap_datalink() gives it (DLT_...).
using LinkType = int;

/// True for all in which libpcap's documents say where IP packets are: the table in frame.cc has them. Others carry
/// something else, or what one vendor's tools alone can read.
bool is_known(LinkType type);

/// What `is_known` takes, for messages.
std::string known_link_types();

/// From the IP header to the end of the frame, which may hold padding; behind VLAN tags and PPPoE where there are
/// any. Nothing when the frame carries something else or is cut before its IP header's first byte.
std::optional<std::span<const uint8_t>> ip_in_frame(LinkType type, std::span<const uint8_t> frame);

}  // namespace ecmpd::hash::lab
