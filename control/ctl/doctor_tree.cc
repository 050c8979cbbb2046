#include "control/ctl/doctor_tree.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>
#include <iterator>

namespace ecmpd::control::ctl {

bool Tree::exists(const std::string& path) const {
  std::error_code ignored;
  return std::filesystem::exists(root_ / path, ignored);
}

std::string Tree::read(const std::string& path) const {
  std::ifstream file(root_ / path);
  std::string out{std::istreambuf_iterator<char>(file), {}};
  while (out.ends_with('\n')) out.pop_back();
  return out;
}

std::vector<std::string> Tree::lines(const std::string& path) const {
  std::ifstream file(root_ / path);
  std::vector<std::string> out;
  for (std::string line; std::getline(file, line);) out.push_back(line);
  return out;
}

std::optional<uint64_t> Tree::number(const std::string& path) const {
  const std::string text = read(path);
  uint64_t out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(out) : std::nullopt;
}

std::vector<std::string> Tree::list(const std::string& path) const {
  std::error_code ignored;
  std::vector<std::string> out;
  for (const auto& entry : std::filesystem::directory_iterator(root_ / path, ignored)) {
    out.push_back(entry.path().filename());
  }
  std::sort(out.begin(), out.end());
  return out;
}

std::string Tree::link(const std::string& path) const {
  std::error_code ignored;
  return std::filesystem::read_symlink(root_ / path, ignored).filename();
}

std::string Tree::write(const std::string& path, const std::string& text) const {
  // Neither made nor cut: files of the kernel are there, or are not.
  const int file = open((root_ / path).c_str(), O_WRONLY | O_CLOEXEC);
  if (file < 0) return std::strerror(errno);
  const bool written = ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  std::string error = written ? "" : std::strerror(errno);
  close(file);
  return error;
}

}  // namespace ecmpd::control::ctl
