// What lies below a session: IPv6, TCP MD5 for some of a range, and the TTL (RFC 5082).
#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <sstream>

#include "tests/control/io/speaker_fixture.h"

namespace ecmpd::control {
namespace {

using namespace testing;
using bgp::testing::operator+;

/// A counter of /proc/net/netstat.
uint64_t kernel_counter(const std::string& name) {
  std::ifstream file("/proc/net/netstat");
  std::string names, values;
  while (std::getline(file, names) && std::getline(file, values)) {
    std::istringstream keys(names), numbers(values);
    for (std::string key, number; keys >> key && numbers >> number;) {
      if (key == name) return std::stoull(number);
    }
  }
  return 0;
}

TEST_F(SpeakerTest, APeerOverIpv6) {
  BgpConfig config = listening();
  config.listen_addresses = {*IpAddress::parse("::1")};
  config.listens[0].range = *Prefix::parse("::/64");
  apply(config);
  RawPeer peer("::1", port);
  establish(peer);
  EXPECT_EQ(sink.next(), "up ::1 as 64512 dynamic");
  EXPECT_EQ(peers().at(0).local_endpoint, fmt::format("[::1]:{}", port));
  EXPECT_EQ(peers().at(0).remote_endpoint.substr(0, 6), "[::1]:");
}

TEST_F(SpeakerTest, OnlyAFamilyWithPeersIsListenedFor) {
  BgpConfig config = listening();
  config.listen_addresses = {*IpAddress::parse("127.0.0.1"),
                             *IpAddress::parse("2001:db8::77")};  // the last is not ours
  apply(config);
  config.listens[0].range = *Prefix::parse("2001:db8::/64");
  const auto applied = try_apply(config);
  ASSERT_FALSE(applied);
  EXPECT_NE(applied.error().find("[2001:db8::77]"), std::string::npos) << applied.error();
  RawPeer peer("127.0.1.2", port);
  establish(peer);
  EXPECT_EQ(sink.next(), "up 127.0.1.2 as 64512 dynamic") << "the old configuration goes on";
}

TEST_F(SpeakerTest, PasswordsOfARangeWithExceptions) {
  BgpConfig config = listening();
  config.listens[0].policy.password = "range";
  NeighborConfig neighbor;
  neighbor.remote_as = 64512;
  neighbor.passive = true;
  for (const char* address : {"127.0.1.7", "127.0.1.8"}) {
    neighbor.address = *IpAddress::parse(address);
    config.neighbors.push_back(neighbor);
  }
  config.neighbors[1].policy.password = "own";
  apply(config);

  RawPeer member("127.0.1.2", port, {.password = "range"});
  establish(member);
  EXPECT_EQ(sink.next(), "up 127.0.1.2 as 64512 dynamic");
  RawPeer open("127.0.1.7", port);
  establish(open);
  EXPECT_EQ(sink.next(), "up 127.0.1.7 as 64512");
  RawPeer own("127.0.1.8", port, {.password = "own"});
  establish(own);
  EXPECT_EQ(sink.next(), "up 127.0.1.8 as 64512");
}

TEST_F(SpeakerTest, SegmentsFromTooFarAwayAreNotHeard) {
  BgpConfig config = listening();
  config.listens[0].session.ttl_security_hops = 1;
  apply(config);
  RawPeer near("127.0.1.2", port, {.ttl = {.sent = 255, .minimum = 255}});  // demands the same of the router
  establish(near);
  EXPECT_EQ(sink.next(), "up 127.0.1.2 as 64512 dynamic");

  RawPeer far("127.0.1.3", port);
  EXPECT_EQ(far.next(), "OPEN") << "so the connection has its owner, and its limit";
  const uint64_t dropped = kernel_counter("TCPMinTTLDrop");
  far.send(open(64512, 0x7f000103) + bgp::encode_keepalive());
  const auto limit = std::chrono::steady_clock::now() + kPatience;
  while (kernel_counter("TCPMinTTLDrop") == dropped) {
    ASSERT_TRUE(sink.quiet());
    ASSERT_LT(std::chrono::steady_clock::now(), limit);
  }
  EXPECT_TRUE(sink.quiet());
  // As if it had come nearer: what TCP sends again is heard.
  ASSERT_TRUE(set_ttl(far.fd(), true, {.sent = 255}));
  EXPECT_EQ(far.next(), "KEEPALIVE");
  EXPECT_EQ(sink.next(), "up 127.0.1.3 as 64512 dynamic");
}

TEST_F(SpeakerTest, PasswordsThatCannotBeHadChangeNone) {
  BgpConfig config = listening();
  NeighborConfig neighbor;
  neighbor.address = *IpAddress::parse("127.0.1.8");
  neighbor.remote_as = 64512;
  neighbor.passive = true;
  neighbor.policy.password = "own";
  config.neighbors = {neighbor};
  apply(config);

  config.listens[0].policy.password = "range";
  config.neighbors[0].policy.password = "another";
  neighbor.address = *IpAddress::parse("127.0.1.9");
  neighbor.policy.password = std::string(81, 'x');
  config.neighbors.push_back(neighbor);
  const auto applied = try_apply(config);
  ASSERT_FALSE(applied);
  EXPECT_EQ(applied.error(), "a TCP MD5 password has at most 80 bytes");

  RawPeer own("127.0.1.8", port, {.password = "own"});
  establish(own);
  EXPECT_EQ(sink.next(), "up 127.0.1.8 as 64512");
  RawPeer open("127.0.1.2", port);
  establish(open);
  EXPECT_EQ(sink.next(), "up 127.0.1.2 as 64512 dynamic");
}

}  // namespace
}  // namespace ecmpd::control
