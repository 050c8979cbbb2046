// A cyclic script of route changes, with the right answer of every probe address in every state of it.
//
// States are numbered from 0; change n leads from state n to state n + 1, and the script repeats after cycle() changes.
// A reader that knows that a lookup ran between states a and b can so tell exactly which answers were legal.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <random>
#include <vector>

#include "tests/dataplane/fib_oracle.h"

namespace ecmpd::dataplane {

/// The prefixes that come and go, and the groups that each may have.
struct ScenePool {
  struct Entry {
    hash::Prefix prefix;
    std::array<GroupId, 3> groups{};
  };
  std::vector<Entry> entries;
  hash::Prefix kept;         // one of them, which is never removed
  unsigned long_prefix = 0;  // from this length on the writer is quick with them: most changes are to these
};
ScenePool ipv4_pool(std::mt19937& random);
ScenePool ipv6_pool(std::mt19937& random);

class FibScene {
 public:
  struct Change {
    hash::Prefix prefix;
    std::optional<GroupId> group;  // none: remove
  };

  FibScene(hash::Family family, uint32_t seed);

  /// State 0.
  const FibOracle::Routes& initial() const { return initial_; }
  uint64_t cycle() const { return changes_.size(); }
  const Change& change(uint64_t number) const { return changes_[number % changes_.size()]; }
  /// No state has more routes.
  size_t most_routes() const { return pool_.entries.size(); }

  /// In the order of the addresses.
  const std::vector<hash::IpAddress>& probes() const { return probes_; }
  /// One of the probes around the first address of the prefix that this change is about.
  size_t probe_near(uint64_t number, uint32_t random) const;
  /// True if some state from `first` to `last` gives this answer.
  bool legal(size_t probe, GroupId answer, uint64_t first, uint64_t last) const;

 private:
  void random_change();
  void apply(const Change& change);

  std::mt19937 random_;
  ScenePool pool_;
  FibOracle oracle_;
  FibOracle::Routes initial_;
  std::vector<Change> changes_;
  std::vector<size_t> first_probes_;  // by change
  std::vector<hash::IpAddress> probes_;
  std::vector<GroupId> answers_;  // by state, then by probe
};

}  // namespace ecmpd::dataplane
