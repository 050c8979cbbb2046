// A cyclic script of changes of everything that workers read, and the judge of what they found.
//
// It speaks of prefixes, groups and adjacencies by numbers of its own; churn_writer.h turns them into the Publisher's.
// Every state of a cycle is known beforehand: which group a probe's address has, which buckets a group, which hash
// settings hold. An adjacency's content names the change that wrote it, in numbers that never repeat, so stale content
// shows however long it is out of date. Constant after construction: any number of threads ask.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "dataplane/forwarding_state.h"
#include "hash/random.h"
#include "tests/dataplane/churn_pool.h"

namespace ecmpd::dataplane {

class ChurnScript {
 public:
  /// Changes and states in a cycle. Numbers begin at kCycle: what was there before was written in the cycle before.
  static constexpr uint64_t kCycle = 4096;
  static constexpr unsigned kSettings = 4;

  // Groups: 0 is none; some that several prefixes share; some that a prefix has alone, made and destroyed with its
  // route, as are their adjacencies.
  static constexpr uint16_t kNone = 0;
  static constexpr uint16_t kShared = 32;
  static constexpr uint16_t kPrivate = 32;
  static constexpr uint16_t kGroups = 1 + kShared + kPrivate;
  static bool is_private(uint16_t group) { return group > kShared; }
  // Adjacencies: 0 is that of no route; then those that groups share, then one for each private group.
  static constexpr uint16_t kSharedAdjacencies = 96;
  static constexpr uint16_t kAdjacencies = 1 + kSharedAdjacencies + kPrivate;
  static uint16_t private_adjacency(uint16_t group) {
    return static_cast<uint16_t>(kSharedAdjacencies + group - kShared);
  }

  enum class Kind : uint8_t {
    kRoute,      // prefix -> group, kNone: removed
    kBuckets,    // group gets table
    kMove,       // group gets another identifier: its routes follow it
    kAdjacency,  // adjacency is written anew, as one that drops or not
    kSettings,   // settings hold
  };
  struct Change {
    Kind kind;
    uint16_t prefix = 0;
    uint16_t group = 0;
    uint16_t table = 0;
    uint16_t adjacency = 0;
    bool drops = false;
    uint8_t settings = 0;
  };
  struct Table {
    hash::Indexing indexing = hash::Indexing::kLowBits;
    std::vector<uint16_t> buckets;  // adjacencies
  };
  /// What control would publish in state 0, and so in every kCycle-th.
  struct Content {
    std::vector<uint16_t> route;  // by prefix
    std::vector<uint16_t> table;  // by group
    std::vector<uint8_t> drops;   // by adjacency
    uint8_t settings = 0;
    bool operator==(const Content&) const = default;
  };

  ChurnScript(const ChurnPool& pool, uint64_t seed);

  const ChurnPool& pool() const { return pool_; }
  const Content& initial() const { return initial_; }
  const Table& table(uint16_t number) const { return tables_[number]; }
  const Change& change(uint64_t number) const { return changes_[number % kCycle]; }
  /// The change that wrote what the adjacency holds in state kCycle.
  uint64_t first_written(uint16_t adjacency) const { return last_write_[adjacency]; }
  static HashSettings settings(uint8_t number);

  /// A packet that is looked up again and again: where to, and its hash under each of the settings.
  struct Packet {
    uint16_t probe = 0;
    std::array<uint32_t, kSettings> hash{};
  };
  /// What became of it: sent by an adjacency whose content was written by that change, or dropped.
  struct Sent {
    uint16_t adjacency = 0;
    uint64_t written = 0;
  };
  /// True if a worker can have found this between these states: there are moments t1 <= t2 <= t3 such that the address
  /// had the group at t1, the group's bucket the adjacency at t2, and the adjacency the content at t3. Any settings of
  /// the time will do, also newer ones than the buckets: who has a group's old identifier keeps the buckets it had.
  bool legal(const Packet& packet, const std::optional<Sent>& found, uint64_t first, uint64_t last) const;

 private:
  void make_tables(hash::Random& random);
  void random_change(hash::Random& random);
  void random_route(hash::Random& random);
  void return_to_start();
  void add(const Change& change);
  void record_state();
  void record_writes();
  uint16_t lookup(size_t probe) const;

  uint16_t group_at(uint64_t state, size_t probe) const {
    return group_[(state % kCycle) * pool_.probes.size() + probe];
  }
  uint16_t table_at(uint64_t state, uint16_t group) const { return table_[(state % kCycle) * kGroups + group]; }
  bool legal_from(uint16_t group, unsigned settings, const Packet& packet, const std::optional<Sent>& found,
                  uint64_t first, uint64_t end, uint64_t last) const;
  bool held(const Sent& found, uint64_t first, uint64_t last) const;
  bool dropped(uint16_t adjacency, uint64_t first, uint64_t end) const;

  ChurnPool pool_;
  std::vector<std::vector<uint16_t>> covers_;  // by probe: the prefixes that contain it, the longest first
  std::vector<Table> tables_;                  // kVersions for each shared group, one for each other
  std::vector<Change> changes_;
  Content initial_;
  Content now_;  // while the script is written

  std::vector<uint16_t> group_;                      // by state, then by probe
  std::vector<uint16_t> table_;                      // by state, then by group
  std::vector<uint8_t> drops_;                       // by state, then by adjacency
  std::vector<uint8_t> settings_;                    // by state
  std::vector<uint16_t> writes_;                     // by change: the adjacency that it writes, or 0,
  std::vector<uint16_t> lasts_;                      // and for how many states what it wrote is there
  std::array<uint16_t, kAdjacencies> last_write_{};  // by adjacency, in a cycle
};

}  // namespace ecmpd::dataplane
