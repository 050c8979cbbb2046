#include "tests/dataplane/churn_script.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "hash/selector.h"

namespace ecmpd::dataplane {

namespace {
constexpr uint16_t kVersions = 6;  // of a shared group's buckets
constexpr uint16_t kMembers = 6;   // that a shared group has at most
// Where the way back begins. It takes at most a change for each prefix, group and adjacency; the rest of the cycle
// writes adjacencies.
constexpr uint64_t kReturn = ChurnScript::kCycle - 1024;
}  // namespace

HashSettings ChurnScript::settings(uint8_t number) {
  hash::KeyFields fields = number % 2 == 0 ? hash::KeyFields::five_tuple() : hash::KeyFields::three_tuple();
  fields.symmetric = number == 2;
  return HashSettings(fields, {hash::HashFunction::kXxh32, 1000u + number});
}

ChurnScript::ChurnScript(const ChurnPool& pool, uint64_t seed) : pool_(pool), covers_(pool.probes.size()) {
  hash::Random random(seed);
  assert(pool_.prefixes.size() + kShared + kSharedAdjacencies + 1 < kCycle - kReturn);
  for (size_t probe = 0; probe < pool_.probes.size(); ++probe) {
    for (size_t i = 0; i < pool_.prefixes.size(); ++i) {
      if (pool_.prefixes[i].contains(pool_.probes[probe])) covers_[probe].push_back(static_cast<uint16_t>(i));
    }
    std::sort(covers_[probe].begin(), covers_[probe].end(),
              [this](uint16_t a, uint16_t b) { return pool_.prefixes[a].length() > pool_.prefixes[b].length(); });
  }
  make_tables(random);
  initial_.drops.assign(kAdjacencies, 0);
  initial_.drops[0] = 1;
  for (size_t i = 0; i < pool_.prefixes.size(); ++i) {
    const bool present = pool_.kept[i] || random.below(2) == 0;
    initial_.route.push_back(present ? static_cast<uint16_t>(1 + random.below(kShared)) : kNone);
  }
  now_ = initial_;
  record_state();
  while (changes_.size() < kReturn) random_change(random);
  return_to_start();
  while (changes_.size() < kCycle) {
    const auto adjacency = static_cast<uint16_t>(1 + changes_.size() % kSharedAdjacencies);
    add({.kind = Kind::kAdjacency, .adjacency = adjacency, .drops = now_.drops[adjacency] != 0});
  }
  assert(now_ == initial_);
  record_writes();
}

void ChurnScript::make_tables(hash::Random& random) {
  const auto single = [this](uint16_t adjacency) {
    initial_.table.push_back(static_cast<uint16_t>(tables_.size()));
    tables_.push_back({.indexing = hash::Indexing::kLowBits, .buckets = {adjacency}});
  };
  single(0);
  for (uint16_t group = 1; group <= kShared; ++group) {
    initial_.table.push_back(static_cast<uint16_t>(tables_.size()));
    std::vector<uint16_t> members;
    for (unsigned i = 0; i < kMembers; ++i) {
      members.push_back(static_cast<uint16_t>(1 + random.below(kSharedAdjacencies)));
    }
    for (unsigned version = 0; version < kVersions; ++version) {
      constexpr hash::Indexing kWays[] = {hash::Indexing::kLowBits, hash::Indexing::kLowBits, hash::Indexing::kModulo,
                                          hash::Indexing::kRange};
      Table table{.indexing = kWays[random.below(4)], .buckets = {}};
      const bool power_of_two = table.indexing == hash::Indexing::kLowBits;
      table.buckets.resize(power_of_two ? 1u << random.below(8) : 1 + random.below(24));
      const auto live = 1 + random.below(kMembers);
      for (uint16_t& bucket : table.buckets) bucket = members[random.below(live)];
      tables_.push_back(std::move(table));
    }
  }
  for (uint16_t group = kShared + 1; group < kGroups; ++group) single(private_adjacency(group));
}

void ChurnScript::random_change(hash::Random& random) {
  const unsigned what = random.below(100);
  const auto group = static_cast<uint16_t>(1 + random.below(kShared));
  const auto adjacency = static_cast<uint16_t>(1 + random.below(kSharedAdjacencies));
  if (what < 60) {
    random_route(random);
  } else if (what < 82) {
    const auto table = static_cast<uint16_t>(initial_.table[group] + random.below(kVersions));
    add({.kind = Kind::kBuckets, .group = group, .table = table});
  } else if (what < 84) {
    add({.kind = Kind::kMove, .group = group});
  } else if (what < 98) {
    add({.kind = Kind::kAdjacency, .adjacency = adjacency, .drops = random.below(8) == 0});
  } else {
    add({.kind = Kind::kSettings, .settings = static_cast<uint8_t>(random.below(kSettings))});
  }
}

void ChurnScript::random_route(hash::Random& random) {
  const auto prefix = static_cast<uint16_t>(random.below(static_cast<uint32_t>(pool_.prefixes.size())));
  const uint16_t present = now_.route[prefix];
  uint16_t group = kNone;
  if (present == kNone || pool_.kept[prefix] || random.below(3) == 0) {
    const auto is_free = [this](uint16_t candidate) {
      return std::find(now_.route.begin(), now_.route.end(), candidate) == now_.route.end();
    };
    group = static_cast<uint16_t>(1 + random.below(kGroups - 1));
    if (is_private(group) && !is_free(group)) return;
    // A prefix and one that it covers over the same nexthops.
    const uint16_t other = now_.route[random.below(static_cast<uint32_t>(now_.route.size()))];
    if (random.below(4) == 0 && other != kNone && !is_private(other)) group = other;
  }
  if (group != present) add({.kind = Kind::kRoute, .prefix = prefix, .group = group});
}

void ChurnScript::return_to_start() {
  for (uint16_t i = 0; i < initial_.route.size(); ++i) {
    if (now_.route[i] != initial_.route[i]) add({.kind = Kind::kRoute, .prefix = i, .group = initial_.route[i]});
  }
  for (uint16_t group = 1; group <= kShared; ++group) {
    if (now_.table[group] != initial_.table[group]) {
      add({.kind = Kind::kBuckets, .group = group, .table = initial_.table[group]});
    }
  }
  for (uint16_t adjacency = 1; adjacency <= kSharedAdjacencies; ++adjacency) {
    add({.kind = Kind::kAdjacency, .adjacency = adjacency, .drops = false});
  }
  add({.kind = Kind::kSettings, .settings = initial_.settings});
}

void ChurnScript::add(const Change& change) {
  changes_.push_back(change);
  switch (change.kind) {
    case Kind::kRoute:
      now_.route[change.prefix] = change.group;
      break;
    case Kind::kBuckets:
      now_.table[change.group] = change.table;
      break;
    case Kind::kAdjacency:
      now_.drops[change.adjacency] = change.drops;
      break;
    case Kind::kSettings:
      now_.settings = change.settings;
      break;
    case Kind::kMove:
      break;
  }
  if (changes_.size() < kCycle) record_state();  // the last leads back to the first
}

uint16_t ChurnScript::lookup(size_t probe) const {
  for (uint16_t prefix : covers_[probe]) {
    if (now_.route[prefix] != kNone) return now_.route[prefix];
  }
  return kNone;
}

void ChurnScript::record_state() {
  for (size_t probe = 0; probe < pool_.probes.size(); ++probe) group_.push_back(lookup(probe));
  table_.insert(table_.end(), now_.table.begin(), now_.table.end());
  drops_.insert(drops_.end(), now_.drops.begin(), now_.drops.end());
  settings_.push_back(now_.settings);
}

void ChurnScript::record_writes() {
  for (const Change& change : changes_) {
    const bool fresh = change.kind == Kind::kRoute && is_private(change.group);
    writes_.push_back(change.kind == Kind::kAdjacency ? change.adjacency : fresh ? private_adjacency(change.group) : 0);
  }
  for (uint16_t i = 0; i < kCycle; ++i) last_write_[writes_[i]] = i;
  lasts_.assign(kCycle, 0);
  std::array<uint16_t, kAdjacencies> last = last_write_;
  for (uint16_t i = 0; i < kCycle; ++i) {
    const uint16_t before = std::exchange(last[writes_[i]], i);
    lasts_[before] = static_cast<uint16_t>(before < i ? i - before : i + kCycle - before);
  }
}

bool ChurnScript::legal(const Packet& packet, const std::optional<Sent>& found, uint64_t first, uint64_t last) const {
  const uint64_t end = std::min(last, first + kCycle);  // beyond, states repeat
  unsigned settings = 0;
  for (uint64_t state = first; state <= end; ++state) settings |= 1u << settings_[state % kCycle];
  // Of the moments at which the address had a group, the first leaves most room for the rest.
  uint16_t tried = kGroups;
  for (uint64_t state = first; state <= end; ++state) {
    const uint16_t group = group_at(state, packet.probe);
    if (group == tried) continue;
    tried = group;
    if (legal_from(group, settings, packet, found, state, end, last)) return true;
  }
  return false;
}

bool ChurnScript::legal_from(uint16_t group, unsigned settings, const Packet& packet, const std::optional<Sent>& found,
                             uint64_t first, uint64_t end, uint64_t last) const {
  for (uint64_t state = first; state <= end; ++state) {
    const Table& table = tables_[table_at(state, group)];
    const auto size = static_cast<uint32_t>(table.buckets.size());
    for (unsigned i = 0; i < kSettings; ++i) {
      if ((settings >> i & 1) == 0) continue;
      const uint16_t adjacency = table.buckets[hash::bucket_index(packet.hash[i], size, table.indexing)];
      if (found ? found->adjacency == adjacency && held(*found, state, last) : dropped(adjacency, state, end)) {
        return true;
      }
    }
  }
  return false;
}

bool ChurnScript::held(const Sent& found, uint64_t first, uint64_t last) const {
  const uint64_t index = found.written % kCycle;
  if (found.adjacency == 0 || writes_[index] != found.adjacency || changes_[index].drops) return false;
  return found.written < last && found.written + lasts_[index] >= first;
}

bool ChurnScript::dropped(uint16_t adjacency, uint64_t first, uint64_t end) const {
  for (uint64_t state = first; state <= end; ++state) {
    if (drops_[(state % kCycle) * kAdjacencies + adjacency] != 0) return true;
  }
  return false;
}

}  // namespace ecmpd::dataplane
