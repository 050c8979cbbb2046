// ROUTE-REFRESH in both directions (RFC 2918), and what an OPEN of ours offers and demands (RFC 5492).
#include <gtest/gtest.h>

#include "control/bgp/capabilities.h"
#include "control/bgp/route_refresh.h"
#include "control/bgp/session.h"
#include "tests/control/bgp/recording_host.h"

namespace ecmpd::control::bgp {
namespace {

using namespace testing;
using namespace std::chrono_literals;

/// Also keeps the bytes that were sent.
struct ByteHost final : RecordingHost {
  std::vector<uint8_t> sent;
  void send(Side side, Bytes bytes) override {
    sent.assign(bytes.begin(), bytes.end());
    RecordingHost::send(side, bytes);
  }
};

class SessionRefresh : public ::testing::Test {
 protected:
  ByteHost host;

  void connect(Session& session) {
    session.start(0s);
    ASSERT_TRUE(session.offer_incoming(0s));
    session.connected(Side::kIncoming, 0s);
  }
  static std::vector<uint8_t> open(std::vector<FamilyId> families, bool route_refresh) {
    OpenMessage message;
    message.asn = 64512;
    message.router_id = 0x0a00010b;
    message.families = std::move(families);
    message.four_octet_as = true;
    message.route_refresh = route_refresh;
    return encode_open(message);
  }
};

TEST_F(SessionRefresh, AsksForEveryNegotiatedFamily) {
  Session session(local(), host);
  EXPECT_FALSE(session.request_refresh());
  connect(session);
  session.received(Side::kIncoming, open({kIpv4Unicast, kIpv6Unicast}, true), 0s);
  EXPECT_FALSE(session.request_refresh()) << "not Established yet";
  session.received(Side::kIncoming, encode_keepalive(), 0s);
  host.take();
  EXPECT_TRUE(session.request_refresh());
  EXPECT_EQ(host.take(), "incoming: send ROUTE-REFRESH\nincoming: send ROUTE-REFRESH\n");
  EXPECT_EQ(to_hex(host.sent), "ffffffffffffffffffffffffffffffff00170500020001");
  EXPECT_EQ(session.status().sent[static_cast<size_t>(MessageType::kRouteRefresh)], 2u);
}

TEST_F(SessionRefresh, IsNotAskedOfAPeerThatCannot) {
  Session session(local(), host);
  connect(session);
  session.received(Side::kIncoming, open({kIpv4Unicast}, false) + encode_keepalive(), 0s);
  EXPECT_EQ(session.status().state, State::kEstablished);
  EXPECT_FALSE(session.request_refresh());
}

TEST_F(SessionRefresh, AnyRouteRefreshFromAPeerLeavesTheSessionUp) {
  Session session(local(), host);
  connect(session);
  session.received(Side::kIncoming, open({kIpv4Unicast}, true) + encode_keepalive(), 0s);
  host.take();
  // Twice a good one, an unknown family, the frames of RFC 7313, and one that is too long (RFC 5291's filters).
  for (const char* body : {"00010001", "00010001", "40040047", "00010101", "00010201", "0001000101800000"}) {
    session.received(Side::kIncoming, raw_message(5, hex(body)), 0s);
  }
  EXPECT_EQ(host.take(), "");
  EXPECT_EQ(session.status().state, State::kEstablished);
  EXPECT_EQ(session.status().received[static_cast<size_t>(MessageType::kRouteRefresh)], 6u);
}

TEST_F(SessionRefresh, OurOpenOffersWhatWeDo) {
  SessionConfig config = local();
  config.add_path = kBothFamilies;
  Session session(config, host);
  connect(session);
  const auto open = decode_open(Bytes(host.sent).subspan(kHeaderSize));
  ASSERT_TRUE(open);
  EXPECT_EQ(open->routed_families(), kBothFamilies);
  EXPECT_TRUE(open->route_refresh && open->extended_message && open->four_octet_as && open->ipv6_nexthops);
  EXPECT_EQ(open->add_path_receive, kBothFamilies);
  EXPECT_FALSE(open->add_path_send.any());
  EXPECT_TRUE(open->graceful_restart.offered && open->graceful_restart.notification);
  EXPECT_FALSE(open->graceful_restart.families.any()) << "our own forwarding ends with us";
  EXPECT_EQ(host.sent[kHeaderSize + 10], 2) << "one classic parameter, never the form of RFC 9072";
}

TEST_F(SessionRefresh, APeerWithoutAFamilyInCommonLacksACapability) {
  SessionConfig config = local();
  config.families = {.ipv6 = true};
  Session session(config, host);
  connect(session);
  host.take();
  session.received(Side::kIncoming, open({}, false), 0s);  // without the capability: IPv4 unicast
  EXPECT_EQ(host.take(),
            "incoming: send NOTIFICATION OPEN Message Error/Unsupported Capability (2/7) data 01 04 00 02 00 01\n"
            "incoming: close\n");
}

TEST_F(SessionRefresh, PathIdentifiersNeedBothSides) {
  SessionConfig config = local();
  config.add_path = kBothFamilies;
  Session session(config, host);
  connect(session);
  OpenMessage message;
  message.asn = 64512;
  message.router_id = 0x0a00010b;
  message.families = {kIpv4Unicast};
  message.four_octet_as = true;
  message.add_path_send = kBothFamilies;
  session.received(Side::kIncoming, encode_open(message) + encode_keepalive(), 0s);
  EXPECT_EQ(session.status().parameters.add_path, (FamilySet{.ipv4 = true})) << "IPv6 is not negotiated";
}

}  // namespace
}  // namespace ecmpd::control::bgp
