// What the answers of the API have in common: parameters, the question to the control thread, failures as replies.
//
// Any thread but the control thread.
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <type_traits>
#include <utility>

#include "control/api/control_door.h"
#include "control/api/http.h"

namespace ecmpd::control::api {

struct Failure {
  int status;  // HTTP's
  std::string message;
};

template <typename T>
using Result = tl::expected<T, Failure>;

inline auto wrong(std::string message) { return tl::unexpected(Failure{400, std::move(message)}); }
inline auto not_found(std::string message) { return tl::unexpected(Failure{404, std::move(message)}); }

/// "" when it is not there.
inline std::string parameter(const HttpRequest& request, const std::string& name) {
  const auto found = request.parameters.find(name);
  return found == request.parameters.end() ? "" : found->second;
}

template <typename Question>
auto ask(ControlDoor& door, Question question) -> Result<std::invoke_result_t<Question, StateSource&>> {
  return door.ask(std::move(question)).map_error([](NoAnswer why) {
    return why == NoAnswer::kClosed ? Failure{503, "ecmpd is stopping"}
                                    : Failure{504, "the control thread did not answer in time"};
  });
}

inline constexpr const char* kText = "text/plain";

/// {"error": "..."}
HttpReply failed(const Failure& failure);

}  // namespace ecmpd::control::api
