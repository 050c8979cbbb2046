#include "control/api/unix_socket.h"

#include <fmt/core.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <optional>
#include <utility>

namespace ecmpd::control::api {
namespace {

constexpr int kBacklog = 128;
constexpr mode_t kMode = 0660;

std::optional<sockaddr_un> address_of(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof address.sun_path) return std::nullopt;
  std::memcpy(address.sun_path, path.data(), path.size());
  return address;
}

/// "" when the way is free; otherwise why it is not.
std::string clear_the_way(const std::string& path) {
  struct stat found {};
  if (lstat(path.c_str(), &found) != 0) return "";  // bind() will say what else is wrong
  if (!S_ISSOCK(found.st_mode)) return fmt::format("{} exists and is not a socket", path);
  const int error = probe_unix_socket(path);
  if (error == 0) return fmt::format("{} is in use: is another ecmpd running?", path);
  if (error != ECONNREFUSED) return fmt::format("{}: {}", path, std::strerror(error));
  if (unlink(path.c_str()) != 0) return fmt::format("cannot replace {}: {}", path, std::strerror(errno));
  return "";
}

}  // namespace

int probe_unix_socket(const std::string& path) {
  const auto address = address_of(path);
  if (!address) return ENAMETOOLONG;
  const int probe = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (probe < 0) return errno;
  const int result = connect(probe, reinterpret_cast<const sockaddr*>(&*address), sizeof *address);
  const int error = result == 0 ? 0 : errno;
  close(probe);
  return error;
}

tl::expected<UnixListener, std::string> UnixListener::open(const std::string& path) {
  const auto address = address_of(path);
  if (!address) {
    return tl::unexpected(fmt::format("\"{}\" is not a socket path; allowed: 1 to {} characters", path,
                                      sizeof(sockaddr_un::sun_path) - 1));
  }
  if (std::string why = clear_the_way(path); !why.empty()) return tl::unexpected(std::move(why));
  const int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (listener < 0) return tl::unexpected(fmt::format("cannot make a UNIX socket: {}", std::strerror(errno)));
  const auto fail = [&] {
    auto error = fmt::format("cannot listen on {}: {}", path, std::strerror(errno));
    close(listener);
    return tl::unexpected(std::move(error));
  };
  // The file takes the socket's own mode less the umask, so it is never more open than this; chmod then undoes
  // the umask.
  if (fchmod(listener, kMode) != 0) return fail();
  if (bind(listener, reinterpret_cast<const sockaddr*>(&*address), sizeof *address) != 0) return fail();
  UnixListener out(path, listener);
  struct stat made {};
  const bool ready =
      chmod(path.c_str(), kMode) == 0 && stat(path.c_str(), &made) == 0 && listen(listener, kBacklog) == 0;
  out.device_ = made.st_dev;
  out.inode_ = made.st_ino;
  if (!ready) return tl::unexpected(fmt::format("cannot listen on {}: {}", path, std::strerror(errno)));
  return out;
}

UnixListener::UnixListener(UnixListener&& other) noexcept { *this = std::move(other); }

UnixListener& UnixListener::operator=(UnixListener&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(socket_, other.socket_);
  std::swap(device_, other.device_);
  std::swap(inode_, other.inode_);
  return *this;
}

UnixListener::~UnixListener() {
  // The file goes first: while the socket is open its inode number is not given to another file.
  struct stat found {};
  const bool ours =
      !path_.empty() && lstat(path_.c_str(), &found) == 0 && found.st_dev == device_ && found.st_ino == inode_;
  if (ours) unlink(path_.c_str());
  if (socket_ >= 0) close(socket_);
}

int UnixListener::release() { return std::exchange(socket_, -1); }

}  // namespace ecmpd::control::api
