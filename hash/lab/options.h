// A subcommand's options: names, targets, bounds and help, over CLI11, which only options.cc and command_line.cc know.
//
// A name that begins with a dash is an option ("--members", "-n,--members"), one that does not is a positional. Targets
// hold the default, which the help shows, and must outlive the parsing. A value out of bounds or not among the allowed
// is a usage error that names option, value and what is allowed. Main thread.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace ecmpd::hash::lab {

struct Range {
  uint64_t least = 0;
  uint64_t most = UINT64_MAX;
};

/// One declared option, for what is said about it besides its value.
class Declared {
 public:
  explicit Declared(CLI::Option* option) : option_(option) {}
  Declared& required();
  Declared& excludes(const Declared& other);
  Declared& needs(const Declared& other);

 private:
  CLI::Option* option_;
};

class Options {
 public:
  explicit Options(CLI::App& app) : app_(app) {}

  Declared flag(const std::string& name, bool& target, const std::string& help);
  /// Decimal, or hexadecimal after 0x.
  Declared number(const std::string& name, uint64_t& target, Range range, const std::string& help);
  Declared number(const std::string& name, uint32_t& target, Range range, const std::string& help);
  Declared number(const std::string& name, std::optional<uint32_t>& target, Range range, const std::string& help);
  /// "4,4" or several words.
  Declared numbers(const std::string& name, std::vector<uint32_t>& target, Range range, const std::string& help);
  /// `label` stands for the value in the help: "FILE".
  Declared text(const std::string& name, std::string& target, const std::string& label, const std::string& help);
  Declared choice(const std::string& name, std::string& target, const std::vector<std::string>& allowed,
                  const std::string& help);
  /// "xxh32,crc32c" or several words; each one of `allowed`, unless that is empty.
  Declared choices(const std::string& name, std::vector<std::string>& target, const std::vector<std::string>& allowed,
                   const std::string& help);
  /// Anything else: `parse` stores the value, or returns what is wrong with it.
  Declared value(const std::string& name, const std::string& label, const std::string& fallback,
                 std::function<std::optional<std::string>(const std::string&)> parse, const std::string& help);

 private:
  CLI::App& app_;
};

}  // namespace ecmpd::hash::lab
