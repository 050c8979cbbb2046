#include "hash/lab/commands.h"

namespace ecmpd::hash::lab {

std::vector<std::unique_ptr<Command>> all_commands() {
  std::vector<std::unique_ptr<Command>> commands;
  commands.push_back(make_spread());
  return commands;
}

}  // namespace ecmpd::hash::lab
