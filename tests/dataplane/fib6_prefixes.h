// Random IPv6 prefixes for tests. Test threads only.
#pragma once

#include <algorithm>
#include <random>

#include "hash/address.h"

namespace ecmpd::dataplane {

/// The lengths of an Internet table in percent: nearly half /48, then /32, /44, /40, /36, /29 and a few of all others;
/// two in a hundred are host routes.
inline unsigned internet_length(std::mt19937& random) {
  const unsigned percent = random() % 100;
  if (percent < 46) return 48;
  if (percent < 58) return 32;
  if (percent < 69) return 44;
  if (percent < 79) return 40;
  if (percent < 86) return 36;
  if (percent < 91) return 29;
  if (percent < 96) return 20 + random() % 45;
  if (percent < 98) return 64;
  return 128;
}

/// An address within 2000::/3 whose bytes take few values, so that prefixes nest and have neighbors: in each byte after
/// the first two there are 2^`spread` of them.
inline hash::IpAddress clustered_address(std::mt19937& random, unsigned spread) {
  uint8_t bytes[16] = {0x20, static_cast<uint8_t>(random() % 2)};
  for (unsigned i = 2; i < 16; ++i) bytes[i] = static_cast<uint8_t>((random() % (1u << spread)) * 0x9d);
  return hash::IpAddress::v6(bytes);
}

}  // namespace ecmpd::dataplane
