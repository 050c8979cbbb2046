// The paths of a prefix, as they are shown: what each neighbor has announced, and what the decision made of it.
#include <fmt/format.h>

#include "control/daemon/state_source.h"

namespace ecmpd::control {

namespace {

/// "64512 64513 {64600,64601}"
std::string text_of(const std::vector<bgp::AsPathSegment>& path) {
  std::string out;
  for (const bgp::AsPathSegment& segment : path) {
    const bool set = segment.type == bgp::AsPathSegment::Type::kSet;
    std::string part;
    for (const uint32_t asn : segment.asns) part += fmt::format("{}{}", part.empty() ? "" : set ? "," : " ", asn);
    out += fmt::format("{}{}", out.empty() ? "" : " ", set ? "{" + part + "}" : part);
  }
  return out;
}

const char* text_of(bgp::Origin origin) {
  return origin == bgp::Origin::kIgp ? "IGP" : origin == bgp::Origin::kEgp ? "EGP" : "incomplete";
}

template <typename Community>
std::vector<std::string> texts_of(const std::vector<Community>& communities) {
  std::vector<std::string> out;
  for (const Community& community : communities) out.push_back(bgp::to_string(community));
  return out;
}

std::string reason_of(const PathView& path) {
  std::string out(to_string(path.outcome));
  if (path.outcome == Outcome::kIneligibleNexthop) {
    out += fmt::format(": {}", path.resolved == nullptr ? to_string(path.nexthop) : "no route leads to it");
  } else if (path.resolved != nullptr && (path.outcome == Outcome::kBest || path.outcome == Outcome::kMultipath)) {
    out += fmt::format(", by {}", to_string(*path.resolved));
  }
  if (path.draining) out += ", draining";
  if (path.stale) out += ", stale";
  return out;
}

}  // namespace

std::vector<api::PathView> DaemonState::paths(const Prefix& prefix) const {
  std::vector<api::PathView> out;
  for (const PathView& path : routes_.rib().paths(prefix)) {
    const bgp::PathAttributes& attributes = *path.attributes;
    api::PathView& view = out.emplace_back();
    view.peer = path.peer_address;
    view.remote_as = path.remote_as;
    if (path.path_id != 0) view.path_id = path.path_id;
    view.nexthop = attributes.next_hop;
    view.as_path = text_of(attributes.as_path);
    view.origin = text_of(attributes.origin);
    view.med = attributes.med;
    view.local_preference = path.local_preference;
    view.weight = path.weight;
    view.communities = texts_of(attributes.communities);
    view.large_communities = texts_of(attributes.large_communities);
    view.best = path.outcome == Outcome::kBest;
    view.used = view.best || path.outcome == Outcome::kMultipath;
    view.stale = path.stale;
    view.draining = path.draining;
    view.reason = reason_of(path);
  }
  return out;
}

}  // namespace ecmpd::control
