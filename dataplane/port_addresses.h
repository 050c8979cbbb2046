// The router's own addresses by port, from which a worker chooses the source of the ICMP errors that it originates.
//
// A small immutable value, published and swapped whole like the hash settings; what a worker asks for each rejected
// packet is made ready by the writer, so that its cost does not grow with the number of ports. A port without an
// address of a family speaks with the first one that another port has; a router without any stays silent in that
// family.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "dataplane/ids.h"

namespace ecmpd::dataplane {

class PortAddresses {
 public:
  struct V4 {
    uint32_t address;  // host byte order
    uint32_t mask;
  };
  struct V6 {
    std::array<uint8_t, 16> address;  // global, network byte order
    uint8_t prefix_length;
  };
  struct OfPort {
    std::vector<V4> v4;
    std::vector<V6> v6;
  };

  PortAddresses() = default;
  /// `ports` by PortIndex.
  explicit PortAddresses(std::vector<OfPort> ports);

  /// Whether there is an address to speak with.
  bool any4() const { return !own4_.empty(); }
  bool any6() const { return !own6_.empty(); }
  /// The port's address in the subnet of `peer` (host byte order), or its first.
  std::optional<uint32_t> source4(PortIndex port, uint32_t peer) const;
  /// The same; `peer` in network byte order, 16 bytes. Null when there is none.
  const uint8_t* source6(PortIndex port, const uint8_t* peer) const;
  /// An address of any port; the same byte orders.
  bool is_own4(uint32_t address) const;
  bool is_own6(const uint8_t* address) const;

 private:
  std::vector<OfPort> ports_;
  OfPort first_;  // the first address of any port: at most one of each family
  // Of all ports, sorted.
  std::vector<uint32_t> own4_;
  std::vector<std::array<uint8_t, 16>> own6_;
};

}  // namespace ecmpd::dataplane
