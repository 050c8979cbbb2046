// ecmpctl: asks the daemon one question over its socket and prints the answer. Tables and JSON are made by the daemon;
// what is decided here is the exit status.
#include <fmt/core.h>

#include <cstdio>

#include "control/api/http.h"
#include "control/ctl/answer.h"
#include "control/ctl/command_line.h"
#include "control/ctl/doctor.h"
#include "control/ctl/stream.h"

namespace ecmpd::control::ctl {
namespace {

constexpr std::chrono::seconds kTimeout{15};  // longer than the daemon takes to give up by itself

ExitStatus ask(Question question) {
  question.parameters["format"] = question.json ? "json" : "text";
  const auto reply = api::http_get(question.socket, question.path, question.parameters, kTimeout);
  if (!reply) return fail(question, reply.error());
  if (reply->status != 200) return fail(question, *reply);
  return print(reply->body) ? kFine : kFailed;
}

ExitStatus run(int count, char** arguments) {
  auto parsed = parse_command_line({arguments + 1, arguments + count});
  if (auto* question = std::get_if<Question>(&parsed)) {
    if (question->path.empty()) return doctor(*question);
    return question->streamed ? follow(std::move(*question)) : ask(std::move(*question));
  }
  const Ended& ended = std::get<Ended>(parsed);
  fmt::print(stderr, "{}", ended.error);
  return print(ended.output) ? ended.status : kFailed;
}

}  // namespace
}  // namespace ecmpd::control::ctl

int main(int count, char** arguments) { return ecmpd::control::ctl::run(count, arguments); }
