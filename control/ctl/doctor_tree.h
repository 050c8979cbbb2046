// The machine as its files tell: /proc, /sys, /dev, /run and /lib/modules, below a root that a test may choose.
//
// Paths are without a leading slash. What cannot be read is empty.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace ecmpd::control::ctl {

class Tree {
 public:
  explicit Tree(std::filesystem::path root) : root_(std::move(root)) {}

  std::filesystem::path path(const std::string& path) const { return root_ / path; }
  bool exists(const std::string& path) const;
  /// Without the end of the last line.
  std::string read(const std::string& path) const;
  std::vector<std::string> lines(const std::string& path) const;
  std::optional<uint64_t> number(const std::string& path) const;
  /// Names in a directory, sorted.
  std::vector<std::string> list(const std::string& path) const;
  /// The last part of what a symbolic link leads to.
  std::string link(const std::string& path) const;
  /// The error, empty if there is none.
  std::string write(const std::string& path, const std::string& text) const;

 private:
  std::filesystem::path root_;
};

}  // namespace ecmpd::control::ctl
