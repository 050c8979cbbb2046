// The what-if of a group: which flows would move, and to whom, if some events happened. Values; any thread.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>
#include <vector>

#include "hash/lab/scene.h"

namespace ecmpd::hash::lab {

/// Flow counts, by bucket of a table. Numbers of a file or of a group: whole, though shares of a member's may not be.
using BucketFlows = std::vector<double>;

/// Each member's flows, by number, spread evenly over its buckets. The error names a member that has flows and no
/// bucket.
tl::expected<BucketFlows, std::string> spread_over_buckets(const std::vector<uint64_t>& by_member, const Scene& scene,
                                                           const BucketTable& table);

/// A file of counts for a table, lines of `bucket N COUNT`, or of `MEMBER COUNT`; "#" begins a comment. What it does
/// not name has none.
tl::expected<BucketFlows, std::string> parse_flows(std::string_view text, const std::string& name, const Scene& scene,
                                                   const BucketTable& table);

struct Prediction {
  struct Share {
    double before = 0;  // of the hash space
    double after = 0;
    double flows_before = 0;
    double flows_after = 0;
  };
  struct Move {
    double share = 0;  // of the hash space
    double flows = 0;
  };
  TableDiff diff;
  std::vector<Share> members;                           // by number, in the scene after
  std::map<std::pair<uint16_t, uint16_t>, Move> moves;  // from, to
  double flows = 0;
  double flows_moved = 0;
};

/// `flows` is by bucket of `before`, or empty. `subjects` are the members that the events were about.
Prediction predict(const Scene& after_events, const BucketTable& before, const BucketTable& after,
                   const BucketFlows& flows, std::span<const IpAddress> subjects);

}  // namespace ecmpd::hash::lab
