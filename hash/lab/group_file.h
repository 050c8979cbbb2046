// A nexthop group from a file: what `ecmpctl show group ID --json` prints, or less, written by hand.
//
//   {"selector":"resilient", "seed":7, "buckets":1024,
//    "members":[{"address":"10.0.1.11","weight":1,"live":true,"flows":5210}, ...]}
//
// Only members' addresses are needed. Without "founders" (with "founding_buckets" and "steps", as the router prints
// them) the group is taken to have been built at once. "flows" is optional: how many connections a member has. Where
// the file says how many buckets each member owns ("buckets" of a member), the table must agree. Values; any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "hash/home.h"

namespace ecmpd::hash::lab {

struct SavedGroup {
  std::shared_ptr<const Home> home;
  std::vector<bool> live;       // by member of the home
  std::vector<uint64_t> flows;  // by member of the home; empty: the file does not say
};

/// The error begins with `name`, and says which key and value, and what is allowed.
tl::expected<SavedGroup, std::string> parse_group(std::string_view text, const std::string& name);

}  // namespace ecmpd::hash::lab
