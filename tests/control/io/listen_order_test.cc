// The keys of a whole range over IPv6 are on the socket before it listens: no connection slips in without one.
//
// listen() and setsockopt() of this program note what they are called with, and pass it on to the kernel.
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstring>
#include <mutex>
#include <utility>

#include "tests/control/io/speaker_fixture.h"

namespace {

std::mutex noting;
std::vector<std::string> notes;

void note(std::string text) {
  const std::lock_guard lock(noting);
  notes.push_back(std::move(text));
}

}  // namespace

extern "C" int listen(int fd, int backlog) noexcept {
  note("listen");
  return static_cast<int>(syscall(SYS_listen, fd, backlog));
}

extern "C" int setsockopt(int fd, int level, int name, const void* value, socklen_t size) noexcept {
  if (level == IPPROTO_TCP && name == TCP_MD5SIG_EXT && size == sizeof(tcp_md5sig)) {
    tcp_md5sig key;
    std::memcpy(&key, value, sizeof key);
    note(fmt::format("{} /{} {}", key.tcpm_addr.ss_family == AF_INET6 ? "IPv6" : "IPv4", key.tcpm_prefixlen,
                     std::string(key.tcpm_key, key.tcpm_key + key.tcpm_keylen)));
  }
  return static_cast<int>(syscall(SYS_setsockopt, fd, level, name, value, size));
}

namespace ecmpd::control {
namespace {

using namespace testing;

TEST_F(SpeakerTest, TheKeysOfARangeOverIpv6AreThereBeforeItIsListenedFor) {
  BgpConfig config = listening();
  config.listen_addresses = {*IpAddress::parse("::1")};
  config.listens[0].range = *Prefix::parse("::/64");
  config.listens[0].policy.password = "range";
  NeighborConfig neighbor;
  neighbor.address = *IpAddress::parse("::7");
  neighbor.remote_as = 64512;
  neighbor.passive = true;
  neighbor.policy.password = "own";
  config.neighbors = {neighbor};
  {
    const std::lock_guard lock(noting);
    notes.clear();
  }
  apply(config);
  {
    const std::lock_guard lock(noting);
    EXPECT_EQ(notes, (std::vector<std::string>{"IPv6 /64 range", "IPv6 /128 own", "listen"}));
  }
  RawPeer peer("::1", port, {.password = "range"});
  establish(peer);
  EXPECT_EQ(sink.next(), "up ::1 as 64512 dynamic");
}

}  // namespace
}  // namespace ecmpd::control
