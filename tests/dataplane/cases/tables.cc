#include "tests/dataplane/cases/tables.h"

namespace ecmpd::dataplane::test {

std::span<const CaseTable> case_tables() {
  const auto five = hash::KeyFields::five_tuple();
  const auto three = hash::KeyFields::three_tuple();
  static const std::vector<CaseTable> kTables = {
      {"IPv4", five, header4_cases()},
      {"IPv6", five, header6_cases()},
      {"checksum", five, checksum_cases()},
      {"fragmentation", five, fragment_cases()},
      {"ICMP", five, icmp4_cases()},
      {"ICMPv6", five, icmp6_cases()},
      {"IPv4 keys, 5-tuple", five, key4_cases()},
      {"IPv6 keys, 5-tuple", five, key6_cases()},
      {"IPv4 keys, 3-tuple", three, key4_cases()},
      {"IPv6 keys, 3-tuple", three, key6_cases()},
      {"symmetric keys", {.symmetric = true}, symmetric_cases()},
      {"keys inside of tunnels", {.inner = true}, tunnel_cases()},
      {"flow labels", {.flow_label = true}, flow_label_cases()},
  };
  return kTables;
}

}  // namespace ecmpd::dataplane::test
