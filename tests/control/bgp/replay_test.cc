// Bytes as real nodes put them on the wire, replayed into a session, with everything that must come of them.
#include <gtest/gtest.h>

#include "control/bgp/session.h"
#include "tests/control/bgp/recording_host.h"

namespace ecmpd::control::bgp {
namespace {

using namespace testing;
using namespace std::chrono_literals;

// MetalLB's own speaker: an OPEN of 49 bytes, then KEEPALIVE and one UPDATE for each service in one segment, without a
// word of ours in between; later all withdrawals in one UPDATE; and a bare FIN at the end.
constexpr std::string_view kMetallbOpen =
    "ffffffffffffffffffffffffffffffff 0031 01 04 fc00 005a 0a00010b 14 0212 0104 0001 00 01 0104 0002 00 01 4104 "
    "0000fc00";
constexpr std::string_view kMetallbRoutes =
    "ffffffffffffffffffffffffffffffff 0013 04"
    "ffffffffffffffffffffffffffffffff 0030 02 0000 0014 40010100 4002060201 0000fc00 400304 0a00010b 20 cb00710a"
    "ffffffffffffffffffffffffffffffff 0030 02 0000 0014 40010100 4002060201 0000fc00 400304 0a00010b 20 cb00710b";
constexpr std::string_view kMetallbWithdraw =
    "ffffffffffffffffffffffffffffffff 0021 02 000a 20cb00710a 20cb00710b 0000";

TEST(Replay, Metallb) {
  RecordingHost host;
  Session session(local(), host);
  session.start(0s);
  ASSERT_TRUE(session.offer_incoming(0s));
  session.connected(Side::kIncoming, 0s);
  session.received(Side::kIncoming, hex(kMetallbOpen), 0s);
  session.received(Side::kIncoming, hex(kMetallbRoutes), 0s);
  session.received(Side::kIncoming, hex(kMetallbWithdraw), 5s);
  session.closed(Side::kIncoming, "closed by the peer", 6s);
  EXPECT_EQ(host.take(),
            "incoming: send OPEN\n"
            "timer hold-incoming 20000\n"
            "incoming: send KEEPALIVE\n"
            "timer hold-incoming 90000\n"
            "timer keepalive-incoming 30000\n"
            "ESTABLISHED as 64512 hold 90 keepalive 30\n"
            "UPDATE +203.0.113.10/32 via 10.0.1.11\n"
            "UPDATE +203.0.113.11/32 via 10.0.1.11\n"
            "UPDATE -203.0.113.10/32 -203.0.113.11/32\n"
            "DOWN closed by the peer\n");
}

// FRR: one parameter for each capability, among them a graceful restart that lists no family, MP_REACH_NLRI for IPv6
// with an IPv4-mapped nexthop, many prefixes in one UPDATE with an AS_PATH of extended length, End-of-RIB for both
// families, and a NOTIFICATION.
constexpr std::string_view kFrr =
    "ffffffffffffffffffffffffffffffff 0056 01 04 fc00 00b4 0a00010c 39"
    " 0206 0104 00010001 0206 0104 00020001 0202 8000 0202 0200 0202 4600 0206 4104 0000fc00 0202 0600 0209 4907 05 "
    "6e6f6465 32 00 0204 "
    "4002 c078"
    "ffffffffffffffffffffffffffffffff 0013 04"
    "ffffffffffffffffffffffffffffffff 004e 02 0000 0037"
    " 800e1f 0002 01 10 00000000000000000000ffff0a00010c 00 48 fd0000000000000000 400101 00 500200 06 0201 0000fc00 "
    "8004 04 00000000"
    "ffffffffffffffffffffffffffffffff 003f 02 0000 001c"
    " 40010100 5002 0006 0201 0000fc00 400304 0a00010c 800404 00000000 20 cb00710a 18 c63364 10 c612"
    "ffffffffffffffffffffffffffffffff 0017 02 0000 0000"
    "ffffffffffffffffffffffffffffffff 001d 02 0000 0006 800f03 0002 01"
    "ffffffffffffffffffffffffffffffff 0015 03 06 02";

TEST(Replay, Frr) {
  RecordingHost host;
  Session session(local(), host);
  session.start(0s);
  ASSERT_TRUE(session.offer_incoming(0s));
  session.connected(Side::kIncoming, 0s);
  host.take();
  session.received(Side::kIncoming, hex(kFrr), 0s);
  EXPECT_EQ(host.take(),
            "incoming: send KEEPALIVE\n"
            "timer hold-incoming 90000\n"
            "timer keepalive-incoming 30000\n"
            "incoming: send UPDATE\n"  // our End-of-RIB, for each family
            "incoming: send UPDATE\n"
            "ESTABLISHED as 64512 hold 90 keepalive 30\n"
            "UPDATE +fd00::/72 via 10.0.1.12\n"
            "UPDATE +203.0.113.10/32 via 10.0.1.12 +198.51.100.0/24 via 10.0.1.12 +198.18.0.0/16 via 10.0.1.12\n"
            "END OF RIB IPv4\n"
            "END OF RIB IPv6\n"
            "incoming: close\n"
            "DOWN received Cease/Administrative Shutdown (6/2)\n");
  EXPECT_EQ(session.status().remote->hostname, "node2");
  EXPECT_EQ(session.status().damaged_updates, 0u);
}

}  // namespace
}  // namespace ecmpd::control::bgp
