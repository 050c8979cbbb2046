#include "hash/lab/router.h"

#include <fmt/core.h>

#include <algorithm>
#include <bit>
#include <charconv>

#include "hash/home.h"
#include "hash/lineage.h"

namespace ecmpd::hash::lab {

void RouterSettings::declare(Options& options) {
  declare_members(options);
  declare_hash(options);
  declare_selector(options);
  declare_key(options);
}

void RouterSettings::declare_hash(Options& options) {
  options.choice("--hash", hash, hash_names(), "The hash function");
}

void RouterSettings::declare_selector(Options& options) {
  options.choice("--selector", selector, selector_names(), "From a hash to a member");
  declare_buckets(options);
}

void RouterSettings::declare_buckets(Options& options) {
  options.text("--buckets", buckets, "N|auto", "Size of the bucket table, a power of two (modulo has none)");
}

void RouterSettings::declare_members(Options& options) {
  options.number("-n,--members", members, {1, kMaxMembers}, "Members of the nexthop group");
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
      "What is hashed: 3-tuple, 5-tuple, or fields as in src,dst,flow-label; add ,symmetric");
}

KeyFields RouterSettings::fields() const { return parse_key_fields(key).value(); }

HashFunction RouterSettings::function() const { return parse_hash_function(hash).value(); }

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

tl::expected<KeyFields, std::string> parse_key_fields(const std::string& text) {
  constexpr const char* kAllowed =
      "3-tuple, 5-tuple, or a list of src, dst, protocol, sport, dport, flow-label; symmetric and inner may be added";
  const std::pair<std::string_view, bool KeyFields::*> kFields[] = {{"src", &KeyFields::src},
                                                                    {"dst", &KeyFields::dst},
                                                                    {"protocol", &KeyFields::protocol},
                                                                    {"sport", &KeyFields::sport},
                                                                    {"dport", &KeyFields::dport},
                                                                    {"flow-label", &KeyFields::flow_label},
                                                                    {"symmetric", &KeyFields::symmetric},
                                                                    {"inner", &KeyFields::inner}};
  KeyFields fields{.protocol = false, .src = false, .dst = false, .sport = false, .dport = false};
  for (size_t begin = 0; begin <= text.size();) {
    const size_t end = std::min(text.find(',', begin), text.size());
    const std::string_view word = std::string_view(text).substr(begin, end - begin);
    begin = end + 1;
    if (word == "3-tuple" || word == "5-tuple") {
      fields.protocol = fields.src = fields.dst = true;
      fields.sport = fields.dport = word == "5-tuple";
      continue;
    }
    const auto* field =
        std::find_if(std::begin(kFields), std::end(kFields), [&](const auto& each) { return each.first == word; });
    if (field == std::end(kFields)) return tl::make_unexpected(fmt::format("{} is not a key: {}", text, kAllowed));
    fields.*field->second = true;
  }
  if (!(fields.src || fields.dst || fields.protocol || fields.sport || fields.dport || fields.flow_label)) {
    return tl::make_unexpected(fmt::format("{} leaves nothing to hash: {}", text, kAllowed));
  }
  return fields;
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

tl::expected<uint32_t, Failure> bucket_number(const RouterSettings& settings) {
  const std::string& text = settings.buckets;
  if (text == "auto") return 0;
  uint32_t buckets = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), buckets);
  if (error != std::errc() || end != text.data() + text.size() || !std::has_single_bit(buckets) ||
      buckets > kMaxBuckets) {
    return usage_error(fmt::format("--buckets: {} is not auto or a power of two up to {}", text, kMaxBuckets));
  }
  return buckets;
}

tl::expected<BucketTable, Failure> make_table(const RouterSettings& settings, std::span<const Member> members,
                                              uint64_t seed) {
  const Selector selector = parse_selector(settings.selector).value();
  const auto buckets = bucket_number(settings);
  if (!buckets) return tl::make_unexpected(buckets.error());
  if (const std::string why = Home::refusal(selector, members, *buckets); !why.empty()) return usage_error(why);
  return Home::build(selector, members, *buckets, seed)->table(std::vector<bool>(members.size(), true));
}

std::vector<uint32_t> entries_of(const BucketTable& table, size_t members) {
  std::vector<uint32_t> counts(members);
  for (const uint16_t owner : table.owners) ++counts[owner];
  return counts;
}

}  // namespace ecmpd::hash::lab
