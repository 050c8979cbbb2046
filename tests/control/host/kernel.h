// A kernel of one's own to test against: a network namespace with one twin, and the test as the host behind it.
//
// Needs root. Nothing sleeps: every wait ends with an event, or fails after kPatience.
#pragma once

#include <array>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <span>

#include "control/config/config.h"
#include "control/host/netlink.h"
#include "control/host/tap.h"

namespace ecmpd::control::test {

inline constexpr std::chrono::seconds kPatience{30};

struct Arp {
  bool request = false;
  bool unicast = false;  // the frame, not the question
  IpAddress sender;
  IpAddress target;
};

/// A neighbor solicitation (RFC 4861 section 4.3).
struct Solicitation {
  bool unicast = false;  // the frame
  IpAddress sender;
  IpAddress target;
};

class Kernel {
 public:
  /// Moves this thread to a namespace of its own (once), and makes a twin "t-x" with 10.9.0.1/24 and fd09::1/64 there.
  Kernel();

  Netlink& netlink() { return *netlink_; }
  Tap& twin() { return *twin_; }

  /// The next ARP message that the kernel sends. `meanwhile` is called whenever neighbor events wait.
  std::optional<Arp> next_arp(const std::function<void()>& meanwhile);
  /// The next solicitation, likewise.
  std::optional<Solicitation> next_solicitation(const std::function<void()>& meanwhile);
  /// Waits for neighbor events and calls `read`, until `done`. False: patience has run out.
  bool until(const std::function<void()>& read, const std::function<bool()>& done);
  void send_arp(bool request, const MacAddress& mac, const IpAddress& sender, const IpAddress& target);
  /// A solicited advertisement: `target` is at `mac`.
  void send_advertisement(const MacAddress& mac, const IpAddress& target, const IpAddress& to);

 private:
  template <typename Message>
  std::optional<Message> next(std::optional<Message> (*parse)(std::span<const uint8_t>),
                              const std::function<void()>& meanwhile);
  std::unique_ptr<Netlink> netlink_;
  std::unique_ptr<Tap> twin_;
};

inline const MacAddress kTwinMac{{0x02, 0, 0, 0, 9, 1}};
inline const IpAddress kTwinAddress = IpAddress::v4(0x0a090001);
inline const IpAddress kTwinAddress6 = *IpAddress::parse("fd09::1");
inline const IpAddress kTwinLinkLocal = *IpAddress::parse("fe80::ff:fe00:901");

}  // namespace ecmpd::control::test
