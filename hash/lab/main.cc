// ecmplab: experiments with multipath hashing. It needs no root, no DPDK and no daemon: keys, functions and selectors
// are the library that the router itself forwards with.
#include <fmt/core.h>

#include <algorithm>
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

/// {"error": ...}, so that with --json there is always one object.
ExitStatus print_error(const Failure& failure) {
  Table answer;
  answer.shape = Table::Shape::kRecord;
  answer.columns = {{"Error", "error"}};
  answer.rows = {{failure.message}};
  return print(render(answer, Common::Format::kJson)) ? failure.status : kFailed;
}

ExitStatus fail(const Common& common, const Failure& failure) {
  fmt::print(stderr, "ecmplab: {}\n", failure.message);
  return common.format == Common::Format::kJson ? print_error(failure) : failure.status;
}

/// Where the command line could not be understood: it tells by itself.
bool wants_json(const std::vector<std::string>& words) {
  return std::any_of(words.begin(), words.end(),
                     [](const std::string& word) { return word == "--json" || word == "-j"; });
}

ExitStatus run(int count, char** arguments) {
  const auto commands = all_commands();
  const std::vector<std::string> words(arguments + 1, arguments + count);
  const auto parsed = parse_command_line(commands, words);
  if (const auto* ended = std::get_if<Ended>(&parsed)) {
    fmt::print(stderr, "{}", ended->error);
    if (ended->status != kFine && wants_json(words)) return print_error(Failure{ended->status, ended->why});
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
