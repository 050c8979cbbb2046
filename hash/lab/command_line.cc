#include "hash/lab/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <optional>
#include <sstream>

namespace ecmpd::hash::lab {
namespace {

constexpr const char* kTeaching = R"(
Examples:
  ecmplab spread --members 6                      how evenly 65,536 connections land on 6 members
  ecmplab spread --members 6 --hash crc32c --workload grid
                                                  a linear function on structured traffic
  ecmplab polarize --hash xxh32,crc32c --members 4,4
                                                  two routers in a row: are all 16 paths used?
  ecmplab churn --members 16 --events 300         what moves when members leave and return
  ecmplab sweep                                   evidence over 12 workloads and 400 seeds, in half a minute
  ecmplab spread --members 6 --json | jq .chi2_p  every answer is one JSON object

ecmplab SUBCOMMAND --help teaches each of them by example. The same --seed gives the same bytes on every machine.
Exit status: 0 fine, 1 failed, 2 usage.)";

/// The options that every subcommand has; before the subcommand they may stand too.
void declare_common(CLI::App& app, Common& common) {
  Options options(app);
  options.number("--seed", common.seed, {}, "Of everything that is drawn");
  options.choice("--simd", common.simd, {"auto", "scalar", "avx2", "avx512"},
                 "Instructions to hash with; the answer is the same");
  const auto set = [&common](Common::Format format) { return [&common, format] { common.format = format; }; };
  CLI::Option* json =
      app.add_flag_callback("-j,--json", set(Common::Format::kJson), "Print one JSON object instead of a table");
  app.add_flag_callback("--csv", set(Common::Format::kCsv), "Print comma-separated values, first line the names")
      ->excludes(json);
}

Ended usage(const std::string& why, const std::string& command) {
  const std::string words = command.empty() ? "" : " " + command;
  return {kUsage, "", "ecmplab: " + why + "\nRun ecmplab" + words + " --help for what is allowed, with examples.\n",
          why};
}

/// The first word, if it stands where a subcommand must and is none.
std::optional<std::string> unknown_subcommand(std::span<const std::unique_ptr<Command>> commands,
                                              const std::vector<std::string>& arguments) {
  if (arguments.empty() || arguments[0].starts_with('-')) return std::nullopt;
  std::string names;
  for (const auto& command : commands) {
    if (command->name() == arguments[0]) return std::nullopt;
    names += (names.empty() ? "" : ", ") + command->name();
  }
  return arguments[0] + " is not one of " + names;
}

}  // namespace

std::variant<Chosen, Ended> parse_command_line(std::span<const std::unique_ptr<Command>> commands,
                                               std::vector<std::string> arguments) {
  if (const auto wrong = unknown_subcommand(commands, arguments)) return usage(*wrong, "");
  Chosen chosen;
  CLI::App app("A laboratory for multipath hashing: the router's own keys, functions and selectors, without a router.",
               "ecmplab");
  app.require_subcommand(1);
  app.set_version_flag("--version", "ecmplab " ECMPD_VERSION);
  declare_common(app, chosen.common);
  for (const auto& command : commands) {
    CLI::App* words = app.add_subcommand(command->name(), command->summary());
    Options options(*words);
    command->declare(options);
    declare_common(*words, chosen.common);
    words->footer("\n" + command->teaching());
    words->final_callback([&chosen, &command, &app, words] {
      chosen.command = command.get();
      chosen.common.seed_given = app.count("--seed") + words->count("--seed") > 0;
    });
  }
  app.footer(kTeaching);  // after the subcommands, which would inherit it

  std::reverse(arguments.begin(), arguments.end());  // as the parser wants them
  try {
    app.parse(arguments);
  } catch (const CLI::ParseError& end) {
    const auto used = app.get_subcommands();
    if (end.get_exit_code() != 0) return usage(end.what(), used.empty() ? "" : used.front()->get_name());
    std::ostringstream output;
    app.exit(end, output, output);
    return Ended{kFine, output.str(), "", ""};
  }
  return chosen;
}

}  // namespace ecmpd::hash::lab
