#include "hash/rendezvous.h"

#include <algorithm>
#include <array>
#include <bit>
#include <numeric>

#include "hash/random.h"

namespace ecmpd::hash {
namespace {

constexpr unsigned kLogBits = 27;  // fraction bits of a logarithm

/// log2(1 + i / 256), by repeated squaring, so that no libm has a say in it.
constexpr std::array<uint32_t, 257> log_table() {
  std::array<uint32_t, 257> table{};
  for (uint32_t i = 0; i <= 256; ++i) {
    uint64_t x = (256u + i) * (uint64_t{1} << 23);  // 1.31 fixed point
    uint32_t log = 0;
    if (i == 256) log = 1u << kLogBits;
    for (unsigned bit = 0; i < 256 && bit < kLogBits; ++bit) {
      x = x * x >> 31;
      log <<= 1;
      if (x >= uint64_t{1} << 32) {
        log |= 1;
        x >>= 1;
      }
    }
    table[i] = log;
  }
  return table;
}
constexpr auto kLog = log_table();

/// -log2(score / 2^32), above 0 and falling as the score rises.
uint64_t negative_log2(uint32_t score) {
  const uint32_t x = std::max(score, 1u);
  const auto zeros = static_cast<unsigned>(std::countl_zero(x));
  const uint32_t mantissa = x << zeros;
  const uint32_t at = mantissa >> 23 & 0xff;
  const uint64_t part = mantissa & 0x7fffff;
  const uint64_t log = kLog[at] + ((kLog[at + 1] - kLog[at]) * part >> 23);
  return (uint64_t{zeros} + 1) * (uint64_t{1} << kLogBits) - log;
}

}  // namespace

uint64_t table_seed(uint64_t seed) {
  splitmix64(seed);
  return splitmix64(seed);
}

uint64_t member_key(const IpAddress& address, uint64_t seed) {
  uint64_t key = mix64(seed + address.bits());
  for (unsigned at = 0; at < address.size(); at += 4) {
    uint64_t word = 0;
    for (unsigned i = 0; i < 4; ++i) word = word << 8 | address.bytes()[at + i];
    key = mix64(key + word);
  }
  return key;
}

Rendezvous::Rendezvous(std::span<const Member> members, uint64_t seed) {
  for (const auto& member : members) {
    keys_.push_back(member_key(member.address, seed));
    weights_.push_back(member.weight);
    equal_weights_ = equal_weights_ && member.weight == members.front().weight;
  }
}

uint32_t Rendezvous::score(uint32_t bucket, uint16_t member) const {
  uint64_t state = keys_[member] + bucket * uint64_t{0x9e3779b97f4a7c15};
  return static_cast<uint32_t>(splitmix64(state) >> 32);
}

Rendezvous::Rank Rendezvous::rank(uint32_t bucket, uint16_t member) const {
  const uint32_t s = score(bucket, member);
  return {negative_log2(s), s, weights_[member], member};
}

bool Rendezvous::Rank::before(const Rank& other) const {
  const uint64_t mine = cost * other.weight, theirs = other.cost * weight;
  if (mine != theirs) return mine < theirs;
  if (score != other.score) return score > other.score;
  return member < other.member;
}

uint16_t Rendezvous::best(uint32_t bucket, std::span<const uint16_t> candidates) const {
  if (equal_weights_) {  // the same order, without logarithms: costs fall as scores rise
    uint16_t best_member = candidates[0];
    uint32_t best_score = score(bucket, best_member);
    for (const uint16_t member : candidates.subspan(1)) {
      const uint32_t s = score(bucket, member);
      if (s > best_score || (s == best_score && member < best_member)) {
        best_member = member;
        best_score = s;
      }
    }
    return best_member;
  }
  Rank best_rank = rank(bucket, candidates[0]);
  for (const uint16_t member : candidates.subspan(1)) {
    const Rank r = rank(bucket, member);
    if (r.before(best_rank)) best_rank = r;
  }
  return best_rank.member;
}

void Rendezvous::sort(uint32_t bucket, std::span<uint16_t> candidates) const {
  std::vector<Rank> ranks;
  ranks.reserve(candidates.size());
  for (const uint16_t member : candidates) ranks.push_back(rank(bucket, member));
  std::sort(ranks.begin(), ranks.end(), [](const Rank& a, const Rank& b) { return a.before(b); });
  std::transform(ranks.begin(), ranks.end(), candidates.begin(), [](const Rank& r) { return r.member; });
}

std::vector<uint16_t> rendezvous_table(std::span<const Member> members, uint32_t buckets, uint64_t seed) {
  const Rendezvous rendezvous(members, table_seed(seed));
  std::vector<uint16_t> everybody(members.size());
  std::iota(everybody.begin(), everybody.end(), uint16_t{0});
  std::vector<uint16_t> table(buckets);
  for (uint32_t bucket = 0; bucket < buckets; ++bucket) table[bucket] = rendezvous.best(bucket, everybody);
  return table;
}

}  // namespace ecmpd::hash
