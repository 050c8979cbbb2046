// The router that a subcommand models: its options, and from them the hash function and the bucket table.
//
// Nothing here is a model of the choice: the functions are those that the worker calls. Values; any thread.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "hash/function.h"
#include "hash/key.h"
#include "hash/key_fields.h"
#include "hash/lab/command.h"
#include "hash/lab/options.h"
#include "hash/member.h"
#include "hash/selector.h"

namespace ecmpd::hash::lab {

/// What a router is configured with. Subcommands that model one router declare all of it; others pick.
struct RouterSettings {
  std::string hash = "xxh32";
  std::string selector = "resilient";
  uint32_t members = 16;
  std::vector<uint32_t> weights;  // empty: all 1
  std::string buckets = "65536";  // or "auto"
  std::string key = "5-tuple";

  void declare(Options& options);
  void declare_hash(Options& options);
  void declare_selector(Options& options);  // and buckets
  void declare_members(Options& options);   // and weights
  void declare_key(Options& options);
};

/// Members 10.0.0.1, 10.0.0.2, ...; `weights` is empty, or as long as there are members.
tl::expected<std::vector<Member>, Failure> make_members(uint32_t count, std::span<const uint32_t> weights);

/// A table as the selector makes it: entries are indexes into `members`.
struct BucketTable {
  std::vector<uint16_t> owners;
  bool modulo = false;

  uint16_t owner(uint32_t hash) const {
    return owners[bucket_index(hash, static_cast<uint32_t>(owners.size()), modulo)];
  }
  /// Entries of each of `members`.
  std::vector<uint32_t> entries(size_t members) const;
};

tl::expected<BucketTable, Failure> make_table(const RouterSettings& settings, std::span<const Member> members,
                                              uint64_t seed);

}  // namespace ecmpd::hash::lab
