#include "hash/lab/churn.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "hash/random.h"

namespace ecmpd::hash::lab {
namespace {

using Kind = Event::Kind;

class Player {
 public:
  explicit Player(std::shared_ptr<const Home> home) : scene_(std::move(home)), table_(scene_.table()) { note_state(); }

  void step(const Event& event) {
    scene_.apply(event);
    BucketTable after = scene_.table();
    const TableDiff diff = scene_.diff(table_, after, {&event.member, 1});
    Step step{.event = event, .live = scene_.live(), .away = scene_.away()};
    step.lost = !table_.owners.empty() && after.owners.empty();
    table_ = std::move(after);
    step.moved = diff.fraction(diff.moved);
    step.minimum = diff.fraction(diff.minimum);
    step.collateral = diff.fraction(diff.collateral);
    if (diff.survivors > 0) {
      step.survivors_moved = static_cast<double>(diff.survivors_moved) / static_cast<double>(diff.survivors);
    }
    step.max_mean = note_state();
    churn_.exact &= diff.exact;
    churn_.steps.push_back(step);
  }

  Churn end(Random random) {
    for (uint32_t number = 0; number < scene_.addresses().size(); ++number) {
      if (scene_.state(number) == Scene::State::kUp || scene_.state(number) == Scene::State::kForgotten) continue;
      scene_.apply({.kind = Kind::kReturn, .member = scene_.addresses()[number]});
    }
    const BucketTable before = scene_.table();
    const auto members = scene_.home().members();
    const IpAddress flapper = members[random.below(static_cast<uint32_t>(members.size()))].address;
    scene_.apply({.kind = Kind::kLeave, .member = flapper});
    scene_.apply({.kind = Kind::kReturn, .member = flapper});
    const TableDiff diff = scene_.diff(before, scene_.table(), {&flapper, 1});
    churn_.home_after_flap = 1 - diff.fraction(diff.moved);
    return std::move(churn_);
  }

  const Scene& scene() const { return scene_; }

 private:
  double note_state() {
    const double max_mean = scene_.max_over_mean(table_);
    auto& [states, worst] = churn_.by_away[scene_.away()];
    ++states;
    worst = std::max(worst, max_mean);
    return max_mean;
  }

  Scene scene_;
  BucketTable table_;
  Churn churn_;
};

/// A random order in which the events of one chain stay in order.
std::vector<Event> shuffled(const std::vector<Event>& events, const std::vector<uint32_t>& chains, Random& random) {
  std::vector<uint32_t> order(events.size());
  for (uint32_t i = 0; i < events.size(); ++i) order[i] = i;
  random.shuffle(std::span(order));
  // The places that a shuffle gave to a chain, taken by its events in their own order.
  std::map<uint32_t, std::vector<uint32_t>> places;
  for (uint32_t place = 0; place < order.size(); ++place) places[chains[order[place]]].push_back(place);
  std::map<uint32_t, size_t> next;
  std::vector<Event> out(events.size());
  for (uint32_t i = 0; i < events.size(); ++i) out[places[chains[i]][next[chains[i]]++]] = events[i];
  return out;
}

}  // namespace

double Churn::worst_max_mean(uint32_t most_away) const {
  double worst = 1;
  for (const auto& [away, states] : by_away) {
    if (away <= most_away) worst = std::max(worst, states.second);
  }
  return worst;
}

tl::expected<Churn, std::string> play(std::shared_ptr<const Home> home, const std::vector<Event>& events,
                                      uint64_t seed) {
  Player player(std::move(home));
  for (const Event& event : events) {
    if (const auto why = player.scene().refusal(event)) return tl::make_unexpected(*why);
    if (event.kind != Kind::kFlap) {
      player.step(event);
      continue;
    }
    player.step({.kind = Kind::kLeave, .member = event.member});
    player.step({.kind = Kind::kReturn, .member = event.member});
  }
  return player.end(Random(mix64(seed) ^ 0x666c6170));
}

uint32_t orders_that_agree(std::shared_ptr<const Home> home, const std::vector<Event>& events, uint32_t orders,
                           uint64_t seed) {
  // Events of one member are a chain; those of all members that change the home are one together, if order matters.
  std::map<IpAddress, uint32_t> chain_of;
  constexpr uint32_t kHome = 0;
  for (const Event& event : events) {
    auto& chain = chain_of.try_emplace(event.member, static_cast<uint32_t>(chain_of.size() + 1)).first->second;
    if (changes_home(event) && needs_home(home->selector())) chain = kHome;
  }
  std::vector<uint32_t> chains;
  for (const Event& event : events) chains.push_back(chain_of[event.member]);

  // Owners by address: numbers depend on who joined first.
  HomeCache cache;
  const auto end_of = [&](const std::vector<Event>& sequence) {
    Scene scene(home);
    for (const Event& event : sequence) scene.apply(event, &cache);
    const BucketTable table = scene.table();
    std::vector<IpAddress> owners;
    for (const uint16_t owner : table.owners) owners.push_back(scene.addresses()[owner]);
    return owners;
  };
  const auto expected = end_of(events);
  Random random(mix64(seed) ^ 0x6f7264657273);
  uint32_t agree = 0;
  for (uint32_t i = 0; i < orders; ++i) agree += end_of(shuffled(events, chains, random)) == expected;
  return agree;
}

}  // namespace ecmpd::hash::lab
