#include "control/bgp/nlri.h"

#include <algorithm>

namespace ecmpd::control::bgp {

void PrefixList::clear() {
  prefixes.clear();
  path_ids.clear();
}

void PrefixList::append(const PrefixList& other) {
  const size_t before = prefixes.size();
  prefixes.insert(prefixes.end(), other.prefixes.begin(), other.prefixes.end());
  if (path_ids.empty() && other.path_ids.empty()) return;
  path_ids.resize(before);
  path_ids.insert(path_ids.end(), other.path_ids.begin(), other.path_ids.end());
  path_ids.resize(prefixes.size());
}

bool append_prefixes(Bytes nlri, Family family, bool with_path_ids, PrefixList& out) {
  const bool v4 = family == Family::kIpv4;
  const uint8_t longest = v4 ? 32 : 128;
  size_t at = 0;
  if (with_path_ids) out.path_ids.resize(out.prefixes.size());
  while (at < nlri.size()) {
    if (with_path_ids) {
      if (nlri.size() - at < 5) return false;
      out.path_ids.push_back(load_u32(&nlri[at]));
      at += 4;
    }
    const uint8_t length = nlri[at++];
    const size_t size = (length + 7u) / 8;
    if (length > longest || size > nlri.size() - at) {
      out.path_ids.resize(out.path_ids.empty() ? 0 : out.prefixes.size());
      return false;
    }
    if (v4) {
      uint32_t address = 0;
      for (size_t i = 0; i < size; ++i) address |= uint32_t{nlri[at + i]} << (24 - 8 * i);
      out.prefixes.emplace_back(hash::IpAddress::v4(address), length);
    } else {
      uint8_t address[16] = {};
      std::copy_n(nlri.begin() + static_cast<ptrdiff_t>(at), size, address);
      out.prefixes.emplace_back(hash::IpAddress::v6(address), length);
    }
    at += size;
  }
  if (!out.path_ids.empty()) out.path_ids.resize(out.prefixes.size());
  return true;
}

bool is_unicast(const hash::Prefix& prefix) {
  const uint8_t* bytes = prefix.address().bytes();
  if (prefix.family() == Family::kIpv4) {
    if (bytes[0] == 0) return prefix.length() < 8;  // 0.0.0.0/1 contains 0/8, it does not lie in it
    return bytes[0] != 127 && bytes[0] < 224;
  }
  if (bytes[0] == 0xff) return false;
  if (prefix.address().is_link_local()) return prefix.length() < 10;
  if (!std::all_of(bytes, bytes + 10, [](uint8_t byte) { return byte == 0; })) return true;
  if (prefix.length() >= 96 && bytes[10] == 0xff && bytes[11] == 0xff) return false;
  const bool zero_but_last = std::all_of(bytes + 10, bytes + 15, [](uint8_t byte) { return byte == 0; });
  return prefix.length() < 128 || !zero_but_last || bytes[15] > 1;
}

}  // namespace ecmpd::control::bgp
