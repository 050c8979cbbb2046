// A group in the middle of events: its home, and who of it is up, drained or down.
//
// Members have numbers that stay the same whoever joins or is forgotten, so that tables before and after an event can
// be compared. Not for concurrent use.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <tuple>
#include <vector>

#include "hash/home.h"
#include "hash/lab/events.h"
#include "hash/table_diff.h"

namespace ecmpd::hash::lab {

/// Homes that were made already, by what they were made from: for playing the same events in many orders.
using HomeCache = std::map<std::tuple<const Home*, Event::Kind, IpAddress, uint16_t>, std::shared_ptr<const Home>>;

class Scene {
 public:
  enum class State : uint8_t { kUp, kDrained, kDown, kForgotten };

  /// Everybody is up.
  explicit Scene(std::shared_ptr<const Home> home);
  /// Those with live[i] are up, the others down; by member of the home.
  Scene(std::shared_ptr<const Home> home, const std::vector<bool>& live);

  /// Why `event` cannot happen now; nullopt: it can.
  std::optional<std::string> refusal(const Event& event) const;
  /// An event that can happen; a flap leaves things as they are. `cache`, if any, keeps the homes that it leads to.
  void apply(const Event& event, HomeCache* cache = nullptr);

  const Home& home() const { return *home_; }
  /// By number: who there is, or has been.
  std::span<const IpAddress> addresses() const { return addresses_; }
  State state(uint32_t number) const { return states_[number]; }
  std::optional<uint32_t> number_of(const IpAddress& address) const;
  /// Weight of a member of the home.
  uint16_t weight(uint32_t number) const;
  uint32_t live() const;
  /// Members of the home that own nothing now.
  uint32_t away() const { return static_cast<uint32_t>(home_->members().size()) - live(); }

  /// Owners are numbers. Empty when nobody is up.
  BucketTable table() const;
  /// Largest share over the exact share among those that are up; 1 when nobody is.
  double max_over_mean(const BucketTable& table) const;
  /// From the table before events about `subjects` to the one after them.
  TableDiff diff(const BucketTable& before, const BucketTable& after, std::span<const IpAddress> subjects) const;

 private:
  std::vector<bool> live_by_index() const;
  std::shared_ptr<const Home> next_home(const Event& event) const;
  void set(const IpAddress& address, State state);

  std::shared_ptr<const Home> home_;
  std::vector<IpAddress> addresses_;  // by number
  std::vector<State> states_;         // by number
};

}  // namespace ecmpd::hash::lab
