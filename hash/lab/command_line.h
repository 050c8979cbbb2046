// ecmplab's command line: from words to the subcommand that is to run, or to help and usage errors. Main thread.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "hash/lab/command.h"

namespace ecmpd::hash::lab {

struct Chosen {
  Command* command = nullptr;
  Common common;
};

/// Nothing to run: help was wanted, or the command line is wrong.
struct Ended {
  ExitStatus status = kFine;
  std::string output;  // for stdout
  std::string error;   // for stderr
  std::string why;     // of an error, one line without the program's name
};

/// `arguments` without the program's name.
std::variant<Chosen, Ended> parse_command_line(std::span<const std::unique_ptr<Command>> commands,
                                               std::vector<std::string> arguments);

}  // namespace ecmpd::hash::lab
