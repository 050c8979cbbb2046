// What an Ethernet frame carries, behind its VLAN tags.
//
// Pure functions; any thread. Nothing outside of the span is read.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

namespace ecmpd::hash {

inline constexpr uint16_t kEthertypeIpv4 = 0x0800;
inline constexpr uint16_t kEthertypeIpv6 = 0x86dd;
inline constexpr unsigned kMaxVlanTags = 4;

struct EthernetContent {
  uint16_t ethertype = 0;
  std::span<const uint8_t> payload;
};

/// What follows an ethertype: `ethertype` and `payload` behind at most kMaxVlanTags VLAN tags (IEEE 802.1Q, 802.1ad and
/// the older 0x9100). Nothing when a tag is cut.
std::optional<EthernetContent> behind_vlan_tags(uint16_t ethertype, std::span<const uint8_t> payload);

/// Of a frame from its destination address on. Nothing when it ends before its ethertype.
std::optional<EthernetContent> ethernet_content(std::span<const uint8_t> frame);

}  // namespace ecmpd::hash
