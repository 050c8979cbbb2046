// What every subcommand of ecmplab is: a name, options, and one table as its answer.
//
// To add one: write hash/lab/NAME_command.cc with a class and its make_NAME(), declare that in hash/lab/commands.h and
// put it into the list in hash/lab/commands.cc. The program parses, calls run() once and prints the table as text, JSON
// or CSV. Determinism is the command's: the same options give the same table on every machine and SIMD level
// (integers from hash/random.h, sums in a fixed order, real numbers through rounded() of hash/lab/output.h).
#pragma once

#include <memory>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "control/api/table.h"
#include "hash/lab/options.h"

namespace ecmpd::hash::lab {

enum ExitStatus : int { kFine = 0, kFailed = 1, kUsage = 2 };

struct Failure {
  ExitStatus status = kFailed;
  std::string message;  // place, value and what is allowed; no full stop, no program name
};

/// Something that was asked for wrongly, as against something that went wrong.
inline tl::unexpected<Failure> usage_error(std::string message) {
  return tl::make_unexpected(Failure{kUsage, std::move(message)});
}
inline tl::unexpected<Failure> failure(std::string message) {
  return tl::make_unexpected(Failure{kFailed, std::move(message)});
}

/// What all subcommands share; parsed before run() is called.
struct Common {
  enum class Format : uint8_t { kText, kJson, kCsv };
  Format format = Format::kText;
  uint64_t seed = 1;  // of everything that is drawn; also of the router, unless a command has an option for that
  bool seed_given = false;
  std::string simd = "auto";  // already in force when run() is called
};

class Command {
 public:
  Command() = default;
  Command(const Command&) = delete;
  Command& operator=(const Command&) = delete;
  virtual ~Command() = default;

  virtual std::string name() const = 0;
  /// One line of `ecmplab --help`.
  virtual std::string summary() const = 0;
  /// What --help says behind the options: examples with what they show, and how to read the answer.
  virtual std::string teaching() const = 0;
  /// Binds options to members, which hold the defaults.
  virtual void declare(Options& options) = 0;
  virtual tl::expected<control::api::Table, Failure> run(const Common& common) = 0;
  /// After run(): what a person should know besides the answer, which stands all the same.
  const std::vector<std::string>& warnings() const { return warnings_; }

 protected:
  void warn(std::string text) { warnings_.push_back(std::move(text)); }

 private:
  std::vector<std::string> warnings_;
};

}  // namespace ecmpd::hash::lab
