// ecmpbench's command line: from words to what is to be measured, or to help and usage errors. Main thread.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "bench/ecmpbench/forward.h"
#include "bench/ecmpbench/plan.h"

namespace ecmpd::bench {

enum ExitStatus : int { kFine = 0, kFailed = 1, kUsage = 2 };
enum class Format : uint8_t { kText, kJson, kCsv };

struct ForwardCommand {
  std::vector<Case> cases;              // every combination of the lists, at least one
  std::vector<unsigned> workers = {1};  // each case with so many
  std::vector<unsigned> cpus;           // worker i runs on the i-th; as many as the most workers
  double seconds = 3;
  bool stages = false;
  unsigned rounds = 1;
  Format format = Format::kText;
};

/// Nothing to run: help was wanted, or the command line is wrong.
struct Ended {
  ExitStatus status = kFine;
  std::string output;  // for stdout
  std::string error;   // for stderr
};

/// `words` without the program's name.
std::variant<ForwardCommand, Ended> parse_arguments(std::vector<std::string> words);

}  // namespace ecmpd::bench
