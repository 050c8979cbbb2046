// Lists of prefixes: the first byte chooses the family and whether identifiers stand before them, the rest is the list.
// No more comes out than went in, identifiers stay beside their prefixes, and prefixes are canonical.
#include <cstdlib>

#include "control/bgp/nlri.h"

using namespace ecmpd::control::bgp;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const Family family = (data[0] & 1) != 0 ? Family::kIpv6 : Family::kIpv4;
  const bool with_path_ids = (data[0] & 2) != 0;
  const Bytes nlri(data + 1, size - 1);
  PrefixList list;
  const bool good = append_prefixes(nlri, family, with_path_ids, list);
  if (list.path_ids.size() != (with_path_ids ? list.prefixes.size() : 0)) abort();
  size_t least = 0;
  for (const auto& prefix : list.prefixes) {
    if (prefix.family() != family || ecmpd::hash::Prefix(prefix.address(), prefix.length()) != prefix) abort();
    (void)is_unicast(prefix);
    least += (with_path_ids ? 5u : 1u) + (prefix.length() + 7u) / 8;
  }
  if (least > nlri.size() || (good && least != nlri.size())) abort();
  // A second list of the other family behind it, without identifiers, leaves the first as it is.
  if (!good) return 0;
  const PrefixList before = list;
  const Family other = family == Family::kIpv4 ? Family::kIpv6 : Family::kIpv4;
  (void)append_prefixes(nlri, other, false, list);
  if (!std::equal(before.prefixes.begin(), before.prefixes.end(), list.prefixes.begin())) abort();
  if (!list.path_ids.empty() && list.path_ids.size() != list.prefixes.size()) abort();
  return 0;
}
