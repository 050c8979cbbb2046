#include "hash/lab/scene.h"

#include <fmt/core.h>

#include <algorithm>
#include <cassert>
#include <utility>

namespace ecmpd::hash::lab {

using Kind = Event::Kind;

Scene::Scene(std::shared_ptr<const Home> home) : home_(std::move(home)) {
  for (const Member& member : home_->members()) addresses_.push_back(member.address);
  states_.assign(addresses_.size(), State::kUp);
}

Scene::Scene(std::shared_ptr<const Home> home, const std::vector<bool>& live) : Scene(std::move(home)) {
  for (size_t i = 0; i < live.size(); ++i) {
    if (!live[i]) states_[i] = State::kDown;
  }
}

std::optional<uint32_t> Scene::number_of(const IpAddress& address) const {
  const auto found = std::find(addresses_.begin(), addresses_.end(), address);
  if (found == addresses_.end()) return std::nullopt;
  return static_cast<uint32_t>(found - addresses_.begin());
}

uint16_t Scene::weight(uint32_t number) const {
  return home_->members()[static_cast<size_t>(home_->index_of(addresses_[number]))].weight;
}

std::optional<std::string> Scene::refusal(const Event& event) const {
  const auto number = number_of(event.member);
  const State state = number ? states_[*number] : State::kForgotten;
  const auto no = [&](std::string_view why) { return fmt::format("{}: the member {}", to_string(event), why); };
  if (event.kind == Kind::kJoin) {
    if (state != State::kForgotten) return no("is there already");
    if (home_->members().size() >= kMaxMembers)
      return fmt::format("{}: at most {} members", to_string(event), kMaxMembers);
    if (!number && addresses_.size() == UINT16_MAX) return fmt::format("{}: too many members", to_string(event));
    return std::nullopt;
  }
  if (state == State::kForgotten) return no("is not in the group");
  switch (event.kind) {
    case Kind::kLeave:
      if (state == State::kDown) return no("is down already");
      break;
    case Kind::kFlap:
    case Kind::kDrain:
      if (state != State::kUp) return no("is not up");
      break;
    case Kind::kReturn:
      if (state == State::kUp) return no("is up already");
      break;
    case Kind::kForget:
      if (home_->members().size() == 1) return no("is the only one");
      break;
    case Kind::kWeight:
    case Kind::kJoin:
      break;
  }
  return std::nullopt;
}

void Scene::set(const IpAddress& address, State state) {
  if (const auto number = number_of(address)) {
    states_[*number] = state;
    return;
  }
  addresses_.push_back(address);
  states_.push_back(state);
}

std::shared_ptr<const Home> Scene::next_home(const Event& event) const {
  switch (event.kind) {
    case Kind::kWeight:
      return home_->reweigh({event.member, event.weight});
    case Kind::kJoin:
      return home_->join({event.member, event.weight});
    case Kind::kForget:
      return home_->strike(event.member);
    default:
      return home_;
  }
}

void Scene::apply(const Event& event, HomeCache* cache) {
  assert(!refusal(event));
  if (changes_home(event)) {
    std::shared_ptr<const Home> next;
    if (cache != nullptr) next = (*cache)[{home_.get(), event.kind, event.member, event.weight}];
    if (next == nullptr) next = next_home(event);
    if (cache != nullptr) (*cache)[{home_.get(), event.kind, event.member, event.weight}] = next;
    home_ = std::move(next);
  }
  switch (event.kind) {
    case Kind::kLeave:
      return set(event.member, State::kDown);
    case Kind::kDrain:
      return set(event.member, State::kDrained);
    case Kind::kReturn:
    case Kind::kJoin:
      return set(event.member, State::kUp);
    case Kind::kForget:
      return set(event.member, State::kForgotten);
    case Kind::kFlap:
    case Kind::kWeight:
      return;
  }
}

uint32_t Scene::live() const { return static_cast<uint32_t>(std::count(states_.begin(), states_.end(), State::kUp)); }

std::vector<bool> Scene::live_by_index() const {
  std::vector<bool> live(home_->members().size());
  for (uint32_t number = 0; number < states_.size(); ++number) {
    if (states_[number] == State::kUp) live[static_cast<size_t>(home_->index_of(addresses_[number]))] = true;
  }
  return live;
}

BucketTable Scene::table() const {
  BucketTable table = home_->table(live_by_index());
  std::vector<uint16_t> numbers(home_->members().size());
  for (uint32_t number = 0; number < states_.size(); ++number) {
    if (states_[number] != State::kForgotten) {
      numbers[static_cast<size_t>(home_->index_of(addresses_[number]))] = static_cast<uint16_t>(number);
    }
  }
  for (uint16_t& owner : table.owners) owner = numbers[owner];
  return table;
}

double Scene::max_over_mean(const BucketTable& table) const {
  const auto entries = table.entries(states_.size());
  uint64_t weights = 0;
  for (uint32_t number = 0; number < states_.size(); ++number) {
    if (states_[number] == State::kUp) weights += weight(number);
  }
  double worst = table.owners.empty() ? 1 : 0;
  for (uint32_t number = 0; number < states_.size() && !table.owners.empty(); ++number) {
    if (states_[number] != State::kUp) continue;
    const double exact = static_cast<double>(table.owners.size()) * weight(number) / static_cast<double>(weights);
    worst = std::max(worst, entries[number] / exact);
  }
  return worst;
}

TableDiff Scene::diff(const BucketTable& before, const BucketTable& after, std::span<const IpAddress> subjects) const {
  std::vector<bool> changed(addresses_.size());
  for (const IpAddress& subject : subjects) {
    if (const auto number = number_of(subject)) changed[*number] = true;
  }
  return diff_tables(before, after, changed);
}

}  // namespace ecmpd::hash::lab
