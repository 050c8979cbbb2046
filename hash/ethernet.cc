#include "hash/ethernet.h"

namespace ecmpd::hash {
namespace {

constexpr size_t kHeader = 14;
constexpr size_t kVlanTag = 4;

uint16_t word(std::span<const uint8_t> bytes, size_t at) {
  return static_cast<uint16_t>(bytes[at] << 8 | bytes[at + 1]);
}

bool is_vlan(uint16_t ethertype) { return ethertype == 0x8100 || ethertype == 0x88a8 || ethertype == 0x9100; }

}  // namespace

std::optional<EthernetContent> behind_vlan_tags(uint16_t ethertype, std::span<const uint8_t> payload) {
  for (unsigned tags = 0; is_vlan(ethertype) && tags < kMaxVlanTags; ++tags) {
    if (payload.size() < kVlanTag) return std::nullopt;
    ethertype = word(payload, 2);
    payload = payload.subspan(kVlanTag);
  }
  return EthernetContent{ethertype, payload};
}

std::optional<EthernetContent> ethernet_content(std::span<const uint8_t> frame) {
  if (frame.size() < kHeader) return std::nullopt;
  return behind_vlan_tags(word(frame, 12), frame.subspan(kHeader));
}

}  // namespace ecmpd::hash
