#include "tests/dataplane/fib4_scene.h"

#include <algorithm>
#include <set>

namespace ecmpd::dataplane {

namespace {
constexpr size_t kRandomChanges = 1500;
}  // namespace

Fib4Scene::Fib4Scene(uint32_t seed) : random_(seed) {
  make_pool();
  for (const Pool& entry : pool_) add_edges(entry.prefix, probes_);
  std::sort(probes_.begin(), probes_.end());
  probes_.erase(std::unique(probes_.begin(), probes_.end()), probes_.end());

  for (const Pool& entry : pool_) {
    if (random_() % 2 == 0) oracle_.set(entry.prefix, entry.groups[0]);
  }
  initial_ = oracle_.routes();
  record_state();
  for (size_t i = 0; i < kRandomChanges; ++i) random_change();

  // The way back to the first state.
  std::vector<Change> back;
  for (const Pool& entry : pool_) {
    const auto now = oracle_.routes().find(entry.prefix);
    const auto then = initial_.find(entry.prefix);
    if (then == initial_.end() && now != oracle_.routes().end()) {
      back.push_back({entry.prefix, std::nullopt});
    } else if (then != initial_.end() && (now == oracle_.routes().end() || now->second != then->second)) {
      back.push_back({entry.prefix, then->second});
    }
  }
  std::shuffle(back.begin(), back.end(), random_);
  for (const Change& change : back) apply(change);
  answers_.resize(answers_.size() - probes_.size());  // the last state is the first
}

// Two /16s: under 10.1.0.0/16 every prefix comes and goes, so that "no route" is an answer as well; 10.2.0.0/16 itself
// is never removed, so that "no route" there is a fault. In each, covering prefixes of many lengths, and some /24s with
// prefixes inside. Every prefix has groups of its own, so that an answer that belongs to other addresses shows.
void Fib4Scene::make_pool() {
  std::set<hash::Prefix> prefixes;
  for (uint32_t base : {0x0a010000u, 0x0a020000u}) {
    for (uint32_t i = 0; i < 12; ++i) {
      // The /24s lie close enough to share some of their covers.
      const uint32_t net = base | ((i / 3) << 14) | ((i % 3) << 9) | ((i % 2) << 8);
      for (unsigned length : {17u, 18u, 20u, 22u, 23u, 24u}) {
        if (length >= 22 || i % 3 == 0) prefixes.insert(v4_prefix(net, length));
      }
      const uint32_t host = net | (random_() & 0xff);
      prefixes.insert(v4_prefix(host, 32));
      if (i % 2 == 0) continue;  // one /32 alone in its /24: each removal empties a tbl8
      for (unsigned length : {25u, 26u, 28u, 30u, 31u}) {
        if (random_() % 2 == 0) prefixes.insert(v4_prefix(host, length));
      }
      prefixes.insert(v4_prefix(net | (random_() & 0xff), 32));
    }
    prefixes.insert(v4_prefix(base, 16));
  }
  uint32_t group = 1;
  for (const hash::Prefix& prefix : prefixes) {
    pool_.push_back({prefix, {GroupId{group}, GroupId{group + 1}, GroupId{group + 2}}});
    group += 3;
  }
  // A host route over the same nexthops as its aggregate.
  for (Pool& entry : pool_) {
    if (entry.prefix.length() != 32 || random_() % 3 != 0) continue;
    for (const Pool& cover : pool_) {
      if (cover.prefix.length() == 24 && cover.prefix.contains(entry.prefix)) entry.groups[0] = cover.groups[0];
    }
  }
}

void Fib4Scene::random_change() {
  const Pool* entry = &pool_[random_() % pool_.size()];
  // Mostly long prefixes: the writer is quick with them, and tbl8s come and go.
  if (entry->prefix.length() <= 20 && random_() % 8 != 0) entry = &pool_[random_() % pool_.size()];
  const bool present = oracle_.routes().count(entry->prefix) != 0;
  const bool kept = entry->prefix == v4_prefix(0x0a020000, 16);
  if (present && !kept && random_() % 4 != 0) return apply({entry->prefix, std::nullopt});
  apply({entry->prefix, entry->groups[random_() % 3]});
}

void Fib4Scene::apply(const Change& change) {
  if (change.group) {
    oracle_.set(change.prefix, *change.group);
  } else {
    oracle_.remove(change.prefix);
  }
  changes_.push_back(change);
  record_state();
}

void Fib4Scene::record_state() {
  for (uint32_t address : probes_) answers_.push_back(oracle_.lookup(address));
  std::set<uint32_t> extended;
  for (const auto& [prefix, group] : oracle_.routes()) {
    if (prefix.length() > 24) extended.insert(prefix.address().v4_value() >> 8);
  }
  most_tbl8_ = std::max(most_tbl8_, static_cast<uint32_t>(extended.size()));
}

bool Fib4Scene::legal(size_t probe, GroupId answer, uint64_t first, uint64_t last) const {
  last = std::min(last, first + cycle());
  for (uint64_t state = first; state <= last; ++state) {
    if (answers_[(state % cycle()) * probes_.size() + probe] == answer) return true;
  }
  return false;
}

}  // namespace ecmpd::dataplane
