// Import policies as a table: a rule, a path, and what becomes of it.
#include "control/rib/import_policy.h"

#include <gtest/gtest.h>

#include <bit>
#include <string>
#include <vector>

#include "control/log.h"

namespace ecmpd::control {
namespace {

using Type = bgp::AsPathSegment::Type;

Prefix net(const char* text) { return Prefix::parse(text).value(); }
constexpr uint32_t community(uint32_t asn, uint32_t value) { return asn << 16 | value; }

bgp::PathAttributes path() {
  bgp::PathAttributes out;
  out.as_path = {{.type = Type::kSequence, .asns = {64512, 64513}}, {.type = Type::kSet, .asns = {64600, 64601}}};
  out.communities = {community(64512, 1), community(64512, 7)};
  out.large_communities = {{64512, 1, 2}};
  return out;
}

ImportRule rule(std::vector<PrefixRule> prefixes = {}) {
  ImportRule out;
  out.prefixes = std::move(prefixes);
  return out;
}

ImportResult result(const PeerPolicy& policy, const bgp::PathAttributes& attributes, const char* prefix) {
  ImportResults results;
  PreparedImport import(results);
  import.prepare(policy, attributes);
  return results.get(import.result(net(prefix)));
}
ImportResult result(const ImportRule& one, const char* prefix = "203.0.113.10/32") {
  PeerPolicy policy;
  policy.import_filter.rules = {one};
  return result(policy, path(), prefix);
}

struct Case {
  const char* what;
  ImportRule rule;
  const char* prefix;
  bool accepted;
};

template <typename Change>
ImportRule with(Change change) {
  ImportRule out;
  change(out);
  return out;
}

TEST(ImportPolicy, Conditions) {
  const char* const kHost = "203.0.113.10/32";
  const Case cases[] = {
      {"a rule without conditions", rule(), kHost, true},
      {"within the prefix", rule({{net("203.0.113.0/24"), 24, 32}}), kHost, true},
      {"too long", rule({{net("203.0.113.0/24"), 24, 31}}), kHost, false},
      {"too short", rule({{net("203.0.113.0/24"), 25, 32}}), "203.0.113.0/24", false},
      {"the second of two", rule({{net("192.0.2.0/24"), 24, 32}, {net("203.0.113.0/24"), 24, 32}}), kHost, true},
      {"elsewhere", rule({{net("192.0.2.0/24"), 24, 32}}), kHost, false},
      {"its length", with([](auto& r) {
         r.prefix_length = {32, 32};
       }),
       kHost, true},
      {"another length", with([](auto& r) {
         r.prefix_length = {24, 31};
       }),
       kHost, false},
      {"a community", with([](auto& r) {
         r.communities = {1, community(64512, 7)};
       }),
       kHost, true},
      {"no such community", with([](auto& r) { r.communities = {community(64512, 2)}; }), kHost, false},
      {"a large community", with([](auto& r) {
         r.large_communities = {{64512, 1, 2}};
       }),
       kHost, true},
      {"no such large community", with([](auto& r) {
         r.large_communities = {{64512, 1, 3}};
       }),
       kHost, false},
      {"an AS in the path", with([](auto& r) {
         r.as_path = {9, 64513};
       }),
       kHost, true},
      {"an AS of the set", with([](auto& r) { r.as_path = {64601}; }), kHost, true},
      {"an AS that is not in it", with([](auto& r) { r.as_path = {64514}; }), kHost, false},
      {"originated in the set", with([](auto& r) { r.origin_as = {64600}; }), kHost, true},
      {"passed on only", with([](auto& r) { r.origin_as = {64513}; }), kHost, false},
      {"length 3: a set counts as one", with([](auto& r) {
         r.as_path_length = {3, 3};
       }),
       kHost, true},
      {"shorter", with([](auto& r) {
         r.as_path_length = {0, 2};
       }),
       kHost, false},
      {"one of two conditions", with([](auto& r) {
         r.communities = {community(64512, 1)};
         r.as_path = {1};
       }),
       kHost, false},
      {"rejected", with([](auto& r) { r.accept = false; }), kHost, false},
  };
  for (const Case& one : cases) EXPECT_EQ(result(one.rule, one.prefix).accepted, one.accepted) << one.what;
}

TEST(ImportPolicy, TheFirstMatchDecidesAndNoneRefuses) {
  PeerPolicy policy;
  EXPECT_FALSE(result(policy, path(), "203.0.113.10/32").accepted) << "RFC 8212";
  policy.import_filter.rules = {rule({{net("203.0.113.0/28"), 32, 32}}), rule({{net("203.0.113.0/24"), 32, 32}}),
                                rule()};
  policy.import_filter.rules[0].weight = 4;
  policy.import_filter.rules[1].accept = false;
  policy.import_filter.rules[2].local_preference = 50;
  EXPECT_EQ(result(policy, path(), "203.0.113.10/32"), (ImportResult{.accepted = true, .weight = 4}));
  EXPECT_FALSE(result(policy, path(), "203.0.113.20/32").accepted);
  EXPECT_EQ(result(policy, path(), "192.0.2.0/24"), (ImportResult{.accepted = true, .local_preference = 50}));
}

TEST(ImportPolicy, AnEmptyPathHasNoOrigin) {
  PeerPolicy policy;
  policy.import_filter.rules = {with([](auto& r) { r.origin_as = {64512}; })};
  EXPECT_FALSE(result(policy, {}, "203.0.113.10/32").accepted);
  policy.import_filter.rules = {with([](auto& r) { r.as_path_length = {0, 0}; })};
  EXPECT_TRUE(result(policy, {}, "203.0.113.10/32").accepted);
}

uint64_t bandwidth(float bytes, uint64_t type = 0x4004) {
  return type << 48 | uint64_t{64512} << 32 | std::bit_cast<uint32_t>(bytes);
}

TEST(ImportPolicy, WeightsByCommunityAndBandwidth) {
  PeerPolicy policy;
  policy.import_filter.rules = {rule()};
  bgp::PathAttributes attributes = path();
  attributes.extended_communities = {bandwidth(125e6f)};  // 1 Gbit/s
  EXPECT_EQ(weight_of(policy, attributes), 1) << "nobody asked for weights";
  policy.link_bandwidth = 100'000'000;
  EXPECT_EQ(weight_of(policy, attributes), 10);
  policy.link_bandwidth = 10'000'000'000;
  EXPECT_EQ(weight_of(policy, attributes), 1) << "never none";
  policy.link_bandwidth = 1;
  EXPECT_EQ(weight_of(policy, attributes), 65535);
  policy.community_weight = {{community(64512, 7), 3}, {community(64512, 1), 5}};
  EXPECT_EQ(weight_of(policy, attributes), 3) << "the map goes first, in its own order";
  EXPECT_EQ(result(policy, attributes, "203.0.113.10/32").weight, 3);
  policy.import_filter.rules[0].weight = 9;
  EXPECT_EQ(result(policy, attributes, "203.0.113.10/32").weight, 9) << "a rule knows best";
}

TEST(ImportPolicy, GracefulShutdownIsTheLastChoice) {
  PeerPolicy policy;
  policy.import_filter.rules = {with([](auto& r) { r.local_preference = 200; })};
  bgp::PathAttributes attributes = path();
  attributes.communities.push_back(bgp::kGracefulShutdown);
  EXPECT_EQ(result(policy, attributes, "203.0.113.10/32"),
            (ImportResult{.accepted = true, .draining = true, .weight = 1, .local_preference = 0}));
}

TEST(ImportResults, RunOutWithoutHarm) {
  std::vector<std::string> lines;
  log::set_sink([&](log::Level, std::string_view, std::string_view text) { lines.emplace_back(text); });
  ImportResults results;
  std::vector<ImportResults::Id> held;
  for (uint32_t i = 0; i < ImportResults::kLimit - 2; ++i) {
    held.push_back(results.acquire({.accepted = true, .weight = 2, .local_preference = i}));
    ASSERT_EQ(results.get(held.back()).local_preference, i);
  }
  EXPECT_TRUE(lines.empty());
  EXPECT_EQ(results.acquire({.accepted = true, .weight = 9}), ImportResults::kPlain);
  EXPECT_EQ(results.acquire({.accepted = true, .weight = 10}), ImportResults::kPlain);
  EXPECT_EQ(results.acquire({.accepted = true, .weight = 2, .local_preference = 7}), held[7]) << "it is there";
  results.release(held[7]);
  log::set_sink({});
  EXPECT_EQ(lines.size(), 1u) << "once";
  for (const auto id : held) results.release(id);
  EXPECT_EQ(results.get(results.acquire({.accepted = true, .weight = 9})).weight, 9);
}

}  // namespace
}  // namespace ecmpd::control
