// What a stress test must know of an address family to take its packets through the stages. Any thread.
#pragma once

#include <cstring>
#include <string>

#include "dataplane/burst.h"
#include "dataplane/stages.h"
#include "hash/function.h"
#include "hash/random.h"
#include "tests/dataplane/packet.h"

namespace ecmpd::dataplane {

struct ChurnIpv4 {
  using PacketBurst = Burst;
  static constexpr hash::Family kFamily = hash::Family::kIpv4;
  static constexpr unsigned kHopsAt = 8;     // in the IP header: TTL, protocol and checksum,
  static constexpr unsigned kHopsBytes = 4;  // of which each hop changes some

  static hash::IpAddress random_source(hash::Random& random) {
    return hash::IpAddress::v4(0xc0000200u | static_cast<uint32_t>(random.below(256)));
  }
  static test::Bytes frame(const hash::Tuple& tuple) {
    return test::packet().from(tuple.src.to_string()).to(tuple.dst.to_string()).tcp(tuple.sport, tuple.dport).frame();
  }
  static uint32_t hash(const hash::Tuple& tuple, const HashSettings& settings) {
    return settings.hasher(hash::key4_from_tuple(tuple, settings.fields));
  }
  /// As parse fills it.
  static uint32_t destination(const uint8_t* ip) {
    return uint32_t{ip[16]} << 24 | uint32_t{ip[17]} << 16 | uint32_t{ip[18]} << 8 | ip[19];
  }
  static void look_up(Burst& burst, const ForwardingState& state) { lookup(burst, state.fib4); }
};

}  // namespace ecmpd::dataplane
