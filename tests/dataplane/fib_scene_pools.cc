#include <algorithm>
#include <set>

#include "tests/dataplane/fib_scene.h"

namespace ecmpd::dataplane {

namespace {

// Every prefix has groups of its own, so that an answer that belongs to other addresses shows.
ScenePool with_groups(const std::set<hash::Prefix>& prefixes) {
  ScenePool pool;
  uint32_t group = 1;
  for (const hash::Prefix& prefix : prefixes) {
    pool.entries.push_back({prefix, {GroupId{group}, GroupId{group + 1}, GroupId{group + 2}}});
    group += 3;
  }
  return pool;
}

// Some host routes have the nexthops of an aggregate that covers them, as MetalLB announces them.
void share_groups(ScenePool& pool, unsigned aggregate, std::mt19937& random) {
  for (auto& entry : pool.entries) {
    if (entry.prefix.length() != entry.prefix.address().bits() || random() % 3 != 0) continue;
    for (const auto& cover : pool.entries) {
      if (cover.prefix.length() == aggregate && cover.prefix.contains(entry.prefix)) entry.groups[0] = cover.groups[0];
    }
  }
}

}  // namespace

// Two /16s: under 10.1.0.0/16 every prefix comes and goes, so that "no route" is an answer as well; 10.2.0.0/16 itself
// is never removed, so that "no route" there is a fault. In each, covering prefixes of many lengths, and some /24s with
// prefixes inside.
ScenePool ipv4_pool(std::mt19937& random) {
  std::set<hash::Prefix> prefixes;
  for (uint32_t base : {0x0a010000u, 0x0a020000u}) {
    for (uint32_t i = 0; i < 12; ++i) {
      // The /24s lie close enough to share some of their covers.
      const uint32_t net = base | ((i / 3) << 14) | ((i % 3) << 9) | ((i % 2) << 8);
      for (unsigned length : {17u, 18u, 20u, 22u, 23u, 24u}) {
        if (length >= 22 || i % 3 == 0) prefixes.insert(v4_prefix(net, length));
      }
      const uint32_t host = net | (random() & 0xff);
      prefixes.insert(v4_prefix(host, 32));
      if (i % 4 == 0) continue;  // one /32 alone in its /24: a leaf that comes and goes
      if (i % 2 == 0) {          // two prefixes: leaf and tbl8 take turns
        prefixes.insert(v4_prefix(random() % 2 == 0 ? host : net | (random() & 0xff), 25 + random() % 7));
        continue;
      }
      for (unsigned length : {25u, 26u, 28u, 30u, 31u}) {
        if (random() % 2 == 0) prefixes.insert(v4_prefix(host, length));
      }
      prefixes.insert(v4_prefix(net | (random() & 0xff), 32));
    }
    prefixes.insert(v4_prefix(base, 16));
  }
  ScenePool pool = with_groups(prefixes);
  share_groups(pool, 24, random);
  pool.kept = v4_prefix(0x0a020000, 16);
  pool.long_prefix = 21;
  return pool;
}

// Two /32s, used like the /16s above. In each, host routes with covering prefixes of any length; and prefixes that
// leave the way to such a host at any bit, so that levels are put in and taken out all along it.
ScenePool ipv6_pool(std::mt19937& random) {
  std::set<hash::Prefix> prefixes;
  for (const uint8_t second : {0x01, 0x02}) {
    uint8_t bytes[16] = {0x20, second, 0x0d, 0xb8};
    const auto prefix = [&bytes](unsigned length) {
      return hash::Prefix(hash::IpAddress::v6(bytes), static_cast<uint8_t>(length));
    };
    prefixes.insert(prefix(32));
    for (int host = 0; host < 6; ++host) {
      // Three /64s with two hosts each.
      for (unsigned i = host % 2 == 0 ? 4 : 8; i < 16; ++i) bytes[i] = static_cast<uint8_t>(random());
      prefixes.insert(prefix(128));
      for (const unsigned length : {33u, 40u, 47u, 48u, 64u, 65u, 100u, 120u, 127u}) {
        if (random() % 2 == 0) prefixes.insert(prefix(length));
      }
      for (int branch = 0; branch < 7; ++branch) {
        const unsigned bit = 32 + random() % 96;
        const auto flip = static_cast<uint8_t>(0x80 >> (bit % 8));
        bytes[bit / 8] ^= flip;
        prefixes.insert(prefix(random() % 3 == 0 ? 128 : bit + 1 + random() % (128 - bit)));
        bytes[bit / 8] ^= flip;
      }
    }
  }
  ScenePool pool = with_groups(prefixes);
  share_groups(pool, 64, random);
  const uint8_t kept[16] = {0x20, 0x02, 0x0d, 0xb8};
  pool.kept = hash::Prefix(hash::IpAddress::v6(kept), 32);
  pool.long_prefix = 41;
  return pool;
}

}  // namespace ecmpd::dataplane
