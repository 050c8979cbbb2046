#include "dataplane/af_packet_fanout.h"

#include <dlfcn.h>
#include <linux/if_packet.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstring>

extern "C" int setsockopt(int fd, int level, int option, const void* value, socklen_t length) noexcept {
  int fanout = 0;
  if (level == SOL_PACKET && option == PACKET_FANOUT && length == sizeof fanout) {
    std::memcpy(&fanout, value, sizeof fanout);
    // The upper half is type and flags.
    fanout &= ~((PACKET_FANOUT_FLAG_DEFRAG | PACKET_FANOUT_FLAG_ROLLOVER) << 16);
    value = &fanout;
  }
  return static_cast<int>(syscall(SYS_setsockopt, fd, level, option, value, length));
}

namespace ecmpd::dataplane {

bool fanout_override_works() { return dlsym(RTLD_DEFAULT, "setsockopt") == reinterpret_cast<void*>(&::setsockopt); }

}  // namespace ecmpd::dataplane
