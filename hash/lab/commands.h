// The list of subcommands, in the order of `ecmplab --help`; each is made in its own NAME_command.cc.
#pragma once

#include <memory>
#include <vector>

#include "hash/lab/command.h"

namespace ecmpd::hash::lab {

std::unique_ptr<Command> make_spread();

std::vector<std::unique_ptr<Command>> all_commands();

}  // namespace ecmpd::hash::lab
