#include "control/nexthop/atomic_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

namespace ecmpd::control {

namespace {

tl::unexpected<std::string> failed(const std::string& path, const char* what) {
  return tl::unexpected(path + ": cannot " + what + ": " + std::system_category().message(errno));
}

/// Closed when it goes.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

bool write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    text.remove_prefix(static_cast<size_t>(written));
  }
  return true;
}

}  // namespace

tl::expected<void, std::string> write_file_atomically(const std::string& path, std::string_view text) {
  const std::filesystem::path parent = std::filesystem::path(path).parent_path();
  std::error_code error;
  if (!parent.empty()) std::filesystem::create_directories(parent, error);
  if (error) return tl::unexpected(parent.string() + ": cannot create: " + error.message());
  const std::string temporary = path + ".new";
  const Descriptor file(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
  if (file.get() < 0) return failed(temporary, "open");
  if (!write_all(file.get(), text) || ::fsync(file.get()) != 0) {
    const auto result = failed(temporary, "write");
    ::unlink(temporary.c_str());
    return result;
  }
  if (::rename(temporary.c_str(), path.c_str()) != 0) {
    const auto result = failed(path, "replace");
    ::unlink(temporary.c_str());
    return result;
  }
  return {};
}

tl::expected<std::optional<std::string>, std::string> read_whole_file(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0 && errno == ENOENT) return std::optional<std::string>();
  if (file.get() < 0) return failed(path, "open");
  std::string text;
  std::array<char, 65536> block;
  for (;;) {
    const ssize_t count = ::read(file.get(), block.data(), block.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return failed(path, "read");
    if (count == 0) return std::optional(std::move(text));
    text.append(block.data(), static_cast<size_t>(count));
  }
}

}  // namespace ecmpd::control
