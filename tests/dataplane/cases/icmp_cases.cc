// ICMP errors that the router originates, and where it must not: RFC 1812 section 4.3.2.7, RFC 4443 section 2.4(e).
#include "tests/dataplane/cases/tables.h"
#include "tests/dataplane/packet6.h"

namespace ecmpd::dataplane::test {

namespace {

const IcmpOut kExpired{11, 0};
const IcmpOut kExpired6{3, 0};

Case expired(const std::string& why, PacketBuilder in) {
  return {why, in.ttl(1).frame(), drop_as(DropReason::kTtlExpired, kExpired)};
}
Case silent(const std::string& why, PacketBuilder in) {
  return {"silent: " + why, in.ttl(1).frame(), drop_as(DropReason::kTtlExpired)};
}
Case expired(const std::string& why, PacketBuilder6 in) {
  return {why, in.hop_limit(1).frame(), drop_as(DropReason::kTtlExpired, kExpired6)};
}
Case silent(const std::string& why, PacketBuilder6 in) {
  return {"silent: " + why, in.hop_limit(1).frame(), drop_as(DropReason::kTtlExpired)};
}

const Bytes kMulticast{1, 0, 0x5e, 0, 0, 1};
const Bytes kMulticast6{0x33, 0x33, 0, 0, 0, 1};

}  // namespace

std::vector<Case> icmp4_cases() {
  const Bytes something = packet().from("203.0.113.10").to("10.0.9.2").ip();
  std::vector<Case> out = {
      expired("traceroute's probe", packet()),
      expired("traceroute by TCP", packet().tcp(1, 80)),
      expired("traceroute by echo", packet().icmp(8, 0)),
      expired("an echo reply is no error", packet().icmp(0, 0)),
      expired("an empty packet", packet().l4({})),
      expired("the quote has the options", packet().options({1, 1, 1, 0})),
      expired("and all of them", packet().options(Bytes(40, 1)).payload(600)),
      expired("padding is not quoted", packet().udp(1, 2).padding(18)),
      expired("a first fragment", packet().fragment(0x2000)),
      expired("with DF", packet().fragment(0x4000)),
      expired("a jumbo frame", packet().payload(8000)),
      expired("towards a host that would have to be found", packet().to("10.0.1.77")),
      expired("towards a host on the link that it came from", packet().to("10.0.0.99")),
      expired("over an IPv6 nexthop", packet().to("203.0.114.1")),
      {"TTL 0", packet().ttl(0).frame(), drop_as(DropReason::kTtlExpired, kExpired)},
      {"nowhere to go", packet().to("8.8.8.8").frame(), drop_as(DropReason::kNoRoute, {3, 0})},
      {"no route comes before TTL", packet().to("8.8.8.8").ttl(1).frame(), drop_as(DropReason::kNoRoute, {3, 0})},
      {"a nexthop that does not answer", packet().to("192.0.2.1").frame(), drop_as(DropReason::kUnresolved, {3, 1})},
      {"so does unresolved", packet().to("192.0.2.1").ttl(1).frame(), drop_as(DropReason::kUnresolved, {3, 1})},
      {"too long with DF for a host that would have to be found",
       packet().to("10.0.1.77").udp(1, 2).payload(1473).fragment(0x4000).frame(),
       drop_as(DropReason::kMtuExceeded, {3, 4, 1500})},
      silent("unreachable", packet().icmp_error(3, 1, 0, something)),
      silent("fragmentation needed", packet().icmp_error(3, 4, 1400, something)),
      silent("source quench", packet().icmp(4, 0, something)),
      silent("redirect", packet().icmp(5, 0, something)),
      silent("time exceeded", packet().icmp(11, 0, something)),
      silent("parameter problem", packet().icmp(12, 0, something)),
      silent("an error behind options", packet().icmp_error(3, 1, 0, something).options({1, 1, 1, 0})),
      silent("ICMP without a type", packet().icmp(8, 0).l4({})),
      silent("a first fragment of an error", packet().icmp_error(3, 1, 0, something).fragment(0x2000)),
      silent("a later fragment", packet().fragment(0x2001)),
      silent("the last fragment", packet().fragment(0x0010)),
      {"silent: an error without a route", packet().to("8.8.8.8").icmp_error(3, 1, 0, something).frame(),
       drop_as(DropReason::kNoRoute)},
      {"silent: a later fragment without a route", packet().to("8.8.8.8").fragment(0x0010).frame(),
       drop_as(DropReason::kNoRoute)},
      {"silent: a later fragment to a nexthop that does not answer", packet().to("192.0.2.1").fragment(0x0010).frame(),
       drop_as(DropReason::kUnresolved)},
      {"silent: multicast", packet().to("239.1.1.1").ttl(1).frame(), drop_as(DropReason::kIpv4Multicast)},
      {"silent: broadcast", packet().to("255.255.255.255").ttl(1).frame(), drop_as(DropReason::kIpv4Broadcast)},
      {"silent: the subnet's broadcast", packet().to("10.0.2.255").ttl(1).frame(), drop_as(DropReason::kIpv4Broadcast)},
      {"silent: a link-layer broadcast", packet().ethernet_to(Bytes(6, 0xff)).ttl(1).frame(),
       drop_as(DropReason::kIpv4Broadcast)},
      {"silent: a link-layer multicast", packet().ethernet_to(kMulticast).ttl(1).frame(),
       drop_as(DropReason::kIpv4Broadcast)},
      {"silent: from no host", packet().from("0.0.0.0").ttl(1).frame(), drop_as(DropReason::kIpv4Source)},
      {"silent: from a loopback", packet().from("127.0.0.1").ttl(1).frame(), drop_as(DropReason::kIpv4Source)},
      {"silent: from a multicast group", packet().from("224.0.0.1").ttl(1).frame(), drop_as(DropReason::kIpv4Source)},
      {"silent: from 240/4", packet().from("240.0.0.1").ttl(1).frame(), drop_as(DropReason::kIpv4Source)},
      {"silent: a wrong checksum", packet().checksum(1).ttl(1).frame(), drop_as(DropReason::kIpv4Checksum)},
  };
  // The quote is as much as makes 576 bytes.
  for (const size_t bytes : {0, 8, 519, 520, 521, 1400}) {
    out.push_back(expired("quoted of " + std::to_string(bytes + 28), packet().udp(1, 2).payload(bytes)));
  }
  // ICMP that is no error is answered, whatever its type.
  for (const uint8_t type : {0, 8, 9, 10, 13, 14, 15, 16, 17, 18, 30, 40}) {
    out.push_back(expired("ICMP type " + std::to_string(type), packet().icmp(type, 0)));
  }
  for (const uint8_t protocol : {2, 4, 33, 41, 47, 50, 51, 58, 89, 132, 253}) {
    out.push_back(expired("protocol " + std::to_string(protocol), packet().protocol(protocol)));
  }
  for (unsigned port = 0; port < 5; ++port) {
    const auto in = packet().ethernet_to(port_mac(port));
    const std::string name = " by port " + std::to_string(port);
    out.push_back(expired("came in" + name, in));
    out.back().in_port = port;
    out.push_back({"nowhere to go, came in" + name, PacketBuilder(in).to("8.8.8.8").frame(),
                   drop_as(DropReason::kNoRoute, {3, 0}), port});
  }
  for (const unsigned host : {1u, 2u, 3u, 4u}) {
    out.push_back({"the sender is a host on link " + std::to_string(host),
                   packet().from("10.0." + std::to_string(host) + ".11").ttl(1).frame(),
                   drop_as(DropReason::kTtlExpired, {.type = 11, .code = 0, .port = host, .from = ""})});
  }
  return out;
}

std::vector<Case> icmp6_cases() {
  const Bytes something = packet6().from("2001:db8:113::10").to("2001:db8:9::2").ip();
  std::vector<Case> out = {
      expired("traceroute's probe", packet6()),
      expired("by TCP", packet6().tcp(1, 80)),
      expired("by echo", packet6().icmp(128, 0)),
      expired("no upper layer", packet6().l4({}).next_header(59)),
      expired("a first fragment", packet6().fragment(0, true)),
      expired("an atomic fragment", packet6().fragment(0, false)),
      expired("behind options", packet6().hop_by_hop().destination_options()),
      expired("echo behind two extensions", packet6().hop_by_hop().routing().icmp(128, 0)),
      expired("padding is not quoted", packet6().udp(1, 2).padding(18)),
      expired("a jumbo frame", packet6().payload(8000)),
      expired("towards a host that would have to be found", packet6().to("fd00:1::77")),
      {"hop limit 0", packet6().hop_limit(0).frame(), drop_as(DropReason::kTtlExpired, kExpired6)},
      {"nowhere to go", packet6().to("2001:db8:ffff::1").frame(), drop_as(DropReason::kNoRoute, {1, 0})},
      {"no route comes before hop limit", packet6().to("2001:db8:ffff::1").hop_limit(1).frame(),
       drop_as(DropReason::kNoRoute, {1, 0})},
      {"a nexthop that does not answer", packet6().to("2001:db8:2::1").frame(),
       drop_as(DropReason::kUnresolved, {1, 3})},
      {"too long for a host that would have to be found", packet6().to("fd00:1::77").udp(1, 2).payload(1453).frame(),
       drop_as(DropReason::kMtuExceeded, {2, 0, 1500})},
      silent("a later fragment", packet6().fragment(8, true)),
      silent("the last fragment", packet6().fragment(8, false)),
      silent("a later fragment behind options", packet6().hop_by_hop().fragment(8, true)),
      silent("a redirect", packet6().icmp(137, 0)),
      silent("an error behind options", packet6().hop_by_hop().icmp(1, 0, something)),
      silent("an error behind AH", packet6().extension(51, {0, 0, 0, 0, 0, 0, 0, 0}).icmp(1, 0, something)),
      silent("an error in a first fragment", packet6().fragment(0, true).icmp(1, 0, something)),
      silent("ICMPv6 without a type", packet6().l4({}).next_header(58)),
      silent("extensions that are cut off", packet6().l4({58, 0, 0, 0}).next_header(0)),
      silent("an extension that is longer than the packet", packet6().l4({58, 200, 0, 0, 0, 0, 0, 0}).next_header(43)),
      {"silent: an error without a route", packet6().to("2001:db8:ffff::1").icmp(1, 0, something).frame(),
       drop_as(DropReason::kNoRoute)},
      {"silent: multicast", packet6().to("ff0e::1").hop_limit(1).frame(), drop_as(DropReason::kIpv6Multicast)},
      {"silent: in a link-layer multicast", packet6().ethernet_to(kMulticast6).hop_limit(1).frame(),
       drop_as(DropReason::kIpv6Broadcast)},
      {"silent: from nobody", packet6().from("::").hop_limit(1).frame(), drop_as(DropReason::kIpv6Source)},
      {"silent: from a group", packet6().from("ff02::1").hop_limit(1).frame(), drop_as(DropReason::kIpv6Source)},
      {"silent: from a loopback", packet6().from("::1").hop_limit(1).frame(), drop_as(DropReason::kIpv6Source)},
  };
  const IcmpOut beyond{1, 2};
  const auto scoped = packet6().from("fe80::9");
  const auto told = [&](const std::string& why, PacketBuilder6 in) {
    out.push_back({"beyond scope: " + why, in.frame(), drop_as(DropReason::kIpv6Scope, beyond)});
  };
  const auto not_told = [&](const std::string& why, PacketBuilder6 in) {
    out.push_back({"beyond scope, silent: " + why, in.frame(), drop_as(DropReason::kIpv6Scope)});
  };
  told("UDP", scoped);
  told("echo", PacketBuilder6(scoped).icmp(128, 0));
  told("behind options", PacketBuilder6(scoped).hop_by_hop());
  told("it comes before the hop limit", PacketBuilder6(scoped).hop_limit(1));
  told("it comes before the MTU", PacketBuilder6(scoped).payload(2000));
  told("to a host on another link", PacketBuilder6(scoped).to("fd00:2::11"));
  told("to a host that would have to be found", PacketBuilder6(scoped).to("fd00:1::77"));
  told("the quote ends at 1,280 bytes", PacketBuilder6(scoped).payload(1400));
  not_told("an error", PacketBuilder6(scoped).icmp(1, 0, something));
  not_told("a later fragment", PacketBuilder6(scoped).fragment(8, true));
  not_told("a station that is a group", PacketBuilder6(scoped).ethernet_from(kMulticast6));
  not_told("to a link-local address", PacketBuilder6(scoped).to("fe80::77"));
  out.push_back({"beyond scope, without a route", PacketBuilder6(scoped).to("2001:db8:ffff::1").frame(),
                 drop_as(DropReason::kNoRoute)});
  for (const size_t bytes : {0, 8, 1183, 1184, 1185, 1400}) {
    out.push_back(expired("quoted of " + std::to_string(bytes + 48), packet6().udp(1, 2).payload(bytes)));
  }
  // RFC 4443 section 2.1: types below 128 are errors, known or not.
  for (const uint8_t type : {1, 2, 3, 4, 5, 100, 127}) {
    out.push_back(silent("ICMPv6 type " + std::to_string(type), packet6().icmp(type, 0, something)));
  }
  for (const uint8_t type : {128, 129, 130, 143, 160, 255}) {
    out.push_back(expired("ICMPv6 type " + std::to_string(type), packet6().icmp(type, 0)));
  }
  for (const uint8_t protocol : {4, 6, 33, 41, 47, 50, 89, 132, 253}) {
    out.push_back(expired("protocol " + std::to_string(protocol), packet6().next_header(protocol)));
  }
  for (unsigned port = 0; port < 5; ++port) {
    const auto in = packet6().ethernet_to(port_mac(port));
    out.push_back(expired("came in by port " + std::to_string(port), in));
    out.back().in_port = port;
  }
  for (const unsigned host : {1u, 2u, 3u, 4u}) {
    out.push_back({"the sender is a host on link " + std::to_string(host),
                   packet6().from("fd00:" + std::to_string(host) + "::11").hop_limit(1).frame(),
                   drop_as(DropReason::kTtlExpired, {.type = 3, .code = 0, .port = host, .from = ""})});
  }
  return out;
}

}  // namespace ecmpd::dataplane::test
