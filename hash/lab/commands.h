// The list of subcommands, in the order of `ecmplab --help`; each is made in its own NAME_command.cc.
#pragma once

#include <memory>
#include <vector>

#include "hash/lab/command.h"

namespace ecmpd::hash::lab {

std::unique_ptr<Command> make_explain();
std::unique_ptr<Command> make_follow();
std::unique_ptr<Command> make_spread();
std::unique_ptr<Command> make_polarize();
std::unique_ptr<Command> make_churn();
std::unique_ptr<Command> make_predict();
std::unique_ptr<Command> make_shares();
std::unique_ptr<Command> make_sweep();
std::unique_ptr<Command> make_report();

std::vector<std::unique_ptr<Command>> all_commands();

}  // namespace ecmpd::hash::lab
