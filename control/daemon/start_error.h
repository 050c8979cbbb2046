// Why the daemon does not start: with the configuration as it is, or at all.
//
// A plain value. Control thread.
#pragma once

#include <string>
#include <utility>

namespace ecmpd::control {

struct StartError {
  // Implicit: most errors are texts of the parts that failed.
  StartError(std::string what) : text(std::move(what)) {}  // NOLINT(google-explicit-constructor)
  StartError(std::string what, bool by_configuration) : text(std::move(what)), misconfigured(by_configuration) {}

  std::string text;
  bool misconfigured = false;  // the machine cannot do what the file asks for, and another file would help
};

}  // namespace ecmpd::control
