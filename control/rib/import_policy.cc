#include "control/rib/import_policy.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "control/log.h"

namespace ecmpd::control {
namespace {

template <typename T, typename U>
bool any_of_them(const std::vector<T>& wanted, const std::vector<U>& present) {
  return std::any_of(wanted.begin(), wanted.end(),
                     [&](const T& one) { return std::find(present.begin(), present.end(), one) != present.end(); });
}

bool path_contains(const std::vector<bgp::AsPathSegment>& path, const std::vector<uint32_t>& asns) {
  return std::any_of(path.begin(), path.end(),
                     [&](const bgp::AsPathSegment& segment) { return any_of_them(asns, segment.asns); });
}

/// The last AS of the path; of a set at its end, any.
bool originated_by(const std::vector<bgp::AsPathSegment>& path, const std::vector<uint32_t>& asns) {
  if (path.empty() || path.back().asns.empty()) return false;
  const bgp::AsPathSegment& last = path.back();
  if (last.type == bgp::AsPathSegment::Type::kSet) return any_of_them(asns, last.asns);
  return std::find(asns.begin(), asns.end(), last.asns.back()) != asns.end();
}

bool matches_attributes(const ImportRule& rule, const bgp::PathAttributes& attributes) {
  if (!rule.communities.empty() && !any_of_them(rule.communities, attributes.communities)) return false;
  if (!rule.large_communities.empty()) {
    const auto& present = attributes.large_communities;
    const bool any = std::any_of(present.begin(), present.end(), [&](const bgp::LargeCommunity& one) {
      const std::array<uint32_t, 3> parts = {one.administrator, one.data1, one.data2};
      return std::find(rule.large_communities.begin(), rule.large_communities.end(), parts) !=
             rule.large_communities.end();
    });
    if (!any) return false;
  }
  if (!rule.as_path.empty() && !path_contains(attributes.as_path, rule.as_path)) return false;
  if (!rule.origin_as.empty() && !originated_by(attributes.as_path, rule.origin_as)) return false;
  return !rule.as_path_length || rule.as_path_length->contains(bgp::as_path_length(attributes.as_path));
}

bool any_prefix(const ImportRule& rule) { return rule.prefixes.empty() && !rule.prefix_length; }

}  // namespace

size_t ImportResultHash::operator()(const ImportResult& result) const {
  const uint64_t bits =
      uint64_t{result.weight} << 34 | uint64_t{result.accepted} << 33 | uint64_t{result.draining} << 32;
  return std::hash<uint64_t>{}((bits | result.local_preference.value_or(100)) * 0x9e3779b97f4a7c15u);
}

ImportResults::ImportResults() {
  table_.acquire(ImportResult{});                  // kRefused
  table_.acquire(ImportResult{.accepted = true});  // kPlain
}

ImportResults::Id ImportResults::acquire(const ImportResult& result) {
  if (!result.accepted) return kRefused;
  if (result == table_.get(kPlain)) return kPlain;
  const auto id = table_.acquire(result);
  if (id < kLimit) return static_cast<Id>(id);
  table_.release(id);
  if (!std::exchange(limit_logged_, true)) {
    log::warn("rib", "paths ask for more than {} different weights and preferences; further ones get weight 1", kLimit);
  }
  return kPlain;
}

bool ImportResults::any_draining() const {
  for (uint32_t id = 0; id < table_.limit(); ++id) {
    if (table_.get(id).draining) return true;
  }
  return false;
}

uint16_t weight_of(const PeerPolicy& policy, const bgp::PathAttributes& attributes) {
  for (const auto& [community, weight] : policy.community_weight) {
    if (bgp::has_community(attributes.communities, community)) return weight;
  }
  if (policy.link_bandwidth == 0) return 1;
  const auto bytes = bgp::link_bandwidth(attributes.extended_communities);
  if (!bytes) return 1;
  // A function of the path alone: what other paths carry must not change this one's share.
  const double shares = std::round(static_cast<double>(*bytes) * 8 / static_cast<double>(policy.link_bandwidth));
  return static_cast<uint16_t>(std::clamp(shares, 1.0, 65535.0));
}

void PreparedImport::forget() {
  for (const Choice& choice : choices_) results_.release(choice.result);
  choices_.clear();
}

void PreparedImport::prepare(const PeerPolicy& policy, const bgp::PathAttributes& attributes) {
  forget();
  const uint16_t weight = weight_of(policy, attributes);
  const bool draining = bgp::has_community(attributes.communities, bgp::kGracefulShutdown);
  for (const ImportRule& rule : policy.import_filter.rules) {
    if (!matches_attributes(rule, attributes)) continue;
    ImportResult result{.accepted = rule.accept,
                        .draining = draining,
                        .weight = rule.weight.value_or(weight),
                        .local_preference = rule.local_preference};
    // RFC 8326 section 4: the lowest preference, so that the path is used only when nobody else announces the prefix.
    if (draining) result.local_preference = 0;
    choices_.push_back({any_prefix(rule) ? nullptr : &rule, results_.acquire(result)});
    if (any_prefix(rule)) break;  // what follows is never reached
  }
}

}  // namespace ecmpd::control
