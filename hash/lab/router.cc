#include "hash/lab/router.h"

#include <fmt/core.h>

#include <bit>
#include <charconv>

#include "hash/layout.h"

namespace ecmpd::hash::lab {

void RouterSettings::declare(Options& options) {
  declare_members(options);
  declare_hash(options);
  declare_selector(options);
  declare_key(options);
}

void RouterSettings::declare_hash(Options& options) { options.choice("--hash", hash, {"xxh32"}, "The hash function"); }

void RouterSettings::declare_selector(Options& options) {
  options.choice("--selector", selector, {"resilient", "modulo"}, "From a hash to a member");
  options.text("--buckets", buckets, "N|auto", "Size of the bucket table, a power of two (modulo has none)");
}

void RouterSettings::declare_members(Options& options) {
  options.number("-n,--members", members, {1, HomeLayout::kMaxMembers}, "Members of the nexthop group");
  options.numbers("--weights", weights, {1, 65535}, "A weight for each member; without it all are equal");
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

tl::expected<std::vector<Member>, Failure> make_members(uint32_t count, std::span<const uint32_t> weights) {
  if (!weights.empty() && weights.size() != count) {
    return usage_error(fmt::format("--weights: {} weights for {} members", weights.size(), count));
  }
  std::vector<Member> members;
  for (uint32_t i = 0; i < count; ++i) {
    const auto weight = static_cast<uint16_t>(weights.empty() ? 1 : weights[i]);
    members.push_back({IpAddress::v4(0x0a000001 + i), weight});
  }
  return members;
}

std::vector<uint32_t> BucketTable::entries(size_t members) const {
  std::vector<uint32_t> counts(members);
  for (const uint16_t owner : owners) ++counts[owner];
  return counts;
}

tl::expected<BucketTable, Failure> make_table(const RouterSettings& settings, std::span<const Member> members,
                                              uint64_t seed) {
  if (settings.selector == "modulo") return BucketTable{modulo_table(members), true};
  uint32_t buckets = HomeLayout::auto_buckets(members);
  if (settings.buckets != "auto") {
    const auto [end, error] =
        std::from_chars(settings.buckets.data(), settings.buckets.data() + settings.buckets.size(), buckets);
    const bool parsed = error == std::errc() && end == settings.buckets.data() + settings.buckets.size();
    if (!parsed || !std::has_single_bit(buckets) || buckets < members.size() || buckets > HomeLayout::kMaxBuckets) {
      return usage_error(fmt::format("--buckets: {} is not auto or a power of two from {} (members) to {}",
                                     settings.buckets, members.size(), HomeLayout::kMaxBuckets));
    }
  }
  const auto layout = HomeLayout::build(members, buckets, seed);
  return BucketTable{layout->owners(std::vector<bool>(members.size(), true)), false};
}

}  // namespace ecmpd::hash::lab
