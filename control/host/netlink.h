// What the router asks of its own kernel: interfaces, addresses, neighbor entries.
//
// One request socket, used synchronously (the kernel answers at once), and one socket that receives neighbor events.
// Errors are texts that name the interface or address. Control thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <tl/expected.hpp>

#include "control/config/config.h"

struct mnl_socket;
struct nlmsghdr;

namespace ecmpd::control {

using NetlinkResult = tl::expected<void, std::string>;

/// A neighbor entry as the kernel has it. Addresses have no zone: the interface says where they are.
struct KernelNeighbor {
  unsigned interface = 0;  // index
  IpAddress address;
  uint16_t state = 0;             // NUD_*; 0 when the entry was deleted
  std::optional<MacAddress> mac;  // absent while unresolved
};

class Netlink {
 public:
  using NeighborCallback = std::function<void(const KernelNeighbor&)>;

  static tl::expected<std::unique_ptr<Netlink>, std::string> open();
  ~Netlink();
  Netlink(const Netlink&) = delete;
  Netlink& operator=(const Netlink&) = delete;

  NetlinkResult set_link(unsigned interface, const MacAddress& mac, uint16_t mtu);
  NetlinkResult set_mtu(unsigned interface, uint16_t mtu);
  NetlinkResult set_up(unsigned interface);
  NetlinkResult add_address(unsigned interface, const InterfaceAddress& address);

  /// In `table`: everything of the family (that of `any`) leaves by the interface.
  NetlinkResult add_default_route(unsigned interface, const IpAddress& any, uint32_t table);
  /// Packets from `source` look into `table` when no rule of a lower number has found a route. Without `defaults` a
  /// default route that is found there does not count.
  struct Rule {
    IpAddress source;
    uint32_t priority = 0;
    uint32_t table = 0;
    bool defaults = true;
  };
  NetlinkResult add_rule(const Rule& rule);
  NetlinkResult remove_rule(const Rule& rule);

  /// Starts a resolution: the kernel sends ARP or ND requests unless it knows the answer.
  NetlinkResult resolve(unsigned interface, const IpAddress& address);
  /// Asks a neighbor whose address is known whether it is still there: unicast probes, then the entry fails.
  /// An error when the kernel does not know the address (any more).
  NetlinkResult probe(unsigned interface, const IpAddress& address);

  /// The kernel shall know the neighbor without asking.
  NetlinkResult add_permanent(unsigned interface, const IpAddress& address, const MacAddress& mac);

  /// Drops the kernel's entry, also a permanent one. An error when there is none.
  NetlinkResult forget(unsigned interface, const IpAddress& address);

  /// Readable when neighbor events wait.
  int event_fd() const;
  /// Hands over what waits. False: events were lost (the socket overran), so dump() is due.
  bool read_events(const NeighborCallback& callback);
  /// All entries that there are.
  NetlinkResult dump(const NeighborCallback& callback);

 private:
  Netlink() = default;
  NetlinkResult request(nlmsghdr* message);
  NetlinkResult change_rule(const Rule& rule, uint16_t type, uint16_t flags);
  NetlinkResult change_neighbor(unsigned interface, const IpAddress& address, uint16_t state, uint8_t flags,
                                uint16_t message_flags, const MacAddress* mac = nullptr);

  mnl_socket* requests_ = nullptr;
  mnl_socket* events_ = nullptr;
  uint32_t sequence_ = 1;
};

}  // namespace ecmpd::control
