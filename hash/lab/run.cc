#include "hash/lab/run.h"

#include "hash/lab/command_line.h"
#include "hash/lab/commands.h"

namespace ecmpd::hash::lab {

tl::expected<control::api::Table, Failure> run_words(const std::vector<std::string>& words) {
  const auto commands = all_commands();
  const auto parsed = parse_command_line(commands, words);
  if (const auto* ended = std::get_if<Ended>(&parsed)) return tl::make_unexpected(Failure{kUsage, ended->error});
  const Chosen& chosen = std::get<Chosen>(parsed);
  return chosen.command->run(chosen.common);
}

}  // namespace ecmpd::hash::lab
