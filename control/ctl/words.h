// The words of a command line before the option parser sees them: unique prefixes become whole words ("sh ro" is
// "show routes"), and a trailing "json" is --json, as users of FRR type it. Pure functions.
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <vector>

namespace ecmpd::control::ctl {

/// A command and what may follow it.
struct Word {
  std::vector<std::string> names;  // the name itself first, then its aliases
  std::vector<Word> next;
};

/// `arguments` without the program's name, with whole words; or one line that says which word is unknown, ambiguous or
/// missing, and what is allowed there. `valued` are the options whose value is the next argument; words that miss are
/// no error when one of `helping` is there.
tl::expected<std::vector<std::string>, std::string> expand_words(const std::vector<Word>& commands,
                                                                 const std::vector<std::string>& valued,
                                                                 const std::vector<std::string>& helping,
                                                                 std::vector<std::string> arguments);

}  // namespace ecmpd::control::ctl
