// RFC 4271 section 9.1.2 case by case: which of two or more paths are used, and why the others are not.
#include "control/rib/decision.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

namespace ecmpd::control {
namespace {

Candidate path(uint8_t n) {
  Candidate candidate;
  candidate.as_path_length = 2;
  candidate.neighbor_as = 64512;
  candidate.router_id = 0x0a000000u + n;
  candidate.peer_address = hash::IpAddress::v4(0x0a000100u + n);
  candidate.next_hop = candidate.peer_address;
  candidate.peer = n;
  return candidate;
}

template <typename Change>
Candidate path(uint8_t n, Change change) {
  Candidate candidate = path(n);
  change(candidate);
  return candidate;
}

struct Case {
  std::string description;
  std::vector<Candidate> candidates;  // peers 1, 2, ..
  std::vector<Outcome> expected;      // of peers 1, 2, ..
  unsigned maximum_paths = 8;
};

const std::vector<Case>& cases() {
  using enum Outcome;
  static const std::vector<Case> all = {
      {"one path is best", {path(1)}, {kBest}},
      {"equal paths are all used, the lowest router id is best",
       {path(1), path(2), path(3)},
       {kBest, kMultipath, kMultipath}},
      {"an AS loop is not eligible, however good",
       {path(1, [](Candidate& c) { c.outcome = kIneligibleLoop, c.local_pref = 900; }), path(2)},
       {kIneligibleLoop, kBest}},
      {"no eligible path, no route",
       {path(1, [](Candidate& c) { c.outcome = kIneligibleNexthop; })},
       {kIneligibleNexthop}},
      {"higher LOCAL_PREF comes before a shorter AS_PATH",
       {path(1, [](Candidate& c) { c.as_path_length = 1; }), path(2, [](Candidate& c) { c.local_pref = 101; })},
       {kLocalPref, kBest}},
      {"shorter AS_PATH comes before a lower ORIGIN",
       {path(1), path(2, [](Candidate& c) { c.as_path_length = 1, c.origin = 2; })},
       {kAsPathLength, kBest}},
      {"lower ORIGIN comes before a lower MED",
       {path(1, [](Candidate& c) { c.origin = 1; }), path(2, [](Candidate& c) { c.med = 50; })},
       {kOrigin, kBest}},
      {"lower MED from the same AS",
       {path(1, [](Candidate& c) { c.med = 10; }), path(2), path(3)},
       {kMed, kBest, kMultipath}},
      {"MEDs from different ASes are not compared",
       {path(1, [](Candidate& c) { c.med = 10; }), path(2, [](Candidate& c) { c.neighbor_as = 64513; })},
       {kBest, kMultipath}},
      {"within each neighboring AS the lowest MED stays",
       {path(1, [](Candidate& c) { c.med = 10; }), path(2, [](Candidate& c) { c.med = 5; }),
        path(3, [](Candidate& c) { c.med = 30, c.neighbor_as = 64513; }),
        path(4, [](Candidate& c) { c.med = 20, c.neighbor_as = 64513; })},
       {kMed, kBest, kMed, kMultipath}},
      {"MED comes before eBGP over iBGP",
       {path(1, [](Candidate& c) { c.med = 10; }), path(2, [](Candidate& c) { c.ebgp = false; })},
       {kMed, kBest}},
      {"eBGP over iBGP comes before the router id",
       {path(1, [](Candidate& c) { c.ebgp = false; }), path(2)},
       {kInternal, kBest}},
      {"the same router id: lowest peer address is best",
       {path(2), path(1, [](Candidate& c) { c.router_id = 0x0a000002u; })},
       {kBest, kMultipath}},
      {"AS-path relax: paths through other ASes of the same length are equal",
       {path(1), path(2, [](Candidate& c) { c.neighbor_as = 65000; })},
       {kBest, kMultipath}},
      {"maximum_paths cuts in order of preference", {path(3), path(1), path(2)}, {kBest, kMultipath, kMaximumPaths}, 2},
      {"maximum_paths = 1: the best one", {path(1), path(2)}, {kBest, kMaximumPaths}, 1},
      {"maximum_paths counts nexthops, not peers",
       {path(1), path(2, [](Candidate& c) { c.next_hop = path(1).next_hop; }), path(3), path(4)},
       {kBest, kMultipath, kMultipath, kMaximumPaths},
       2},
  };
  return all;
}

TEST(Decision, Table) {
  for (const Case& test : cases()) {
    SCOPED_TRACE(test.description);
    // Every order of arrival gives the same answer.
    std::vector<size_t> order(test.candidates.size());
    for (size_t i = 0; i < order.size(); ++i) order[i] = i;
    do {
      std::vector<Candidate> candidates;
      for (size_t i : order) candidates.push_back(test.candidates[i]);
      const Decision decision = decide(candidates, test.maximum_paths);
      std::map<uint16_t, Outcome> outcomes;
      for (const Candidate& candidate : candidates) outcomes[candidate.peer] = candidate.outcome;
      for (size_t i = 0; i < test.expected.size(); ++i) {
        const auto peer = static_cast<uint16_t>(i + 1);
        EXPECT_EQ(outcomes[peer], test.expected[i]) << "peer " << peer << ": " << to_string(outcomes[peer]);
      }
      for (size_t i = 0; i < candidates.size(); ++i) {
        const bool used = candidates[i].outcome == Outcome::kBest || candidates[i].outcome == Outcome::kMultipath;
        EXPECT_EQ(used, i < decision.used);
        EXPECT_EQ(candidates[i].outcome == Outcome::kBest, i == 0 && decision.used > 0);
      }
      const bool cut =
          std::find(test.expected.begin(), test.expected.end(), Outcome::kMaximumPaths) != test.expected.end();
      EXPECT_EQ(decision.truncated, cut);
    } while (std::next_permutation(order.begin(), order.end()));
  }
}

}  // namespace
}  // namespace ecmpd::control
