#include "hash/lab/commands.h"

namespace ecmpd::hash::lab {

std::vector<std::unique_ptr<Command>> all_commands() {
  std::vector<std::unique_ptr<Command>> commands;
  commands.push_back(make_explain());
  commands.push_back(make_follow());
  commands.push_back(make_spread());
  commands.push_back(make_polarize());
  commands.push_back(make_churn());
  commands.push_back(make_predict());
  commands.push_back(make_shares());
  commands.push_back(make_sweep());
  commands.push_back(make_report());
  return commands;
}

}  // namespace ecmpd::hash::lab
