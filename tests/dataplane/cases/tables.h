// The tables of packet cases, one function a subject.
#pragma once

#include <span>
#include <vector>

#include "tests/dataplane/packet_case.h"

namespace ecmpd::dataplane::test {

std::vector<Case> header4_cases();   // validation and exits of IPv4
std::vector<Case> header6_cases();   // of IPv6
std::vector<Case> checksum_cases();  // the incremental update of the IPv4 header checksum
std::vector<Case> fragment_cases();  // MTU, jumbo frames and fragmentation
std::vector<Case> icmp4_cases();     // ICMP errors of the router, and none where none may be
std::vector<Case> icmp6_cases();
std::vector<Case> key4_cases();  // one flow in any clothing: one member
std::vector<Case> key6_cases();
std::vector<Case> symmetric_cases();   // both directions of a flow: one member
std::vector<Case> tunnel_cases();      // with `inner`: the flow in a tunnel counts
std::vector<Case> flow_label_cases();  // with the flow label as a field

/// All of them, each under the hash settings that it is about.
std::span<const CaseTable> case_tables();

/// The default flow of packet() and packet6().
inline hash::Tuple flow4() { return flow(17, "10.0.9.2", "203.0.113.10", 1000, 2000); }
inline hash::Tuple flow6() { return flow(17, "2001:db8:9::2", "2001:db8:113::10", 1000, 2000); }
/// The same flow with other ports, protocol included.
inline hash::Tuple flow4(uint8_t protocol, uint16_t sport = 0, uint16_t dport = 0) {
  return flow(protocol, "10.0.9.2", "203.0.113.10", sport, dport);
}
inline hash::Tuple flow6(uint8_t protocol, uint16_t sport = 0, uint16_t dport = 0) {
  return flow(protocol, "2001:db8:9::2", "2001:db8:113::10", sport, dport);
}

}  // namespace ecmpd::dataplane::test
