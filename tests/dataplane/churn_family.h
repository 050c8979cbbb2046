// What a stress test must know of an address family to take its packets through the stages. Any thread.
#pragma once

#include <array>
#include <string>

#include "dataplane/burst.h"
#include "dataplane/rewrite_burst.h"
#include "dataplane/stages.h"
#include "hash/function.h"
#include "hash/key_common.h"
#include "hash/random.h"
#include "tests/dataplane/packet.h"
#include "tests/dataplane/packet6.h"

namespace ecmpd::dataplane {

struct ChurnIpv4 {
  using Rewriting = rewriting::Ipv4;
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
  /// As parse fills it in.
  static uint32_t destination(const uint8_t* ip) {
    return uint32_t{ip[16]} << 24 | uint32_t{ip[17]} << 16 | uint32_t{ip[18]} << 8 | ip[19];
  }
  static hash::Key4 common_key(const uint8_t* ip) { return hash::key4_common(ip, hash::kWholeKey<hash::Key4>); }
};

struct ChurnIpv6 {
  using Rewriting = rewriting::Ipv6;
  using PacketBurst = Burst6;
  static constexpr hash::Family kFamily = hash::Family::kIpv6;
  static constexpr unsigned kHopsAt = 7;  // hop limit
  static constexpr unsigned kHopsBytes = 1;

  static hash::IpAddress random_source(hash::Random& random) {
    std::array<uint8_t, 16> bytes{0x20, 0x01, 0x0d, 0xb8, 0xff, 0xff};
    bytes[15] = static_cast<uint8_t>(random.below(256));
    return hash::IpAddress::v6(bytes.data());
  }
  static test::Bytes frame(const hash::Tuple& tuple) {
    return test::packet6().from(tuple.src.to_string()).to(tuple.dst.to_string()).tcp(tuple.sport, tuple.dport).frame();
  }
  static uint32_t hash(const hash::Tuple& tuple, const HashSettings& settings) {
    return settings.hasher(hash::key6_from_tuple(tuple, settings.fields));
  }
  static const uint8_t* destination(const uint8_t* ip) { return ip + 24; }
  static hash::Key6 common_key(const uint8_t* ip) { return hash::key6_common(ip, hash::kWholeKey<hash::Key6>, {}); }
};

}  // namespace ecmpd::dataplane
