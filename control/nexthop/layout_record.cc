#include "control/nexthop/layout_record.h"

#include <array>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>

namespace ecmpd::control {

namespace {

using nlohmann::json;
using Step = hash::Lineage::Step;

constexpr unsigned kVersion = 1;
constexpr std::array<std::pair<Step::Kind, const char*>, 3> kKinds = {{
    {Step::Kind::kJoin, "join"},
    {Step::Kind::kStrike, "strike"},
    {Step::Kind::kReweigh, "reweigh"},
}};

json to_json(const hash::Member& member) {
  return {{"address", member.address.to_string()}, {"weight", member.weight}};
}

// Readers return nothing where the text is not what it should be; the caller knows the name of the place.
std::optional<uint64_t> read_number(const json& object, const char* key, uint64_t limit) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_number_unsigned() || found->get<uint64_t>() > limit) return std::nullopt;
  return found->get<uint64_t>();
}

std::optional<std::string> read_string(const json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_string()) return std::nullopt;
  return found->get<std::string>();
}

const json* read_array(const json& object, const char* key) {
  const auto found = object.find(key);
  return found == object.end() || !found->is_array() ? nullptr : &*found;
}

std::optional<hash::Member> read_member(const json& object) {
  if (!object.is_object()) return std::nullopt;
  const auto address = read_string(object, "address");
  const auto weight = read_number(object, "weight", UINT16_MAX);
  if (!address || !weight || *weight == 0) return std::nullopt;
  const auto parsed = hash::IpAddress::parse_with_zone(*address);
  if (!parsed) return std::nullopt;
  return hash::Member{*parsed, static_cast<uint16_t>(*weight)};
}

std::optional<Step> read_step(const json& object) {
  const auto member = read_member(object);
  const auto kind = member ? read_string(object, "kind") : std::nullopt;
  for (const auto& [value, name] : kKinds) {
    if (kind && *kind == name) return Step{value, *member};
  }
  return std::nullopt;
}

std::optional<LayoutRecord::Layout> read_layout(const json& object, std::string& where) {
  LayoutRecord::Layout layout;
  if (!object.is_object()) return std::nullopt;
  where = "founders";
  const json* founders = read_array(object, "founders");
  if (founders == nullptr || founders->empty()) return std::nullopt;
  for (const json& founder : *founders) {
    const auto member = read_member(founder);
    if (!member) return std::nullopt;
    layout.lineage.founders.push_back(*member);
  }
  where = "steps";
  const json* steps = read_array(object, "steps");
  if (steps == nullptr) return std::nullopt;
  for (const json& text : *steps) {
    const auto step = read_step(text);
    if (!step) return std::nullopt;
    layout.lineage.steps.push_back(*step);
  }
  where = "buckets";
  const auto buckets = read_number(object, "buckets", hash::kMaxBuckets);
  if (!buckets) return std::nullopt;
  layout.lineage.buckets = static_cast<uint32_t>(*buckets);
  where = "prefixes";
  const json* prefixes = read_array(object, "prefixes");
  if (prefixes == nullptr) return std::nullopt;
  for (const json& text : *prefixes) {
    const auto prefix = text.is_string() ? hash::Prefix::parse(text.get<std::string>()) : std::nullopt;
    if (!prefix) return std::nullopt;
    layout.prefixes.push_back(*prefix);
  }
  where = "away";
  if (!object.contains("away")) return layout;  // written before there was such a list
  const json* away = read_array(object, "away");
  if (away == nullptr) return std::nullopt;
  for (const json& text : *away) {
    const auto member = text.is_string() ? hash::IpAddress::parse_with_zone(text.get<std::string>()) : std::nullopt;
    if (!member) return std::nullopt;
    layout.away.push_back(*member);
  }
  return layout;
}

}  // namespace

std::string serialize(const LayoutRecord& record) {
  json layouts = json::array();
  for (const LayoutRecord::Layout& layout : record.layouts) {
    json founders = json::array();
    for (const hash::Member& member : layout.lineage.founders) founders.push_back(to_json(member));
    json steps = json::array();
    for (const Step& step : layout.lineage.steps) {
      json text = to_json(step.member);
      for (const auto& [value, name] : kKinds) {
        if (value == step.kind) text["kind"] = name;
      }
      steps.push_back(std::move(text));
    }
    json prefixes = json::array();
    for (const hash::Prefix& prefix : layout.prefixes) prefixes.push_back(prefix.to_string());
    json away = json::array();
    for (const hash::IpAddress& member : layout.away) away.push_back(member.to_string());
    layouts.push_back({{"founders", std::move(founders)},
                       {"steps", std::move(steps)},
                       {"buckets", layout.lineage.buckets},
                       {"prefixes", std::move(prefixes)},
                       {"away", std::move(away)}});
  }
  const json document = {
      {"version", kVersion}, {"seed", record.seed}, {"buckets", record.buckets}, {"layouts", std::move(layouts)}};
  return document.dump(1) + "\n";
}

tl::expected<LayoutRecord, std::string> parse_layout_record(std::string_view text) {
  const json document = json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (document.is_discarded() || !document.is_object()) return tl::unexpected<std::string>("is not a JSON object");
  const auto version = read_number(document, "version", std::numeric_limits<uint64_t>::max());
  if (version != kVersion) return tl::unexpected("is not of version " + std::to_string(kVersion));
  LayoutRecord record;
  const auto seed = read_number(document, "seed", std::numeric_limits<uint64_t>::max());
  const auto buckets = read_number(document, "buckets", hash::kMaxBuckets);
  const json* layouts = read_array(document, "layouts");
  if (!seed || !buckets || layouts == nullptr) return tl::unexpected<std::string>("has no seed, buckets or layouts");
  record.seed = *seed;
  record.buckets = static_cast<uint32_t>(*buckets);
  for (size_t i = 0; i < layouts->size(); ++i) {
    std::string where;
    auto layout = read_layout((*layouts)[i], where);
    if (!layout) return tl::unexpected("has a bad layouts[" + std::to_string(i) + "]." + where);
    record.layouts.push_back(std::move(*layout));
  }
  return record;
}

}  // namespace ecmpd::control
