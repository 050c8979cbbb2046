#include "bench/ecmpbench/traffic.h"

#include <array>
#include <bit>
#include <cstring>
#include <unordered_set>

#include "hash/random.h"

namespace ecmpd::bench {

namespace {

constexpr uint8_t kUdp = 17;

struct Share {
  uint8_t length;
  uint16_t per_mille;
};

// Of the IPv4 table in 2024, rounded; longer than /24 are a network's own routes.
constexpr Share kLengths4[] = {{24, 600}, {23, 100}, {22, 115}, {21, 52}, {20, 50}, {19, 28}, {18, 15},
                               {17, 9},   {16, 15},  {14, 4},   {12, 2},  {28, 4},  {30, 2},  {32, 4}};
constexpr Share kLengths6[] = {{48, 460}, {32, 120}, {44, 110}, {40, 100}, {36, 70}, {29, 50},
                               {28, 20},  {46, 20},  {64, 25},  {56, 10},  {128, 15}};

// The registries' blocks that hold most of the IPv6 table.
constexpr uint16_t kBlocks6[] = {0x2001, 0x2400, 0x2401, 0x2402, 0x2403, 0x2404, 0x2405, 0x2406, 0x2407,
                                 0x2408, 0x240e, 0x2600, 0x2601, 0x2602, 0x2603, 0x2604, 0x2605, 0x2606,
                                 0x2607, 0x2620, 0x2800, 0x2801, 0x2803, 0x2804, 0x2806, 0x2a00, 0x2a01,
                                 0x2a02, 0x2a03, 0x2a04, 0x2a05, 0x2a06, 0x2a07, 0x2a09, 0x2a0a, 0x2a0b,
                                 0x2a0c, 0x2a0d, 0x2a0e, 0x2a0f, 0x2a10, 0x2a12, 0x2a13, 0x2c0f};

template <size_t kCount>
uint8_t draw_length(const Share (&shares)[kCount], hash::Random& random) {
  uint32_t at = random.below(1000);
  for (const Share& share : shares) {
    if (at < share.per_mille) return share.length;
    at -= share.per_mille;
  }
  return shares[0].length;
}

hash::IpAddress address6(uint64_t high, uint64_t low) {
  const uint64_t words[2] = {__builtin_bswap64(high), __builtin_bswap64(low)};
  uint8_t bytes[16];
  std::memcpy(bytes, words, sizeof bytes);
  return hash::IpAddress::v6(bytes);
}

uint32_t unicast4(hash::Random& random) {
  for (;;) {
    const uint32_t address = (1u << 24) + random.below(223u << 24);
    if (address >> 24 != 127) return address;
  }
}

hash::Prefix draw4(hash::Random& random) {
  const uint8_t length = draw_length(kLengths4, random);
  return hash::Prefix(hash::IpAddress::v4(unicast4(random)), length);
}

/// Few providers have many prefixes, and half of these lie near the beginning of the provider's block.
hash::Prefix draw6(std::span<const uint64_t> providers, hash::Random& random) {
  const auto count = static_cast<uint32_t>(providers.size());
  const uint64_t provider = providers[uint64_t{random.below(count)} * random.below(count) / count];
  const auto inside = static_cast<uint32_t>(random.next());
  const uint32_t near = 0x03ffffff >> random.below(8) | 0xffff;
  const uint32_t subnet = random.below(2) == 0 ? inside : inside & near;
  const uint8_t length = draw_length(kLengths6, random);
  return hash::Prefix(address6(provider | subnet, random.next()), length);
}

hash::IpAddress address_in(const hash::Prefix& prefix, hash::Random& random) {
  if (prefix.address().is_v4()) {
    const uint32_t host = prefix.length() == 32 ? 0 : static_cast<uint32_t>(random.next()) >> prefix.length();
    return hash::IpAddress::v4(prefix.address().v4_value() | host);
  }
  uint64_t words[2];
  std::memcpy(words, prefix.address().bytes(), sizeof words);
  const unsigned length = prefix.length();
  const uint64_t high = length >= 64 ? 0 : random.next() >> length;
  const uint64_t low = length == 128 ? 0 : random.next() >> (length > 64 ? length - 64 : 0);
  return address6(__builtin_bswap64(words[0]) | high, __builtin_bswap64(words[1]) | low);
}

}  // namespace

std::vector<hash::Prefix> make_prefixes(hash::Family family, uint32_t count, uint64_t seed) {
  const bool v4 = family == hash::Family::kIpv4;
  if (count == 1) return {*hash::Prefix::parse(v4 ? "198.51.100.0/24" : "2001:db8:100::/48")};
  hash::Random random(seed);
  std::vector<uint64_t> providers(count / 8 + 1);  // a /32 each
  for (uint64_t& one : providers) {
    const uint64_t block = kBlocks6[random.below(static_cast<uint32_t>(std::size(kBlocks6)))];
    one = block << 48 | uint64_t{random.below(1u << 16)} << 32;
  }
  std::unordered_set<hash::Prefix> seen;
  std::vector<hash::Prefix> out;
  while (out.size() < count) {
    const hash::Prefix prefix = v4 ? draw4(random) : draw6(providers, random);
    if (seen.insert(prefix).second) out.push_back(prefix);
  }
  return out;
}

std::vector<hash::Tuple> make_flows(std::span<const hash::Prefix> prefixes, uint32_t count, uint64_t seed) {
  hash::Random random(~seed);
  std::vector<hash::Tuple> out(count);
  for (hash::Tuple& flow : out) {
    const hash::Prefix& prefix = prefixes[random.below(static_cast<uint32_t>(prefixes.size()))];
    flow.dst = address_in(prefix, random);
    flow.src = flow.dst.is_v4() ? hash::IpAddress::v4(unicast4(random))
                                : address6(0x2001'0db8'0000'0000 | random.next() >> 32, random.next());
    flow.protocol = kUdp;
    flow.sport = static_cast<uint16_t>(1024 + random.below(65536 - 1024));
    flow.dport = static_cast<uint16_t>(1 + random.below(65535));
  }
  return out;
}

}  // namespace ecmpd::bench
