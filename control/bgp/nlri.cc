#include "control/bgp/nlri.h"

namespace ecmpd::control::bgp {

bool append_ipv4_prefixes(Bytes nlri, std::vector<hash::Prefix>& out) {
  size_t at = 0;
  while (at < nlri.size()) {
    const uint8_t length = nlri[at++];
    const size_t size = (length + 7u) / 8;
    if (length > 32 || size > nlri.size() - at) return false;
    uint32_t address = 0;
    for (size_t i = 0; i < size; ++i) address |= uint32_t{nlri[at + i]} << (24 - 8 * i);
    at += size;
    out.emplace_back(hash::IpAddress::v4(address), length);
  }
  return true;
}

bool is_unicast(const hash::Prefix& prefix) {
  const uint8_t first = prefix.address().bytes()[0];
  if (first == 0) return prefix.length() < 8;  // 0.0.0.0/1 contains 0/8, it does not lie in it
  return first != 127 && first < 224;
}

}  // namespace ecmpd::control::bgp
