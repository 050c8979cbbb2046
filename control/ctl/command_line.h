// ecmpctl's command line: from words to the question for the daemon, or to help and usage errors.
#pragma once

#include <map>
#include <string>
#include <variant>
#include <vector>

namespace ecmpd::control::ctl {

enum ExitStatus : int { kFine = 0, kFailed = 1, kUsage = 2, kNoDaemon = 3, kNotFound = 4 };

struct Question {
  std::string socket = "/run/ecmpd.sock";
  bool json = false;
  std::string path;  // empty: not for the daemon, but for the doctor
  std::map<std::string, std::string> parameters;
  /// The answer comes bit by bit, until the daemon has no more to say or somebody is tired of it (stream.h).
  bool streamed = false;
  std::string file{};  // where to write it; empty: print
};

/// Nothing to ask: help was wanted, or the command line is wrong.
struct Ended {
  ExitStatus status = kFine;
  std::string output;  // for stdout
  std::string error;   // for stderr
};

/// `arguments` without the program's name.
std::variant<Question, Ended> parse_command_line(std::vector<std::string> arguments);

}  // namespace ecmpd::control::ctl
