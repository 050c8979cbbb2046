#include "control/api/json_number.h"

#include <fmt/core.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

namespace ecmpd::control::api {
namespace {

using Json = nlohmann::ordered_json;

std::string dump_leaf(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

void write(const Json& json, std::string& out) {
  if (json.is_object() || json.is_array()) {
    const bool object = json.is_object();
    out += object ? '{' : '[';
    bool first = true;
    for (const auto& [key, value] : json.items()) {
      if (!std::exchange(first, false)) out += ',';
      if (object) out += dump_leaf(key) + ':';
      write(value, out);
    }
    out += object ? '}' : ']';
    return;
  }
  out += json.is_number_float() ? json_number(json.get<double>()) : dump_leaf(json);
}

}  // namespace

std::string json_number(double value) {
  if (!std::isfinite(value)) return "null";
  std::string text = fmt::format("{}", value);
  // Else a reader would take it for an integer.
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return text;
}

std::string dump_json(const nlohmann::ordered_json& json) {
  std::string out;
  write(json, out);
  return out;
}

}  // namespace ecmpd::control::api
