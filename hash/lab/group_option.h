// Which nexthop group a subcommand asks about: so many members, these nexthops, or a router's group from a file.
//
// Main thread.
#pragma once

#include <memory>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "hash/home.h"
#include "hash/lab/command.h"
#include "hash/lab/router.h"

namespace ecmpd::hash::lab {

struct Group {
  std::shared_ptr<const Home> home;
  std::vector<bool> live;  // by member of the home
};

class GroupOption {
 public:
  /// --members, --weights, --nexthop, --group, --down, and --selector and --buckets of `settings`.
  void declare(Options& options, RouterSettings& settings);
  /// With --group the seed, selector and buckets are the file's; options that would say something else are an error.
  tl::expected<Group, Failure> group(const RouterSettings& settings, uint64_t seed) const;

 private:
  tl::expected<std::vector<Member>, Failure> members(const RouterSettings& settings) const;
  tl::expected<Group, Failure> from_file() const;

  std::vector<std::string> nexthops_;
  std::vector<std::string> down_;
  std::string file_;
};

}  // namespace ecmpd::hash::lab
