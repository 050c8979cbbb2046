#include "hash/lab/group_file.h"

#include <fmt/core.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

namespace ecmpd::hash::lab {
namespace {

using Json = nlohmann::json;
using Error = std::string;

/// Reads keys of one object; the first thing that is wrong stays.
class Reader {
 public:
  explicit Reader(std::string name) : name_(std::move(name)) {}

  bool good() const { return error_.empty(); }
  const Error& error() const { return error_; }
  void fail(const std::string& what) {
    if (good()) error_ = fmt::format("{}: {}", name_, what);
  }

  uint64_t number(const Json& object, const char* key, uint64_t fallback, uint64_t least, uint64_t most) {
    const auto found = object.find(key);
    if (found == object.end()) return fallback;
    if (!found->is_number_unsigned() || found->get<uint64_t>() < least || found->get<uint64_t>() > most) {
      fail(fmt::format("{}: {} is not a number from {} to {}", key, found->dump(), least, most));
      return fallback;
    }
    return found->get<uint64_t>();
  }

  Member member(const Json& object) {
    if (!object.is_object()) {
      fail(fmt::format("{} is not a member with an address", object.dump()));
      return {};
    }
    const auto found = object.find("address");
    const auto address =
        found != object.end() && found->is_string() ? IpAddress::parse(found->get<std::string>()) : std::nullopt;
    if (!address) {
      fail(fmt::format("address: {} is not one", found == object.end() ? "nothing" : found->dump()));
      return {};
    }
    return {*address, static_cast<uint16_t>(number(object, "weight", 1, 1, 65535))};
  }

  std::vector<Member> members(const Json& object, const char* key) {
    std::vector<Member> out;
    const auto found = object.find(key);
    if (found == object.end() || !found->is_array()) {
      fail(fmt::format("{}: a list of members is needed", key));
      return out;
    }
    for (const Json& each : *found) out.push_back(member(each));
    return out;
  }

 private:
  std::string name_;
  Error error_;
};

std::vector<Lineage::Step> read_steps(const Json& object, Reader& reader) {
  using Kind = Lineage::Step::Kind;
  std::vector<Lineage::Step> steps;
  const auto found = object.find("steps");
  if (found == object.end()) return steps;
  if (!found->is_array()) reader.fail("steps: a list is needed");
  for (const Json& each : *found) {
    const Member member = reader.member(each);
    const std::string kind = each.is_object() && each.contains("kind") ? each["kind"].dump() : "nothing";
    if (kind != "\"join\"" && kind != "\"strike\"" && kind != "\"reweigh\"") {
      reader.fail(fmt::format("kind: {} is not join, strike or reweigh", kind));
    }
    steps.push_back({kind == "\"join\"" ? Kind::kJoin : kind == "\"strike\"" ? Kind::kStrike : Kind::kReweigh, member});
  }
  return steps;
}

Selector read_selector(const Json& object, Reader& reader) {
  const auto name = object.find("selector");
  if (name == object.end()) return Selector::kResilient;
  for (const Selector selector : kSelectors) {
    if (*name == to_string(selector)) return selector;
  }
  reader.fail(fmt::format("selector: {} is not one", name->dump()));
  return Selector::kResilient;
}

std::shared_ptr<const Home> read_home(const Json& object, Reader& reader) {
  const Selector selector = read_selector(object, reader);
  const uint64_t seed = reader.number(object, "seed", 1, 0, UINT64_MAX);
  const auto members = reader.members(object, "members");
  if (!reader.good()) return nullptr;
  if (!object.contains("founders")) {
    // The size of a table that nobody chose says nothing.
    const bool chosen = indexing_of(selector) == Indexing::kLowBits && !is_model(selector);
    const auto buckets = static_cast<uint32_t>(chosen ? reader.number(object, "buckets", 0, 1, kMaxBuckets) : 0);
    const std::string refusal = Home::refusal(selector, members, buckets);
    if (!refusal.empty()) reader.fail(refusal);
    return reader.good() ? Home::build(selector, members, buckets, seed) : nullptr;
  }
  Lineage lineage;
  lineage.founders = reader.members(object, "founders");
  lineage.buckets = static_cast<uint32_t>(reader.number(object, "founding_buckets", 0, 1, kMaxBuckets));
  lineage.steps = read_steps(object, reader);
  if (!reader.good()) return nullptr;
  auto home = Home::replay(selector, lineage, seed);
  auto sorted = members;
  std::sort(sorted.begin(), sorted.end(), by_address);
  if (home == nullptr) {
    reader.fail("founders, founding_buckets and steps describe no group");
  } else if (!std::ranges::equal(home->members(), sorted)) {
    reader.fail("members: not those that founders and steps lead to");
  }
  return home;
}

}  // namespace

tl::expected<SavedGroup, std::string> parse_group(std::string_view text, const std::string& name) {
  const Json object = Json::parse(text, nullptr, false);
  Reader reader(name);
  if (!object.is_object()) return tl::make_unexpected(name + ": not a JSON object");
  if (object.contains("groups"))
    return tl::make_unexpected(name + ": many groups; `ecmpctl show group ID --json` has one");
  SavedGroup group;
  group.home = read_home(object, reader);
  if (!reader.good()) return tl::make_unexpected(reader.error());

  group.live.assign(group.home->members().size(), true);
  std::vector<uint64_t> flows(group.live.size());
  std::vector<std::optional<uint64_t>> owned(group.live.size());
  bool has_flows = false;
  for (const Json& each : object["members"]) {
    const auto at = static_cast<size_t>(group.home->index_of(reader.member(each).address));
    const auto live = each.find("live");
    if (live != each.end() && !live->is_boolean()) reader.fail("live: true or false is needed");
    group.live[at] = live == each.end() || *live == true;
    has_flows |= each.contains("flows");
    flows[at] = reader.number(each, "flows", 0, 0, UINT64_MAX >> 16);  // 1,024 members: no sum wraps
    if (each.contains("buckets")) owned[at] = reader.number(each, "buckets", 0, 0, UINT32_MAX);
  }
  if (has_flows) group.flows = std::move(flows);
  const BucketTable table = group.home->table(group.live);
  const auto entries = table.entries(group.live.size());
  for (size_t i = 0; i < owned.size(); ++i) {
    if (!owned[i] || *owned[i] == entries[i]) continue;
    reader.fail(fmt::format("buckets: {} owns {} of {}, and not {}: another seed, selector or history",
                            group.home->members()[i].address.to_string(), entries[i], table.owners.size(), *owned[i]));
  }
  if (!reader.good()) return tl::make_unexpected(reader.error());
  return group;
}

}  // namespace ecmpd::hash::lab
