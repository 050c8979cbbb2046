#include "hash/lab/report_data.h"

#include <fmt/core.h>

#include <nlohmann/json.hpp>

namespace ecmpd::hash::lab {
namespace {

using Json = nlohmann::json;

/// Members of an object, by name and type; the first that is missing is remembered.
class Reader {
 public:
  explicit Reader(const Json& object) : object_(object) {}

  void get(const char* key, std::string& out) { take(key, &Json::is_string, out); }
  void get(const char* key, double& out) { take(key, &Json::is_number, out); }
  void get(const char* key, uint32_t& out) { take(key, &Json::is_number_unsigned, out); }
  void get(const char* key, uint64_t& out) { take(key, &Json::is_number_unsigned, out); }
  bool has(const char* key) const { return object_.is_object() && object_.contains(key) && !object_[key].is_null(); }

  const std::string& missing() const { return missing_; }

 private:
  template <typename T>
  void take(const char* key, bool (Json::*is)() const noexcept, T& out) {
    if (has(key) && (object_[key].*is)()) {
      out = object_[key].get<T>();
    } else if (missing_.empty()) {
      missing_ = key;
    }
  }

  const Json& object_;
  std::string missing_;
};

tl::expected<Json, std::string> parse(const std::string& text) {
  Json json = Json::parse(text, nullptr, false);
  if (!json.is_object()) return tl::make_unexpected("not a JSON object");
  return json;
}

tl::unexpected<std::string> without(std::string_view key, std::string_view command) {
  return tl::make_unexpected(fmt::format("no {} in it: is it what ecmplab {} printed?", key, command));
}

tl::expected<TierPair, std::string> read_pair(const Json& json) {
  TierPair pair;
  std::string names;
  Reader reader(json);
  reader.get("hash", names);
  reader.get("mutual_information_bits", pair.shared_bits);
  reader.get("conditional_entropy_bits", pair.most_bits);  // the rest of what could be known
  reader.get("paths_used", pair.paths_used);
  reader.get("paths", pair.paths);
  if (!reader.missing().empty()) return without(reader.missing(), "polarize --json");
  pair.most_bits += pair.shared_bits;
  const size_t plus = names.find('+');
  pair.first = names.substr(0, plus);
  pair.second = plus == std::string::npos ? names : names.substr(plus + 1);
  return pair;
}

}  // namespace

tl::expected<std::vector<EvennessPoint>, std::string> read_sweep(const std::string& text) {
  const auto json = parse(text);
  if (!json) return tl::make_unexpected(json.error());
  if (!json->contains("cells") || !(*json)["cells"].is_array()) return without("cells", "sweep --json");
  std::vector<EvennessPoint> points;
  for (const Json& cell : (*json)["cells"]) {
    EvennessPoint point;
    Reader reader(cell);
    reader.get("hash", point.hash);
    reader.get("selector", point.selector);
    reader.get("workload", point.workload);
    reader.get("members", point.members);
    reader.get("ks_p_adjusted", point.adjusted_p);
    reader.get("cov_over_ideal_05", point.low);
    reader.get("cov_over_ideal", point.middle);
    reader.get("cov_over_ideal_95", point.high);
    if (!reader.missing().empty()) return without(reader.missing(), "sweep --json");
    points.push_back(std::move(point));
  }
  return points;
}

tl::expected<Disruption, std::string> read_churn(const std::string& text) {
  const auto json = parse(text);
  if (!json) return tl::make_unexpected(json.error());
  Disruption disruption;
  Reader reader(*json);
  reader.get("selector", disruption.selector);
  reader.get("members", disruption.members);
  reader.get("home_after_flap", disruption.home_after_flap);
  reader.get("worst_max_mean", disruption.worst_max_mean);
  if (reader.has("survivors_moved")) reader.get("survivors_moved", disruption.survivors_moved);
  if (!reader.missing().empty()) return without(reader.missing(), "churn --curve --json");
  if (!reader.has("curve") || !(*json)["curve"].is_array()) return without("curve", "churn --curve --json");
  for (const Json& step : (*json)["curve"]) {
    Disruption::Event event;
    Reader fields(step);
    fields.get("event", event.name);
    fields.get("moved", event.moved);
    fields.get("minimum", event.minimum);
    if (!fields.missing().empty()) return without(fields.missing(), "churn --curve --json");
    disruption.events.push_back(std::move(event));
  }
  return disruption;
}

tl::expected<std::vector<TierPair>, std::string> read_polarize(const std::string& text) {
  const auto json = parse(text);
  if (!json) return tl::make_unexpected(json.error());
  const Json one = Json::array({*json});
  const Json& rows = json->contains("polarize") && (*json)["polarize"].is_array() ? (*json)["polarize"] : one;
  std::vector<TierPair> pairs;
  for (const Json& row : rows) {
    auto pair = read_pair(row);
    if (!pair) return tl::make_unexpected(pair.error());
    pairs.push_back(*std::move(pair));
  }
  return pairs;
}

}  // namespace ecmpd::hash::lab
