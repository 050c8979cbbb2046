// ecmpctl: asks the daemon one question over its socket and prints the answer. Tables and JSON are made by the daemon;
// what is decided here is the exit status.
#include <fmt/core.h>

#include <cstdio>
#include <nlohmann/json.hpp>

#include "control/api/http.h"
#include "control/ctl/command_line.h"

namespace ecmpd::control::ctl {
namespace {

constexpr std::chrono::seconds kTimeout{15};  // longer than the daemon takes to give up by itself

/// False when the reader is gone or the disk is full: a cut answer is no answer.
bool print(const std::string& text) {
  return std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
}

/// The reason goes to stderr; with --json also to stdout, so that there is always one object.
ExitStatus fail(const Question& question, ExitStatus status, const std::string& message) {
  fmt::print(stderr, "ecmpctl: {}\n", message);
  if (!question.json) return status;
  const nlohmann::json body = {{"error", message}};
  return print(body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n") ? status : kFailed;
}

ExitStatus status_of(int http_status) {
  switch (http_status) {
    case 200:
      return kFine;
    case 400:
      return kUsage;
    case 404:
      return kNotFound;
    default:
      return kFailed;
  }
}

/// What an error reply says of itself.
std::string message_of(const api::HttpReply& reply) {
  const auto body = nlohmann::json::parse(reply.body, nullptr, false);
  if (body.is_object() && body.contains("error") && body["error"].is_string()) return body["error"].get<std::string>();
  return fmt::format("an answer that is not ecmpd's (HTTP status {})", reply.status);
}

ExitStatus ask(Question question) {
  question.parameters["format"] = question.json ? "json" : "text";
  const auto reply = api::http_get(question.socket, question.path, question.parameters, kTimeout);
  if (!reply && reply.error().error_number != 0) {
    return fail(question, kNoDaemon,
                fmt::format("no daemon at {}: {} (is ecmpd running? --socket names another path)", question.socket,
                            reply.error().message));
  }
  if (!reply) return fail(question, kFailed, fmt::format("{}: {}", question.socket, reply.error().message));
  if (reply->status != 200) return fail(question, status_of(reply->status), message_of(*reply));
  return print(reply->body) ? kFine : kFailed;
}

ExitStatus run(int count, char** arguments) {
  auto parsed = parse_command_line({arguments + 1, arguments + count});
  if (auto* question = std::get_if<Question>(&parsed)) return ask(std::move(*question));
  const Ended& ended = std::get<Ended>(parsed);
  fmt::print(stderr, "{}", ended.error);
  return print(ended.output) ? ended.status : kFailed;
}

}  // namespace
}  // namespace ecmpd::control::ctl

int main(int count, char** arguments) { return ecmpd::control::ctl::run(count, arguments); }
