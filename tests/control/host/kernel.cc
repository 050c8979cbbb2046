#include "tests/control/host/kernel.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sched.h>

#include <cerrno>
#include <cstring>

#include "control/host/twin.h"

namespace ecmpd::control::test {

namespace {

constexpr size_t kArpFrame = 42;

IpAddress address_at(const uint8_t* bytes) {
  return IpAddress::v4(uint32_t{bytes[0]} << 24 | uint32_t{bytes[1]} << 16 | uint32_t{bytes[2]} << 8 | bytes[3]);
}

std::optional<Arp> parse_arp(std::span<const uint8_t> frame) {
  if (frame.size() < kArpFrame || frame[12] != 8 || frame[13] != 6) return std::nullopt;
  return Arp{.request = frame[21] == 1,
             .unicast = (frame[0] & 1) == 0,
             .sender = address_at(&frame[28]),
             .target = address_at(&frame[38])};
}

}  // namespace

Kernel::Kernel() {
  static const bool own = unshare(CLONE_NEWNET) == 0;
  EXPECT_TRUE(own) << "a network namespace needs root: " << std::strerror(errno);
  netlink_ = std::move(*Netlink::open());
  PortConfig port;
  port.name = "x";
  port.addresses = {{kTwinAddress, 24}};
  auto twin = create_twin(*netlink_, port, 0, kTwinMac);
  EXPECT_TRUE(twin) << twin.error();
  twin_ = std::move(*twin);
}

std::optional<Arp> Kernel::next_arp(const std::function<void()>& meanwhile) {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  std::array<uint8_t, 2048> frame;
  while (std::chrono::steady_clock::now() < deadline) {
    while (const size_t length = twin_->read(frame)) {
      if (const auto arp = parse_arp({frame.data(), length})) return arp;
    }
    pollfd waits[] = {{twin_->fd(), POLLIN, 0}, {netlink_->event_fd(), POLLIN, 0}};
    poll(waits, 2, 1000);
    if (waits[1].revents != 0) meanwhile();
  }
  return std::nullopt;
}

bool Kernel::until(const std::function<void()>& read, const std::function<bool()>& done) {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (!done()) {
    if (std::chrono::steady_clock::now() >= deadline) return false;
    pollfd wait{netlink_->event_fd(), POLLIN, 0};
    if (poll(&wait, 1, 1000) > 0) read();
  }
  return true;
}

void Kernel::send_arp(bool request, const MacAddress& mac, const IpAddress& sender, const IpAddress& target) {
  std::array<uint8_t, kArpFrame> frame{};
  const std::array<uint8_t, 8> fixed{8, 6, 0, 1, 8, 0, 6, 4};
  std::memcpy(&frame[0], kTwinMac.bytes.data(), 6);
  std::memcpy(&frame[6], mac.bytes.data(), 6);
  std::memcpy(&frame[12], fixed.data(), fixed.size());
  frame[21] = request ? 1 : 2;
  std::memcpy(&frame[22], mac.bytes.data(), 6);
  std::memcpy(&frame[28], sender.bytes(), 4);
  if (!request) std::memcpy(&frame[32], mac.bytes.data(), 6);
  std::memcpy(&frame[38], target.bytes(), 4);
  EXPECT_TRUE(twin_->write(frame));
}

}  // namespace ecmpd::control::test
