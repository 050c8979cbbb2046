#include "hash/lab/router.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>

#include "hash/count_text.h"

namespace ecmpd::hash::lab {

void RouterSettings::declare(Options& options) {
  declare_members(options);
  declare_hash(options);
  declare_selector(options);
  declare_key(options);
}

void RouterSettings::declare_hash(Options& options) {
  options.choice("--hash", hash, hash_names(), "The hash function");
  declare_toeplitz_key(options);
}

void RouterSettings::declare_toeplitz_key(Options& options) {
  options.value(
      "--toeplitz-key", "KEY", "microsoft",
      [this](const std::string& text) -> std::optional<std::string> {
        const auto parsed = ToeplitzKey::parse(text);
        if (!parsed) return fmt::format("\"{}\" is not microsoft, symmetric or 80 hexadecimal digits", text);
        toeplitz_key = *parsed;
        toeplitz_key_given = true;
        return std::nullopt;
      },
      "The key of toeplitz: microsoft, symmetric, or 80 hexadecimal digits");
}

std::vector<Declared> RouterSettings::declare_selector(Options& options) {
  const Declared choice = options.choice("--selector", selector, selector_names(), "From a hash to a member");
  return {choice, declare_buckets(options)};
}

Declared RouterSettings::declare_buckets(Options& options) {
  default_buckets_ = buckets;
  return options.text("--buckets", buckets, "N|auto",
                      "Buckets of resilient and rendezvous, a power of two; maglev's are the next prime; auto: as many "
                      "as a router takes");
}

std::vector<Declared> RouterSettings::declare_members(Options& options) {
  const Declared count = options.number("-n,--members", members, {1, kMaxMembers}, "Members of the nexthop group");
  return {count,
          options.numbers("--weights", weights, {1, 65535}, "A weight for each member; without it all are equal")};
}

void RouterSettings::declare_key(Options& options) {
  options.value(
      "--key", "KEY", key,
      [this](const std::string& text) -> std::optional<std::string> {
        const auto fields = parse_key_fields(text);
        if (!fields) return fields.error();
        key = text;
        return std::nullopt;
      },
      "What is hashed: 3-tuple, 5-tuple, or fields as in src,dst,flow-label; add ,inner or ,symmetric");
}

std::vector<std::string> RouterSettings::ignored() const {
  const HashFunction used = function();
  return ignored(std::span(&used, 1));
}

std::vector<std::string> RouterSettings::ignored(std::span<const HashFunction> functions) const {
  std::vector<std::string> out;
  const bool takes_key = std::find(functions.begin(), functions.end(), HashFunction::kToeplitz) != functions.end();
  if (toeplitz_key_given && !takes_key) out.emplace_back("--toeplitz-key does not count: only toeplitz has a key");
  const Selector used = parse_selector(selector).value();
  const bool has_buckets = used == Selector::kResilient || used == Selector::kMaglev || used == Selector::kRendezvous;
  if (has_buckets || buckets == "auto" || buckets == default_buckets_) return out;
  out.push_back(
      fmt::format("--buckets {} does not count: the table of {} is as large as the weights demand", buckets, selector));
  return out;
}

KeyFields RouterSettings::fields() const { return parse_key_fields(key).value(); }

HashFunction RouterSettings::function() const { return parse_hash_function(hash).value(); }

Hasher RouterSettings::hasher(HashFunction used, uint64_t seed) const {
  return used == HashFunction::kToeplitz ? Hasher(toeplitz_key, seed) : Hasher(used, seed);
}

std::vector<std::string> hash_names() {
  std::vector<std::string> names;
  for (unsigned i = 0; i < kHashFunctionCount; ++i) names.emplace_back(to_string(static_cast<HashFunction>(i)));
  return names;
}

std::vector<std::string> selector_names() {
  std::vector<std::string> names;
  for (const Selector selector : kSelectors) names.emplace_back(to_string(selector));
  return names;
}

tl::expected<std::vector<Member>, Failure> make_members(uint32_t count, std::span<const uint32_t> weights) {
  if (!weights.empty() && weights.size() != count) {
    return usage_error(
        fmt::format("--weights: {} for {}", count_text(weights.size(), "weight"), count_text(count, "member")));
  }
  std::vector<Member> members;
  for (uint32_t i = 0; i < count; ++i) {
    const auto weight = static_cast<uint16_t>(weights.empty() ? 1 : weights[i]);
    members.push_back({IpAddress::v4(0x0a000001 + i), weight});
  }
  return members;
}

tl::expected<std::shared_ptr<const Home>, Failure> make_home(const RouterSettings& settings,
                                                             std::span<const Member> members, uint64_t seed) {
  const Selector selector = parse_selector(settings.selector).value();
  uint32_t buckets = 0;
  if (settings.buckets != "auto") {
    const char* end = settings.buckets.data() + settings.buckets.size();
    const auto [parsed, error] = std::from_chars(settings.buckets.data(), end, buckets);
    if (error != std::errc() || parsed != end || buckets == 0) {
      return usage_error(
          fmt::format("--buckets: {} is neither auto nor a power of two up to {}", settings.buckets, kMaxBuckets));
    }
  }
  const std::string refusal = Home::refusal(selector, members, buckets);
  if (!refusal.empty()) return usage_error(refusal);
  // A router makes such a table larger; who compares sizes here would not notice.
  if (selector == Selector::kMaglev && buckets != 0 && members.size() > buckets) {
    return usage_error(
        fmt::format("--buckets: {} for {}: maglev needs one for each", buckets, count_text(members.size(), "member")));
  }
  return Home::build(selector, members, buckets, seed);
}

tl::expected<BucketTable, Failure> make_table(const RouterSettings& settings, std::span<const Member> members,
                                              uint64_t seed) {
  const auto home = make_home(settings, members, seed);
  if (!home) return tl::make_unexpected(home.error());
  return (*home)->table(std::vector<bool>(members.size(), true));
}

std::vector<uint32_t> entries_of(const BucketTable& table, size_t members) {
  std::vector<uint32_t> counts(members);
  for (const uint16_t owner : table.owners) ++counts[owner];
  return counts;
}

}  // namespace ecmpd::hash::lab
