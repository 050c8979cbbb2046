#include "hash/layout.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <limits>
#include <numeric>
#include <utility>

#include "hash/placement.h"
#include "hash/preference_tree.h"

namespace ecmpd::hash {
namespace {

/// For a step of the lineage: who, and how many steps came before.
Random step_random(uint64_t seed, const IpAddress& subject, size_t steps) {
  return Random(mix64(member_key(subject, table_seed(seed)) + steps));
}

}  // namespace

uint32_t HomeLayout::auto_buckets(std::span<const Member> members) {
  uint64_t sum = 0;
  uint64_t least = std::numeric_limits<uint16_t>::max();
  for (const auto& member : members) {
    sum += member.weight;
    least = std::min<uint64_t>(least, member.weight);
  }
  const uint64_t wanted = least == 0 ? kMaxBuckets : (sum * 64 + least - 1) / least;
  return std::bit_ceil(static_cast<uint32_t>(std::clamp<uint64_t>(wanted, 256, kMaxBuckets)));
}

HomeLayout::HomeLayout(Lineage lineage, uint64_t seed, std::vector<Member> members, PreferenceLists lists)
    : lineage_(std::move(lineage)),
      seed_(seed),
      members_(std::move(members)),
      lists_(std::move(lists)),
      rendezvous_(members_, table_seed(seed)) {
  // Strikes shorten lists; what is computed anyway may as well be stored.
  const size_t least = std::min<size_t>(PreferenceLists::kMinDepth, members_.size());
  for (uint32_t bucket = 0; bucket < lists_.buckets(); ++bucket) {
    while (lists_[bucket].size() < least) lists_.append(bucket, rendezvous_.best(origin(bucket), not_stored(bucket)));
  }
}

std::shared_ptr<const HomeLayout> HomeLayout::build(std::span<const Member> members, uint32_t buckets, uint64_t seed) {
  Lineage lineage{.founders = {members.begin(), members.end()}, .steps = {}, .buckets = buckets};
  std::sort(lineage.founders.begin(), lineage.founders.end(), by_address);
  assert(valid_founders(lineage) && lineage.founders.size() <= buckets);
  auto sorted = lineage.founders;
  auto lists = preference_tree(sorted, buckets, Random(table_seed(seed)));
  return std::shared_ptr<const HomeLayout>(
      new HomeLayout(std::move(lineage), seed, std::move(sorted), std::move(lists)));
}

std::shared_ptr<const HomeLayout> HomeLayout::replay(const Lineage& lineage, uint64_t seed) {
  if (!valid_founders(lineage) || lineage.founders.size() > lineage.buckets) return nullptr;
  return take_steps(build(lineage.founders, lineage.buckets, seed), lineage.steps);
}

/// `members` and `lists` as they are to be, but for the place of members[subject] in the lists.
std::shared_ptr<const HomeLayout> HomeLayout::enter(Lineage::Step::Kind kind, std::vector<Member> members,
                                                    PreferenceLists lists, uint16_t subject,
                                                    uint16_t old_weight) const {
  while (lists.buckets() < auto_buckets(members)) lists.double_buckets();
  place(lists, members, subject, old_weight, step_random(seed_, members[subject].address, lineage_.steps.size()));
  Lineage lineage = lineage_;
  lineage.steps.push_back({kind, members[subject]});
  return std::shared_ptr<const HomeLayout>(
      new HomeLayout(std::move(lineage), seed_, std::move(members), std::move(lists)));
}

std::shared_ptr<const HomeLayout> HomeLayout::join(const Member& newcomer) const {
  assert(newcomer.weight != 0 && members_.size() < kMaxMembers && index_of(newcomer.address) < 0);
  const uint16_t at = position_of(newcomer.address);
  auto members = members_;
  members.insert(members.begin() + at, newcomer);
  std::vector<uint16_t> renumber(members_.size());
  for (uint16_t i = 0; i < renumber.size(); ++i) renumber[i] = static_cast<uint16_t>(i < at ? i : i + 1);
  auto lists = lists_;
  lists.renumber(renumber);
  return enter(Lineage::Step::Kind::kJoin, std::move(members), std::move(lists), at, 0);
}

std::shared_ptr<const HomeLayout> HomeLayout::reweigh(const Member& member) const {
  assert(member.weight != 0 && index_of(member.address) >= 0);
  const uint16_t at = position_of(member.address);
  auto members = members_;
  const uint16_t old_weight = std::exchange(members[at].weight, member.weight);
  return enter(Lineage::Step::Kind::kReweigh, std::move(members), lists_, at, old_weight);
}

std::shared_ptr<const HomeLayout> HomeLayout::strike(const IpAddress& member) const {
  assert(members_.size() > 1 && index_of(member) >= 0);
  const uint16_t at = position_of(member);
  auto lists = lists_;
  for (uint32_t bucket = 0; bucket < lists.buckets(); ++bucket) {
    const auto list = lists[bucket];
    const auto found = std::find(list.begin(), list.end(), at);
    if (found != list.end()) lists.erase(bucket, static_cast<unsigned>(found - list.begin()));
  }
  std::vector<uint16_t> renumber(members_.size());
  for (uint16_t i = 0; i < renumber.size(); ++i) renumber[i] = static_cast<uint16_t>(i < at ? i : i - 1);
  lists.renumber(renumber);
  Lineage lineage = lineage_;
  lineage.steps.push_back({Lineage::Step::Kind::kStrike, members_[at]});
  auto members = members_;
  members.erase(members.begin() + at);
  return std::shared_ptr<const HomeLayout>(
      new HomeLayout(std::move(lineage), seed_, std::move(members), std::move(lists)));
}

/// Where `address` is or would be.
uint16_t HomeLayout::position_of(const IpAddress& address) const {
  return static_cast<uint16_t>(std::lower_bound(members_.begin(), members_.end(), Member{address, 0}, by_address) -
                               members_.begin());
}

int HomeLayout::index_of(const IpAddress& address) const {
  const uint16_t at = position_of(address);
  return at < members_.size() && members_[at].address == address ? at : -1;
}

size_t HomeLayout::memory_bytes() const {
  return sizeof *this + lists_.memory_bytes() + members_.capacity() * sizeof(Member) +
         lineage_.founders.capacity() * sizeof(Member) + lineage_.steps.capacity() * sizeof(Lineage::Step);
}

std::vector<uint16_t> HomeLayout::owners(const std::vector<bool>& live) const {
  assert(live.size() == members_.size());
  std::vector<uint8_t> up(live.begin(), live.end());
  std::vector<uint16_t> candidates;
  for (uint16_t i = 0; i < up.size(); ++i) {
    if (up[i]) candidates.push_back(i);
  }
  assert(!candidates.empty());
  std::vector<uint16_t> out(lists_.buckets());
  for (uint32_t bucket = 0; bucket < out.size(); ++bucket) {
    const auto list = lists_[bucket];
    const auto first = std::find_if(list.begin(), list.end(), [&](uint16_t member) { return up[member] != 0; });
    out[bucket] = first != list.end() ? *first : rendezvous_.best(origin(bucket), candidates);
  }
  return out;
}

std::vector<uint16_t> HomeLayout::preference(uint32_t bucket, unsigned depth) const {
  assert(bucket < lists_.buckets());
  std::vector<uint16_t> out(lists_[bucket].begin(), lists_[bucket].end());
  if (out.size() < depth) {
    auto rest = not_stored(bucket);
    rendezvous_.sort(origin(bucket), rest);
    out.insert(out.end(), rest.begin(), rest.end());
  }
  out.resize(std::min<size_t>(out.size(), depth));
  return out;
}

std::vector<uint16_t> HomeLayout::not_stored(uint32_t bucket) const {
  std::vector<bool> stored(members_.size());
  for (const uint16_t member : lists_[bucket]) stored[member] = true;
  std::vector<uint16_t> rest;
  for (uint16_t i = 0; i < stored.size(); ++i) {
    if (!stored[i]) rest.push_back(i);
  }
  return rest;
}

}  // namespace ecmpd::hash
