// ecmplab: experiments with multipath hashing. It needs no root, no DPDK and no daemon: keys, functions and selectors
// are the library that the router itself forwards with.
#include <fmt/core.h>

#include <cstdio>

#include "hash/lab/command_line.h"
#include "hash/lab/commands.h"
#include "hash/lab/output.h"
#include "hash/simd.h"

namespace ecmpd::hash::lab {
namespace {

/// False when the reader is gone or the disk is full: a cut answer is no answer.
bool print(const std::string& text) {
  return std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
}

/// The reason goes to stderr; with --json also to stdout, so that there is always one object.
ExitStatus fail(const Common& common, const Failure& failure) {
  fmt::print(stderr, "ecmplab: {}\n", failure.message);
  if (common.format != Common::Format::kJson) return failure.status;
  Table answer;
  answer.shape = Table::Shape::kRecord;
  answer.columns = {{"Error", "error"}};
  answer.rows = {{failure.message}};
  return print(render(answer, common.format)) ? failure.status : kFailed;
}

ExitStatus run(int count, char** arguments) {
  const auto commands = all_commands();
  const auto parsed = parse_command_line(commands, {arguments + 1, arguments + count});
  if (const auto* ended = std::get_if<Ended>(&parsed)) {
    fmt::print(stderr, "{}", ended->error);
    return print(ended->output) ? ended->status : kFailed;
  }
  const Chosen& chosen = std::get<Chosen>(parsed);
  if (chosen.common.simd != "auto") {
    if (const auto forced = force_simd_level(chosen.common.simd); !forced) {
      return fail(chosen.common, Failure{kFailed, "--simd: " + forced.error()});
    }
  }
  const auto table = chosen.command->run(chosen.common);
  for (const std::string& warning : chosen.command->warnings()) {
    fmt::print(stderr, "ecmplab: warning: {}\n", warning);
  }
  if (!table) return fail(chosen.common, table.error());
  return print(render(*table, chosen.common.format)) ? kFine : kFailed;
}

}  // namespace
}  // namespace ecmpd::hash::lab

int main(int count, char** arguments) { return ecmpd::hash::lab::run(count, arguments); }
