#include "control/host/tap.h"

#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace ecmpd::control {

tl::expected<std::unique_ptr<Tap>, std::string> Tap::open(const std::string& name, Kind kind) {
  std::unique_ptr<Tap> tap(new Tap);
  tap->fd_ = ::open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
  if (tap->fd_ < 0) return tl::unexpected(std::string("/dev/net/tun: ") + std::strerror(errno));
  ifreq request{};
  request.ifr_flags = static_cast<short>((kind == Kind::kTap ? IFF_TAP : IFF_TUN) | IFF_NO_PI | IFF_TUN_EXCL);
  std::strncpy(request.ifr_name, name.c_str(), IFNAMSIZ - 1);
  if (ioctl(tap->fd_, TUNSETIFF, &request) < 0) {
    return tl::unexpected("TAP interface " + name + ": " + std::strerror(errno));
  }
  tap->name_ = request.ifr_name;
  tap->interface_ = if_nametoindex(request.ifr_name);
  return tap;
}

Tap::~Tap() {
  if (fd_ >= 0) close(fd_);
}

size_t Tap::read(std::span<uint8_t> frame) {
  const ssize_t got = ::read(fd_, frame.data(), frame.size());
  return got > 0 ? static_cast<size_t>(got) : 0;
}

bool Tap::write(std::span<const uint8_t> frame) {
  return ::write(fd_, frame.data(), frame.size()) == static_cast<ssize_t>(frame.size());
}

}  // namespace ecmpd::control
