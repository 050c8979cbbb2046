// Which packets for the router itself have priority over others on their way up.
//
// A small immutable value, published and swapped whole like the hash settings. A packet has priority when it is TCP
// from or to `tcp_port` and its source lies in one of `sources` or `sources6`: a flood from anywhere else cannot fill
// that lane.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <vector>

namespace ecmpd::dataplane {

struct PriorityTraffic {
  uint16_t tcp_port = 0;  // host byte order; 0: none
  struct Source {
    uint32_t address;  // host byte order
    uint32_t mask;
  };
  std::vector<Source> sources;

  struct Source6 {
    std::array<uint64_t, 2> address;  // network byte order
    std::array<uint64_t, 2> mask;
  };
  std::vector<Source6> sources6;

  bool from_source(uint32_t address) const {
    for (const Source& source : sources) {
      if ((address & source.mask) == source.address) return true;
    }
    return false;
  }
  bool from_source6(const uint8_t* address) const {
    std::array<uint64_t, 2> words;
    std::memcpy(words.data(), address, 16);
    for (const Source6& source : sources6) {
      if ((words[0] & source.mask[0]) == source.address[0] && (words[1] & source.mask[1]) == source.address[1]) {
        return true;
      }
    }
    return false;
  }
};

}  // namespace ecmpd::dataplane
