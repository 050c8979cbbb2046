#include "tests/dataplane/churn_pool.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <span>

namespace ecmpd::dataplane {

namespace {

constexpr unsigned kForks = 40;  // for each base

/// Which prefixes there are: lengths that are wanted more often stand more often.
struct Shape {
  std::array<const char*, 2> bases;  // the second is kept
  std::vector<uint8_t> lengths;
};

Shape shape_of(hash::Family family) {
  if (family == hash::Family::kIpv4) {
    return {{"10.1.0.0/16", "10.2.0.0/16"}, {17, 18, 20, 22, 23, 24, 24, 24, 25, 26, 28, 30, 31, 32, 32, 32, 32}};
  }
  return {{"2001:db8:1::/48", "2001:db8:2::/48"},
          {49, 52, 56, 60, 63, 64, 64, 64, 65, 72, 80, 96, 112, 120, 126, 127, 128, 128, 128}};
}

using Bytes16 = std::array<uint8_t, 16>;

Bytes16 bytes_of(const hash::IpAddress& address) {
  Bytes16 out{};
  std::copy_n(address.bytes(), address.size(), out.begin());
  return out;
}

hash::IpAddress address_of(hash::Family family, const Bytes16& bytes) {
  if (family == hash::Family::kIpv6) return hash::IpAddress::v6(bytes.data());
  return hash::IpAddress::v4(uint32_t{bytes[0]} << 24 | uint32_t{bytes[1]} << 16 | uint32_t{bytes[2]} << 8 | bytes[3]);
}

/// The first `bits` of the address, then what `bit()` gives.
template <typename Bit>
hash::IpAddress with_tail(const hash::IpAddress& address, unsigned bits, Bit bit) {
  Bytes16 bytes = bytes_of(address);
  for (unsigned i = bits; i < address.bits(); ++i) {
    const auto mask = static_cast<uint8_t>(0x80u >> i % 8);
    bytes[i / 8] = static_cast<uint8_t>(bit() ? bytes[i / 8] | mask : bytes[i / 8] & ~mask);
  }
  return address_of(address.family(), bytes);
}

/// One up or one down, around the ends.
hash::IpAddress neighbor(const hash::IpAddress& address, bool up) {
  Bytes16 bytes = bytes_of(address);
  for (unsigned i = address.size(); i-- > 0;) {
    bytes[i] = static_cast<uint8_t>(bytes[i] + (up ? 1 : 0xff));
    if (bytes[i] != (up ? 0 : 0xff)) break;  // no carry
  }
  return address_of(address.family(), bytes);
}

template <typename T>
const T& any_of(std::span<const T> items, hash::Random& random) {
  return items[random.below(static_cast<uint32_t>(items.size()))];
}

/// Each new address shares its first bits with an earlier one, so that prefixes cover each other and fork anywhere.
void add_prefixes(const hash::Prefix& base, std::span<const uint8_t> lengths, hash::Random& random,
                  std::map<hash::Prefix, bool>& out) {
  std::vector<hash::IpAddress> addresses{base.address()};
  for (unsigned i = 0; i < kForks; ++i) {
    const hash::IpAddress from = any_of<hash::IpAddress>(addresses, random);
    addresses.push_back(with_tail(from, any_of(lengths, random), [&] { return random.below(2) != 0; }));
    for (unsigned n = 0; n < 1 + i % 3; ++n)
      out.emplace(hash::Prefix(addresses.back(), any_of(lengths, random)), false);
  }
}

}  // namespace

void ChurnPool::append(const ChurnPool& other) {
  prefixes.insert(prefixes.end(), other.prefixes.begin(), other.prefixes.end());
  kept.insert(kept.end(), other.kept.begin(), other.kept.end());
  probes.insert(probes.end(), other.probes.begin(), other.probes.end());
}

ChurnPool make_churn_pool(hash::Family family, hash::Random& random) {
  const Shape shape = shape_of(family);
  std::map<hash::Prefix, bool> prefixes;  // and whether it is kept
  for (size_t i = 0; i < shape.bases.size(); ++i) {
    const hash::Prefix base = *hash::Prefix::parse(shape.bases[i]);
    add_prefixes(base, shape.lengths, random, prefixes);
    prefixes[base] = i == 1;
  }
  ChurnPool pool;
  std::set<hash::IpAddress> probes;
  for (const auto& [prefix, kept] : prefixes) {
    pool.prefixes.push_back(prefix);
    pool.kept.push_back(kept);
    const hash::IpAddress first = prefix.address();
    const hash::IpAddress last = with_tail(first, prefix.length(), [] { return true; });
    probes.insert({neighbor(first, false), first,
                   with_tail(first, prefix.length(), [&] { return random.below(2) != 0; }), last,
                   neighbor(last, true)});
  }
  pool.probes.assign(probes.begin(), probes.end());
  return pool;
}

}  // namespace ecmpd::dataplane
