#include "control/host/netlink.h"

#include <libmnl/libmnl.h>
#include <linux/fib_rules.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <net/if.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <vector>

namespace ecmpd::control {

namespace {

using Buffer = std::array<char, 8192>;

std::string error_text(const char* what) { return std::string(what) + ": " + std::strerror(errno); }

uint8_t kernel_family(const IpAddress& address) { return address.is_v4() ? AF_INET : AF_INET6; }

nlmsghdr* begin(Buffer& buffer, uint16_t type, uint16_t flags) {
  nlmsghdr* message = mnl_nlmsg_put_header(buffer.data());
  message->nlmsg_type = type;
  message->nlmsg_flags = static_cast<uint16_t>(NLM_F_REQUEST | flags);
  return message;
}

std::string interface_name(unsigned index) {
  char name[IF_NAMESIZE];
  return if_indextoname(index, name) != nullptr ? name : "#" + std::to_string(index);
}

/// Which entry a message is about.
ndmsg* put_neighbor(nlmsghdr* message, unsigned interface, const IpAddress& address) {
  auto* header = static_cast<ndmsg*>(mnl_nlmsg_put_extra_header(message, sizeof(ndmsg)));
  header->ndm_family = kernel_family(address);
  header->ndm_ifindex = static_cast<int>(interface);
  mnl_attr_put(message, NDA_DST, address.size(), address.bytes());
  return header;
}

struct Attributes {
  const nlattr* destination = nullptr;
  const nlattr* mac = nullptr;
};

int collect_attribute(const nlattr* attribute, void* data) {
  auto* out = static_cast<Attributes*>(data);
  if (mnl_attr_get_type(attribute) == NDA_DST) out->destination = attribute;
  if (mnl_attr_get_type(attribute) == NDA_LLADDR) out->mac = attribute;
  return MNL_CB_OK;
}

int neighbor_message(const nlmsghdr* message, void* data) {
  if (message->nlmsg_type != RTM_NEWNEIGH && message->nlmsg_type != RTM_DELNEIGH) return MNL_CB_OK;
  const auto* header = static_cast<const ndmsg*>(mnl_nlmsg_get_payload(message));
  if (header->ndm_family != AF_INET && header->ndm_family != AF_INET6) return MNL_CB_OK;
  Attributes attributes;
  mnl_attr_parse(message, sizeof *header, collect_attribute, &attributes);
  if (attributes.destination == nullptr) return MNL_CB_OK;
  const auto* bytes = static_cast<const uint8_t*>(mnl_attr_get_payload(attributes.destination));
  KernelNeighbor neighbor;
  neighbor.interface = static_cast<unsigned>(header->ndm_ifindex);
  if (header->ndm_family == AF_INET) {
    neighbor.address =
        IpAddress::v4(uint32_t{bytes[0]} << 24 | uint32_t{bytes[1]} << 16 | uint32_t{bytes[2]} << 8 | bytes[3]);
  } else {
    neighbor.address = IpAddress::v6(bytes);
  }
  neighbor.state = message->nlmsg_type == RTM_DELNEIGH ? uint16_t{0} : header->ndm_state;
  if (attributes.mac != nullptr && mnl_attr_get_payload_len(attributes.mac) == 6) {
    neighbor.mac.emplace();
    std::memcpy(neighbor.mac->bytes.data(), mnl_attr_get_payload(attributes.mac), 6);
  }
  (*static_cast<const Netlink::NeighborCallback*>(data))(neighbor);
  return MNL_CB_OK;
}

}  // namespace

tl::expected<std::unique_ptr<Netlink>, std::string> Netlink::open() {
  std::unique_ptr<Netlink> out(new Netlink);
  out->requests_ = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
  out->events_ = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (out->requests_ == nullptr || out->events_ == nullptr) return tl::unexpected(error_text("netlink socket"));
  if (mnl_socket_bind(out->requests_, 0, MNL_SOCKET_AUTOPID) < 0 ||
      mnl_socket_bind(out->events_, RTMGRP_NEIGH, MNL_SOCKET_AUTOPID) < 0) {
    return tl::unexpected(error_text("netlink bind"));
  }
  return out;
}

Netlink::~Netlink() {
  if (requests_ != nullptr) mnl_socket_close(requests_);
  if (events_ != nullptr) mnl_socket_close(events_);
}

int Netlink::event_fd() const { return mnl_socket_get_fd(events_); }

NetlinkResult Netlink::request(nlmsghdr* message) {
  message->nlmsg_flags |= NLM_F_ACK;
  message->nlmsg_seq = ++sequence_;
  if (mnl_socket_sendto(requests_, message, message->nlmsg_len) < 0) return tl::unexpected(error_text("netlink send"));
  Buffer buffer;
  const ssize_t got = mnl_socket_recvfrom(requests_, buffer.data(), buffer.size());
  if (got < 0) return tl::unexpected(error_text("netlink receive"));
  if (mnl_cb_run(buffer.data(), static_cast<size_t>(got), sequence_, mnl_socket_get_portid(requests_), nullptr,
                 nullptr) < 0) {
    return tl::unexpected(std::string(std::strerror(errno)));
  }
  return {};
}

NetlinkResult Netlink::set_link(unsigned interface, const MacAddress& mac, uint16_t mtu) {
  Buffer buffer;
  nlmsghdr* message = begin(buffer, RTM_NEWLINK, 0);
  auto* link = static_cast<ifinfomsg*>(mnl_nlmsg_put_extra_header(message, sizeof(ifinfomsg)));
  link->ifi_family = AF_UNSPEC;
  link->ifi_index = static_cast<int>(interface);
  mnl_attr_put(message, IFLA_ADDRESS, mac.bytes.size(), mac.bytes.data());
  mnl_attr_put_u32(message, IFLA_MTU, mtu);
  return request(message).map_error(
      [&](const std::string& why) { return interface_name(interface) + ": cannot set MAC address and MTU: " + why; });
}

NetlinkResult Netlink::set_mtu(unsigned interface, uint16_t mtu) {
  Buffer buffer;
  nlmsghdr* message = begin(buffer, RTM_NEWLINK, 0);
  auto* link = static_cast<ifinfomsg*>(mnl_nlmsg_put_extra_header(message, sizeof(ifinfomsg)));
  link->ifi_family = AF_UNSPEC;
  link->ifi_index = static_cast<int>(interface);
  mnl_attr_put_u32(message, IFLA_MTU, mtu);
  return request(message).map_error(
      [&](const std::string& why) { return interface_name(interface) + ": cannot set the MTU: " + why; });
}

NetlinkResult Netlink::set_up(unsigned interface) {
  Buffer buffer;
  nlmsghdr* message = begin(buffer, RTM_NEWLINK, 0);
  auto* link = static_cast<ifinfomsg*>(mnl_nlmsg_put_extra_header(message, sizeof(ifinfomsg)));
  link->ifi_family = AF_UNSPEC;
  link->ifi_index = static_cast<int>(interface);
  link->ifi_flags = IFF_UP;
  link->ifi_change = IFF_UP;
  return request(message).map_error(
      [&](const std::string& why) { return interface_name(interface) + ": cannot set up: " + why; });
}

NetlinkResult Netlink::add_address(unsigned interface, const InterfaceAddress& address) {
  Buffer buffer;
  nlmsghdr* message = begin(buffer, RTM_NEWADDR, NLM_F_CREATE | NLM_F_REPLACE);
  auto* header = static_cast<ifaddrmsg*>(mnl_nlmsg_put_extra_header(message, sizeof(ifaddrmsg)));
  header->ifa_family = kernel_family(address.address);
  header->ifa_prefixlen = address.prefix_length;
  header->ifa_flags = address.address.is_v4() ? 0 : IFA_F_NODAD;
  header->ifa_index = interface;
  mnl_attr_put(message, IFA_LOCAL, address.address.size(), address.address.bytes());
  mnl_attr_put(message, IFA_ADDRESS, address.address.size(), address.address.bytes());
  return request(message).map_error([&](const std::string& why) {
    return interface_name(interface) + ": cannot add address " + address.address.to_string() + ": " + why;
  });
}

NetlinkResult Netlink::add_default_route(unsigned interface, const IpAddress& any, uint32_t table) {
  Buffer buffer;
  nlmsghdr* message = begin(buffer, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE);
  auto* route = static_cast<rtmsg*>(mnl_nlmsg_put_extra_header(message, sizeof(rtmsg)));
  route->rtm_family = kernel_family(any);
  route->rtm_protocol = RTPROT_STATIC;
  route->rtm_scope = RT_SCOPE_LINK;
  route->rtm_type = RTN_UNICAST;
  mnl_attr_put_u32(message, RTA_TABLE, table);
  mnl_attr_put_u32(message, RTA_OIF, interface);
  return request(message).map_error(
      [&](const std::string& why) { return interface_name(interface) + ": cannot add a default route: " + why; });
}

NetlinkResult Netlink::change_rule(const Rule& rule, uint16_t type, uint16_t flags) {
  Buffer buffer;
  nlmsghdr* message = begin(buffer, type, flags);
  auto* header = static_cast<fib_rule_hdr*>(mnl_nlmsg_put_extra_header(message, sizeof(fib_rule_hdr)));
  header->family = kernel_family(rule.source);
  header->src_len = rule.source.bits();
  header->action = FR_ACT_TO_TBL;
  mnl_attr_put(message, FRA_SRC, rule.source.size(), rule.source.bytes());
  mnl_attr_put_u32(message, FRA_PRIORITY, rule.priority);
  mnl_attr_put_u32(message, FRA_TABLE, rule.table);
  if (!rule.defaults) mnl_attr_put_u32(message, FRA_SUPPRESS_PREFIXLEN, 0);
  return request(message).map_error(
      [&](const std::string& why) { return "routing rule for packets from " + rule.source.to_string() + ": " + why; });
}

NetlinkResult Netlink::add_rule(const Rule& rule) { return change_rule(rule, RTM_NEWRULE, NLM_F_CREATE | NLM_F_EXCL); }
NetlinkResult Netlink::remove_rule(const Rule& rule) { return change_rule(rule, RTM_DELRULE, 0); }

NetlinkResult Netlink::change_neighbor(unsigned interface, const IpAddress& address, uint16_t state, uint8_t flags,
                                       uint16_t message_flags, const MacAddress* mac) {
  Buffer buffer;
  nlmsghdr* message = begin(buffer, RTM_NEWNEIGH, message_flags);
  ndmsg* header = put_neighbor(message, interface, address);
  header->ndm_state = state;
  header->ndm_flags = flags;
  if (mac != nullptr) mnl_attr_put(message, NDA_LLADDR, mac->bytes.size(), mac->bytes.data());
  return request(message).map_error([&](const std::string& why) {
    return interface_name(interface) + (mac != nullptr ? ": cannot set neighbor " : ": cannot ask for neighbor ") +
           address.to_string() + ": " + why;
  });
}

NetlinkResult Netlink::resolve(unsigned interface, const IpAddress& address) {
  return change_neighbor(interface, address, NUD_NONE, NTF_USE, NLM_F_CREATE | NLM_F_REPLACE);
}

NetlinkResult Netlink::probe(unsigned interface, const IpAddress& address) {
  return change_neighbor(interface, address, NUD_PROBE, 0, NLM_F_REPLACE);
}

NetlinkResult Netlink::add_permanent(unsigned interface, const IpAddress& address, const MacAddress& mac) {
  return change_neighbor(interface, address, NUD_PERMANENT, 0, NLM_F_CREATE | NLM_F_REPLACE, &mac);
}

NetlinkResult Netlink::forget(unsigned interface, const IpAddress& address) {
  Buffer buffer;
  nlmsghdr* message = begin(buffer, RTM_DELNEIGH, 0);
  put_neighbor(message, interface, address);
  return request(message).map_error([&](const std::string& why) {
    return interface_name(interface) + ": cannot forget neighbor " + address.to_string() + ": " + why;
  });
}

bool Netlink::read_events(const NeighborCallback& callback) {
  std::vector<char> buffer(8192);
  bool complete = true;
  for (;;) {
    const ssize_t got = mnl_socket_recvfrom(events_, buffer.data(), buffer.size());
    if (got < 0 && errno == ENOBUFS) {
      complete = false;  // read on: what still waits is older than what a dump says
      continue;
    }
    if (got < 0) return complete;
    mnl_cb_run(buffer.data(), static_cast<size_t>(got), 0, 0, neighbor_message,
               const_cast<NeighborCallback*>(&callback));
  }
}

NetlinkResult Netlink::dump(const NeighborCallback& callback) {
  Buffer out;
  nlmsghdr* message = begin(out, RTM_GETNEIGH, NLM_F_DUMP);
  message->nlmsg_seq = ++sequence_;
  auto* header = static_cast<rtgenmsg*>(mnl_nlmsg_put_extra_header(message, sizeof(rtgenmsg)));
  header->rtgen_family = AF_UNSPEC;
  if (mnl_socket_sendto(requests_, message, message->nlmsg_len) < 0) return tl::unexpected(error_text("netlink send"));
  std::vector<char> buffer(32768);
  for (;;) {
    const ssize_t got = mnl_socket_recvfrom(requests_, buffer.data(), buffer.size());
    if (got < 0) return tl::unexpected(error_text("netlink receive"));
    const int more = mnl_cb_run(buffer.data(), static_cast<size_t>(got), sequence_, mnl_socket_get_portid(requests_),
                                neighbor_message, const_cast<NeighborCallback*>(&callback));
    if (more < 0) return tl::unexpected(error_text("netlink dump"));
    if (more == MNL_CB_STOP) return {};
  }
}

}  // namespace ecmpd::control
