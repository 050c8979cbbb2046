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
constexpr size_t kOption = 8;                               // with a MAC address
constexpr size_t kDiscoveryFrame = 14 + 40 + 24 + kOption;  // Ethernet, IPv6, solicitation or advertisement

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

std::optional<Solicitation> parse_solicitation(std::span<const uint8_t> frame) {
  if (frame.size() < kDiscoveryFrame - kOption || frame[12] != 0x86 || frame[13] != 0xdd || frame[20] != 58) return {};
  if (frame[54] != 135) return std::nullopt;
  return Solicitation{
      .unicast = (frame[0] & 1) == 0, .sender = IpAddress::v6(&frame[22]), .target = IpAddress::v6(&frame[62])};
}

/// RFC 4443 section 2.3, over the pseudo-header.
uint16_t icmp6_checksum(std::span<const uint8_t> ip) {
  uint32_t sum = 58 + static_cast<uint32_t>(ip.size() - 40);
  for (size_t i = 8; i + 1 < ip.size(); i += 2) sum += static_cast<uint32_t>(ip[i] << 8 | ip[i + 1]);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<uint16_t>(~sum);
}

}  // namespace

Kernel::Kernel() {
  static const bool own = unshare(CLONE_NEWNET) == 0;
  EXPECT_TRUE(own) << "a network namespace needs root: " << std::strerror(errno);
  netlink_ = std::move(*Netlink::open());
  PortConfig port;
  port.name = "x";
  port.addresses = {{kTwinAddress, 24}, {kTwinAddress6, 64}};
  auto twin = create_twin(*netlink_, port, 0, kTwinMac);
  EXPECT_TRUE(twin) << twin.error();
  twin_ = std::move(*twin);
}

template <typename Message>
std::optional<Message> Kernel::next(std::optional<Message> (*parse)(std::span<const uint8_t>),
                                    const std::function<void()>& meanwhile) {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  std::array<uint8_t, 2048> frame;
  while (std::chrono::steady_clock::now() < deadline) {
    while (const size_t length = twin_->read(frame)) {
      if (const auto message = parse({frame.data(), length})) return message;
    }
    pollfd waits[] = {{twin_->fd(), POLLIN, 0}, {netlink_->event_fd(), POLLIN, 0}};
    poll(waits, 2, 1000);
    if (waits[1].revents != 0) meanwhile();
  }
  return std::nullopt;
}

std::optional<Arp> Kernel::next_arp(const std::function<void()>& meanwhile) { return next(parse_arp, meanwhile); }

std::optional<Solicitation> Kernel::next_solicitation(const std::function<void()>& meanwhile) {
  return next(parse_solicitation, meanwhile);
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

void Kernel::send_advertisement(const MacAddress& mac, const IpAddress& target, const IpAddress& to) {
  std::array<uint8_t, kDiscoveryFrame> frame{};
  std::memcpy(&frame[0], kTwinMac.bytes.data(), 6);
  std::memcpy(&frame[6], mac.bytes.data(), 6);
  const std::array<uint8_t, 10> fixed{0x86, 0xdd, 0x60, 0, 0, 0, 0, kDiscoveryFrame - 54, 58, 255};
  std::memcpy(&frame[12], fixed.data(), fixed.size());
  std::memcpy(&frame[22], target.bytes(), 16);
  std::memcpy(&frame[38], to.bytes(), 16);
  frame[54] = 136;
  frame[58] = 0x60;  // solicited, override
  std::memcpy(&frame[62], target.bytes(), 16);
  frame[78] = 2;  // target link-layer address,
  frame[79] = 1;  // in units of 8 bytes
  std::memcpy(&frame[80], mac.bytes.data(), 6);
  const uint16_t sum = icmp6_checksum(std::span(frame).subspan(14));
  frame[56] = static_cast<uint8_t>(sum >> 8);
  frame[57] = static_cast<uint8_t>(sum);
  EXPECT_TRUE(twin_->write(frame));
}

}  // namespace ecmpd::control::test
