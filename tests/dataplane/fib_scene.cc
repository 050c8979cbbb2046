#include "tests/dataplane/fib_scene.h"

#include <algorithm>

namespace ecmpd::dataplane {

namespace {
constexpr size_t kRandomChanges = 1500;
}  // namespace

FibScene::FibScene(hash::Family family, uint32_t seed)
    : random_(seed), pool_(family == hash::Family::kIpv4 ? ipv4_pool(random_) : ipv6_pool(random_)) {
  for (const auto& entry : pool_.entries) add_edges(entry.prefix, probes_);
  std::sort(probes_.begin(), probes_.end());
  probes_.erase(std::unique(probes_.begin(), probes_.end()), probes_.end());

  for (const auto& entry : pool_.entries) {
    if (entry.prefix == pool_.kept || random_() % 2 == 0) oracle_.set(entry.prefix, entry.groups[0]);
  }
  initial_ = oracle_.routes();
  for (const hash::IpAddress& address : probes_) answers_.push_back(oracle_.lookup(address));
  for (size_t i = 0; i < kRandomChanges; ++i) random_change();

  // The way back to the first state.
  std::vector<Change> back;
  for (const auto& entry : pool_.entries) {
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

  for (const Change& change : changes_) {
    const auto first = std::lower_bound(probes_.begin(), probes_.end(), change.prefix.address());
    first_probes_.push_back(static_cast<size_t>(first - probes_.begin()));
  }
}

size_t FibScene::probe_near(uint64_t number, uint32_t random) const {
  constexpr size_t kAround = 4;
  const size_t first = std::max(first_probes_[number % cycle()], kAround) - kAround;
  return std::min(first + random % (2 * kAround + 1), probes_.size() - 1);
}

void FibScene::random_change() {
  const auto& entries = pool_.entries;
  const auto* entry = &entries[random_() % entries.size()];
  if (entry->prefix.length() < pool_.long_prefix && random_() % 8 != 0) entry = &entries[random_() % entries.size()];
  const bool present = oracle_.routes().count(entry->prefix) != 0;
  if (present && entry->prefix != pool_.kept && random_() % 4 != 0) return apply({entry->prefix, std::nullopt});
  apply({entry->prefix, entry->groups[random_() % 3]});
}

void FibScene::apply(const Change& change) {
  if (change.group) {
    oracle_.set(change.prefix, *change.group);
  } else {
    oracle_.remove(change.prefix);
  }
  changes_.push_back(change);
  const size_t before = answers_.size() - probes_.size();
  for (size_t i = 0; i < probes_.size(); ++i) {
    answers_.push_back(change.prefix.contains(probes_[i]) ? oracle_.lookup(probes_[i]) : answers_[before + i]);
  }
}

bool FibScene::legal(size_t probe, GroupId answer, uint64_t first, uint64_t last) const {
  last = std::min(last, first + cycle());
  for (uint64_t state = first; state <= last; ++state) {
    if (answers_[(state % cycle()) * probes_.size() + probe] == answer) return true;
  }
  return false;
}

}  // namespace ecmpd::dataplane
