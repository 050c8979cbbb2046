#include "control/ctl/words.h"

#include <algorithm>

namespace ecmpd::control::ctl {
namespace {

/// The commands that `text` names: one in full, or all that begin with it.
std::vector<const Word*> matches(const std::vector<Word>& commands, const std::string& text) {
  std::vector<const Word*> found;
  for (const Word& command : commands) {
    const auto begins = [&](const std::string& name) { return name.starts_with(text); };
    if (std::find(command.names.begin(), command.names.end(), text) != command.names.end()) return {&command};
    if (std::any_of(command.names.begin(), command.names.end(), begins)) found.push_back(&command);
  }
  return found;
}

std::string names(const std::vector<const Word*>& commands) {
  std::string out;
  for (const Word* command : commands) out += (out.empty() ? "" : ", ") + command->names.front();
  return out;
}

std::string names(const std::vector<Word>& commands) { return names(matches(commands, "")); }

bool contains(const std::vector<std::string>& list, const std::string& text) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

}  // namespace

tl::expected<std::vector<std::string>, std::string> expand_words(const std::vector<Word>& commands,
                                                                 const std::vector<std::string>& valued,
                                                                 const std::vector<std::string>& helping,
                                                                 std::vector<std::string> arguments) {
  const std::vector<Word>* level = &commands;
  std::string so_far;
  bool help = false;
  for (size_t i = 0; i < arguments.size(); ++i) {
    std::string& argument = arguments[i];
    help = help || contains(helping, argument);
    if (contains(valued, argument)) {
      ++i;
      continue;
    }
    if (argument.starts_with('-')) continue;
    const bool last = i + 1 == arguments.size();
    if (last && argument == "json" && !so_far.empty()) {
      argument = "--json";
      continue;
    }
    if (level->empty()) continue;  // a value of the command
    const auto found = matches(*level, argument);
    if (found.empty()) return tl::unexpected("unknown command \"" + argument + "\"; one of: " + names(*level));
    if (found.size() > 1) return tl::unexpected("\"" + argument + "\" may be any of: " + names(found));
    argument = found.front()->names.front();
    so_far += (so_far.empty() ? "" : " ") + argument;
    level = &found.front()->next;
  }
  if (level->empty() || help) return arguments;
  return tl::unexpected((so_far.empty() ? "a command is missing; one of: " : so_far + " what? One of: ") +
                        names(*level));
}

}  // namespace ecmpd::control::ctl
