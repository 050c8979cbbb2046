// The router that a subcommand models: its options, and from them the hash function and the bucket table.
//
// Nothing here is a model of the choice: the functions are those that the worker calls. Values; any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "hash/bucket_table.h"
#include "hash/function.h"
#include "hash/home.h"
#include "hash/key.h"
#include "hash/key_fields.h"
#include "hash/lab/command.h"
#include "hash/lab/options.h"
#include "hash/member.h"
#include "hash/toeplitz.h"

namespace ecmpd::hash::lab {

/// What a router is configured with. Subcommands that model one router declare all of it; others pick.
struct RouterSettings {
  std::string hash = "xxh32";
  ToeplitzKey toeplitz_key = ToeplitzKey::microsoft();
  bool toeplitz_key_given = false;
  std::string selector = "resilient";
  uint32_t members = 16;
  std::vector<uint32_t> weights;  // empty: all 1
  std::string buckets = "auto";   // a power of two, or "auto": the router's default
  std::string key = "5-tuple";

  KeyFields fields() const;       // `key` is one that --key takes
  HashFunction function() const;  // `hash` is one that --hash takes
  Hasher hasher(uint64_t seed) const { return hasher(function(), seed); }
  /// Of another function, with the key that is set where it takes one.
  Hasher hasher(HashFunction used, uint64_t seed) const;

  /// Options that the others make void, in words.
  std::vector<std::string> ignored() const;
  /// The same where these functions are used instead of `hash`.
  std::vector<std::string> ignored(std::span<const HashFunction> functions) const;

  void declare(Options& options);
  void declare_hash(Options& options);  // and the Toeplitz key
  void declare_toeplitz_key(Options& options);
  std::vector<Declared> declare_selector(Options& options);  // and buckets
  Declared declare_buckets(Options& options);                // what `buckets` holds by then is the default
  std::vector<Declared> declare_members(Options& options);   // and weights
  void declare_key(Options& options);

 private:
  std::string default_buckets_ = buckets;
};

/// Names that --hash and --selector take, for subcommands with options of their own.
std::vector<std::string> hash_names();
std::vector<std::string> selector_names();

/// Members 10.0.0.1, 10.0.0.2, ...; `weights` is empty, or as long as there are members.
tl::expected<std::vector<Member>, Failure> make_members(uint32_t count, std::span<const uint32_t> weights);

/// The home of `members`, with the selector and the buckets that are set.
tl::expected<std::shared_ptr<const Home>, Failure> make_home(const RouterSettings& settings,
                                                             std::span<const Member> members, uint64_t seed);
/// Its table when all are up: owners are indexes into `members`, which are in order of address.
tl::expected<BucketTable, Failure> make_table(const RouterSettings& settings, std::span<const Member> members,
                                              uint64_t seed);
/// Entries of each of `members`: its share of the hash space, as a whole number.
std::vector<uint32_t> entries_of(const BucketTable& table, size_t members);

}  // namespace ecmpd::hash::lab
