// The frames that ecmpbench sends: one for each flow, its number in it; what a router must make of one; and the capture
// file from which net_pcap takes them.
//
// Written without the data plane's code, so that it can judge it. Pure, but for write_capture(); any thread.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "hash/key.h"

namespace ecmpd::bench {

using Mac = std::array<uint8_t, 6>;
using Frame = std::vector<uint8_t>;

inline constexpr unsigned kFrameCheck = 4;  // bytes of a frame on the wire that are not in memory

/// Least size on the wire, frame check sequence included: 64 for IPv4, 66 for IPv6 (its headers do not fit 64).
unsigned least_size(hash::Family family);
inline constexpr unsigned kMostSize = 1518;

/// A UDP packet of the flow, with right lengths and checksums, in an Ethernet frame of `size` bytes on the wire.
/// `number` (16 bits for IPv4, 20 for IPv6) is found again by number_of().
Frame make_frame(const hash::Tuple& flow, uint32_t number, unsigned size, const Mac& to);

/// In the IPv4 identification or the IPv6 flow label.
uint32_t number_of(std::span<const uint8_t> frame);

/// `frame` as it leaves a router: new addresses, TTL or hop limit one less, the IPv4 header's checksum computed anew.
Frame forwarded(const Frame& frame, const Mac& to, const Mac& from);

/// A pcap file of Ethernet frames. False: it could not be written, and errno tells why.
bool write_capture(const std::string& path, std::span<const Frame> frames);

}  // namespace ecmpd::bench
