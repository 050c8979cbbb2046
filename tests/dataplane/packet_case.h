// A packet case: why, the frame that comes in, and what becomes of it. Tables of cases are in cases/.
//
// The same cases run through the stages in process (packet_cases_test.cc) and through a daemon on a wire
// (tests/net/test_packet_cases.py, by what export_packet_cases.cc writes). What is expected to leave is computed from
// the frame that came in by plain code of the tests (packet_reference.h), byte by byte.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "hash/key.h"
#include "tests/dataplane/stage_harness.h"

namespace ecmpd::dataplane::test {

/// An ICMP error that the router sends about the packet.
struct IcmpOut {
  uint8_t type;
  uint8_t code;
  uint32_t word = 0;      // behind the checksum: the MTU
  unsigned port = 0;      // that it leaves by
  std::string from = {};  // empty: the address of the port that the packet came in by
};

struct Out {
  std::optional<DropReason> dropped;
  std::optional<PuntClass> punted;
  std::optional<unsigned> port;    // sent by it
  std::optional<hash::Tuple> key;  // sent to the nexthop that a flow with this tuple has
  std::optional<IcmpOut> error;
  bool sent() const { return port || key; }
};
inline Out drop_as(DropReason reason) { return {.dropped = reason, .punted = {}, .port = {}, .key = {}, .error = {}}; }
inline Out drop_as(DropReason reason, IcmpOut error) {
  return {.dropped = reason, .punted = {}, .port = {}, .key = {}, .error = std::move(error)};
}
inline Out punt(PuntClass punt_class) {
  return {.dropped = {}, .punted = punt_class, .port = {}, .key = {}, .error = {}};
}
inline Out send_by(unsigned port) { return {.dropped = {}, .punted = {}, .port = port, .key = {}, .error = {}}; }
inline Out send_as(const hash::Tuple& key) {
  return {.dropped = {}, .punted = {}, .port = {}, .key = key, .error = {}};
}

/// Without ports: the key of protocols that have none, and of fragments.
hash::Tuple flow(uint8_t protocol, const std::string& from, const std::string& to, uint16_t sport = 0,
                 uint16_t dport = 0);

struct Case {
  std::string why;
  Bytes in;
  Out out;
  unsigned in_port = 0;
};

/// Cases under the same hash settings.
struct CaseTable {
  std::string name;
  hash::KeyFields fields;
  std::vector<Case> cases;
};

struct SentFrame {
  unsigned port;
  Bytes frame;
  bool own = false;  // an ICMP error of the router, whose IPv4 identification is any
  bool operator==(const SentFrame&) const = default;
};

/// What must leave by the ports for a case, the packet or its fragments first, then the error about it.
std::vector<SentFrame> expected_frames(const Case& test, const ForwardingState& state);

/// A packet that one is told about, but not in this case: that is counted. What parse drops is never answered.
bool is_suppressed(const Case& test);

/// Why a case cannot come from a wire; empty when it can.
std::string not_sendable(const Case& test);

/// Takes each case through the stages by itself, with these kernels; afterwards every frame is accounted for.
void run_cases(const CaseTable& table, const ClassifyKernels& kernels);

}  // namespace ecmpd::dataplane::test
