// Real numbers in JSON and CSV: the fewest digits that mean this number, as every other program prints it.
//
// nlohmann's own are now and then longer (0.9993339999999999 for 0.999334). Pure functions; any thread.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace ecmpd::control::api {

/// "0.25", "1.0", "1e-05"; "null" for what is not a number.
std::string json_number(double value);

/// Compact; bytes that are no UTF-8 become U+FFFD.
std::string dump_json(const nlohmann::ordered_json& json);

}  // namespace ecmpd::control::api
