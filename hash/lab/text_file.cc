#include "hash/lab/text_file.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

namespace ecmpd::hash::lab {

tl::expected<std::string, std::string> read_text_file(const std::string& path) {
  constexpr size_t kMost = size_t{16} << 20;
  const auto close = [](std::FILE* file) {
    if (file != stdin) std::fclose(file);
  };
  const std::unique_ptr<std::FILE, decltype(close)> file(path == "-" ? stdin : std::fopen(path.c_str(), "re"), close);
  if (!file) return tl::make_unexpected(path + ": " + std::strerror(errno));
  std::string text;
  char buffer[65536];
  while (const size_t count = std::fread(buffer, 1, sizeof buffer, file.get())) {
    text.append(buffer, count);
    if (text.size() > kMost) return tl::make_unexpected(path + ": larger than 16 MiB");
  }
  if (std::ferror(file.get())) return tl::make_unexpected(path + ": " + std::strerror(errno));
  return text;
}

tl::expected<void, std::string> check_writable(const std::string& path) {
  std::FILE* file = std::fopen(path.c_str(), "ae");
  if (file == nullptr) return tl::make_unexpected(path + ": " + std::strerror(errno));
  std::fclose(file);
  return {};
}

}  // namespace ecmpd::hash::lab
