// Plays events against a group and measures what each of them moved. Values; any thread.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "hash/lab/events.h"
#include "hash/lab/scene.h"

namespace ecmpd::hash::lab {

/// What one event did; all but the counts are fractions of the hash space, that is of flows under a perfect hash.
struct Step {
  Event event;  // a flap is two steps, a leave and a return
  uint32_t live = 0;
  uint32_t away = 0;
  double moved = 0;
  double minimum = 0;          // any table with the shares that follow must move this
  double collateral = 0;       // of moved: between two members that the event was not about
  double survivors_moved = 0;  // of the flows of all members but the one that the event was about
  bool lost = false;           // the last one that was up went: every flow is lost, and none of the above counts it
  double max_mean = 1;         // largest share over the exact one, afterwards
};

struct Churn {
  std::vector<Step> steps;
  std::map<uint32_t, std::pair<uint64_t, double>> by_away;  // number away: how many states, worst max_mean; first too
  double home_after_flap = 1;                               // flows where they were, after a separate leave and return
  bool exact = true;                                        // no diff came from sample points

  double worst_max_mean(uint32_t most_away) const;
};

/// From a home with everybody up. After the events everybody returns and one member, drawn by `seed`, flaps; neither
/// is among the steps. The error names the event that cannot happen.
tl::expected<Churn, std::string> play(std::shared_ptr<const Home> home, const std::vector<Event>& events,
                                      uint64_t seed);

/// How many of `orders` random orders of the same events end in the same table. Events about one member keep their
/// order among them, and so do those that change the home, where the selector's table depends on who joined when.
uint32_t orders_that_agree(std::shared_ptr<const Home> home, const std::vector<Event>& events, uint32_t orders,
                           uint64_t seed);

}  // namespace ecmpd::hash::lab
