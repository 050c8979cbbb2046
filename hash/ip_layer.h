// What one IP header, with the extension headers behind it, says about its packet.
//
// Views of the packet's own bytes, valid as long as these are. Total: any bytes of the least size give a layer, and
// nothing outside of the span is read. Pure functions; any thread.
#pragma once

#include <cstdint>
#include <span>

#include "hash/address.h"

namespace ecmpd::hash {

inline constexpr size_t kMinIpv4Header = 20;
inline constexpr size_t kIpv6Header = 40;
/// Extension headers that are passed over in one packet; routers and firewalls in the field take fewer (RFC 9098).
inline constexpr unsigned kMaxExtensionHeaders = 8;

namespace protocol {
inline constexpr uint8_t kHopByHop = 0;
inline constexpr uint8_t kIcmp = 1;
inline constexpr uint8_t kIpv4 = 4;
inline constexpr uint8_t kTcp = 6;
inline constexpr uint8_t kUdp = 17;
inline constexpr uint8_t kDccp = 33;
inline constexpr uint8_t kIpv6 = 41;
inline constexpr uint8_t kRouting = 43;
inline constexpr uint8_t kFragment = 44;
inline constexpr uint8_t kGre = 47;
inline constexpr uint8_t kIcmpv6 = 58;
inline constexpr uint8_t kDestinationOptions = 60;
inline constexpr uint8_t kSctp = 132;
}  // namespace protocol

/// Whether the packet ends where its header says. What an ICMP error embeds is cut, and some senders of errors change
/// its length field: there only the bytes that are present count.
enum class Length : uint8_t { kAsStated, kAsPresent };

struct IpLayer {
  Family family = Family::kIpv4;
  const uint8_t* src = nullptr;      // 4 or 16 bytes
  const uint8_t* dst = nullptr;      // as many
  uint32_t flow_label = 0;           // host byte order
  uint8_t protocol = 0;              // of the payload
  bool fragment = false;             // one of several; the payload is not to be looked into
  std::span<const uint8_t> payload;  // behind the headers; empty when nothing is left there
};

/// True if `packet` begins with a whole IPv4 header (options may be cut) or IPv6 header.
bool begins_with_ip(std::span<const uint8_t> packet);

/// At least 20 bytes; the version is not looked at, and an IHL below 5 is taken for 5.
IpLayer read_ipv4(std::span<const uint8_t> packet, Length length);
/// At least 40 bytes; the version is not looked at.
IpLayer read_ipv6(std::span<const uint8_t> packet, Length length);
/// begins_with_ip(packet).
IpLayer read_ip(std::span<const uint8_t> packet, Length length);

}  // namespace ecmpd::hash
