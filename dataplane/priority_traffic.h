// Which packets for the router itself have priority over others on their way up.
//
// A small immutable value, published and swapped whole like the hash settings. A packet has priority when it is TCP
// from or to `tcp_port` and its source lies in one of `sources`: a flood from anywhere else cannot fill that lane.
#pragma once

#include <cstdint>
#include <vector>

namespace ecmpd::dataplane {

struct PriorityTraffic {
  uint16_t tcp_port = 0;  // host byte order; 0: none
  struct Source {
    uint32_t address;  // host byte order
    uint32_t mask;
  };
  std::vector<Source> sources;

  bool from_source(uint32_t address) const {
    for (const Source& source : sources) {
      if ((address & source.mask) == source.address) return true;
    }
    return false;
  }
};

}  // namespace ecmpd::dataplane
