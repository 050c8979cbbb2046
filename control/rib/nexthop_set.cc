#include "control/rib/nexthop_set.h"

#include <algorithm>

namespace ecmpd::control {

void normalize(NexthopSet& set) {
  std::sort(set.begin(), set.end());
  size_t kept = 0;
  for (size_t i = 1; i < set.size(); ++i) {
    if (set[i].address == set[kept].address) {
      set[kept].weight = static_cast<uint16_t>(std::min<uint32_t>(UINT16_MAX, set[kept].weight + set[i].weight));
    } else {
      set[++kept] = set[i];
    }
  }
  if (!set.empty()) set.resize(kept + 1);
}

std::string to_string(const NexthopSet& set) {
  std::string text;
  for (const hash::Member& member : set) {
    if (!text.empty()) text += ", ";
    text += member.address.to_string();
    if (member.weight != 1) text += " weight " + std::to_string(member.weight);
  }
  return text;
}

}  // namespace ecmpd::control
