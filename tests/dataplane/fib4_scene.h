// A cyclic script of route changes, with the right answer of every probe address in every state of it.
//
// States are numbered from 0; change n leads from state n to state n + 1, and the script repeats after cycle() changes.
// A reader that knows that a lookup ran between states a and b can so tell exactly which answers were legal.
#pragma once

#include <cstdint>
#include <optional>
#include <random>
#include <vector>

#include "tests/dataplane/fib_oracle.h"

namespace ecmpd::dataplane {

class Fib4Scene {
 public:
  struct Change {
    hash::Prefix prefix;
    std::optional<GroupId> group;  // none: remove
  };

  explicit Fib4Scene(uint32_t seed);

  /// State 0.
  const FibOracle::Routes& initial() const { return initial_; }
  uint64_t cycle() const { return changes_.size(); }
  const Change& change(uint64_t number) const { return changes_[number % changes_.size()]; }
  /// The most /24s that hold longer prefixes in any state.
  uint32_t most_tbl8() const { return most_tbl8_; }

  const std::vector<uint32_t>& probes() const { return probes_; }
  /// True if some state from `first` to `last` gives this answer.
  bool legal(size_t probe, GroupId answer, uint64_t first, uint64_t last) const;

 private:
  struct Pool {
    hash::Prefix prefix;
    GroupId groups[3];
  };
  void make_pool();
  void random_change();
  void apply(const Change& change);
  void record_state();

  std::mt19937 random_;
  std::vector<Pool> pool_;
  FibOracle oracle_;
  FibOracle::Routes initial_;
  std::vector<Change> changes_;
  std::vector<uint32_t> probes_;
  std::vector<GroupId> answers_;  // by state, then by probe
  uint32_t most_tbl8_ = 0;
};

}  // namespace ecmpd::dataplane
