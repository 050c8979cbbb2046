// Neighbors over the real kernel: the test answers its ARP requests, or does not.
#include "control/host/neighbors.h"

#include <gtest/gtest.h>
#include <poll.h>

#include <map>
#include <set>

#include "tests/control/host/kernel.h"

namespace ecmpd::control::test {
namespace {

const IpAddress kHost = IpAddress::v4(0x0a090002);
constexpr PortIndex kPort{0};

MacAddress mac(uint16_t number) {
  return {{0x02, 0, 0, 1, static_cast<uint8_t>(number >> 8), static_cast<uint8_t>(number)}};
}

struct Heard final : NeighborListener {
  void neighbor_up(const IpAddress& address, PortIndex, const MacAddress& at) override {
    up[address] = at;
    ++ups;
  }
  void neighbor_down(const IpAddress& address) override {
    up.erase(address);
    ++downs;
  }
  bool is_at(const IpAddress& address, const MacAddress& at) const {
    const auto found = up.find(address);
    return found != up.end() && found->second == at;
  }
  std::map<IpAddress, MacAddress> up;
  unsigned ups = 0;
  unsigned downs = 0;
};

class NeighborsTest : public testing::Test {
 protected:
  NeighborsTest()
      : neighbors_(kernel_.netlink(), {{kernel_.twin().interface(), {{kTwinAddress, 24}, {kTwinAddress6, 64}}}},
                   heard_) {}

  void read() { neighbors_.read_events(); }
  /// The kernel asks for the host; true if by unicast. Broadcasts that precede a unicast probe are possible.
  std::optional<Arp> asked() {
    return kernel_.next_arp([this] { read(); });
  }
  bool comes_to(const std::function<bool()>& state) {
    return kernel_.until([this] { read(); }, state);
  }
  std::optional<Solicitation> solicited() {
    return kernel_.next_solicitation([this] { read(); });
  }
  /// The kernel solicits the host; it is told where that is.
  void learn6(const IpAddress& host, const MacAddress& at) {
    const IpAddress on_wire = host.without_zone();
    for (auto question = solicited(); question; question = solicited()) {
      if (question->target != on_wire) continue;
      kernel_.send_advertisement(at, on_wire, question->sender);
      break;
    }
    ASSERT_TRUE(comes_to([&] { return heard_.is_at(host, at); }));
  }
  void learn(const MacAddress& at) {
    neighbors_.watch(kHost, true);
    const auto arp = asked();
    ASSERT_TRUE(arp && arp->request && arp->target == kHost);
    kernel_.send_arp(false, at, kHost, kTwinAddress);
    ASSERT_TRUE(comes_to([&] { return heard_.is_at(kHost, at); }));
  }

  Kernel kernel_;
  Heard heard_;
  Neighbors neighbors_;
};

TEST_F(NeighborsTest, AWatchedNexthopIsAskedForAndProbed) {
  learn(mac(1));
  neighbors_.tick();
  const auto probe = asked();
  ASSERT_TRUE(probe && probe->request);
  EXPECT_TRUE(probe->unicast);
  EXPECT_EQ(probe->target, kHost);
  kernel_.send_arp(false, mac(1), kHost, kTwinAddress);
  EXPECT_EQ(heard_.downs, 0u);
}

TEST_F(NeighborsTest, AChangedMacAddressIsFollowed) {
  learn(mac(1));
  kernel_.send_arp(true, mac(2), kHost, kHost);  // a gratuitous request
  EXPECT_TRUE(comes_to([&] { return heard_.is_at(kHost, mac(2)); }));
  EXPECT_EQ(heard_.downs, 0u);
}

TEST_F(NeighborsTest, AHostThatFallsSilentGoesDownAndComesBack) {
  learn(mac(1));
  neighbors_.tick();
  EXPECT_TRUE(comes_to([&] { return heard_.up.empty(); }));
  neighbors_.tick();
  for (auto arp = asked(); arp && arp->unicast; arp = asked()) {
  }
  kernel_.send_arp(false, mac(1), kHost, kTwinAddress);
  EXPECT_TRUE(comes_to([&] { return heard_.is_at(kHost, mac(1)); }));
}

TEST_F(NeighborsTest, AHostThatNeverAnsweredIsReportedDown) {
  neighbors_.watch(kHost, true);
  EXPECT_TRUE(comes_to([&] { return heard_.downs > 0; }));
  EXPECT_EQ(heard_.ups, 0u);
}

TEST_F(NeighborsTest, Ipv6NexthopsAreSolicitedProbedAndMissed) {
  const IpAddress global = *IpAddress::parse("fd09::2");
  const IpAddress scoped = IpAddress::parse("fe80::2")->with_zone(zone_of_port(0));
  neighbors_.watch(global, true);
  learn6(global, mac(1));
  neighbors_.watch(scoped, true);
  learn6(scoped, mac(2));
  neighbors_.tick();
  std::set<IpAddress> probed;
  while (probed.size() < 2) {
    const auto probe = solicited();
    ASSERT_TRUE(probe);
    if (probe->unicast) probed.insert(probe->target);
  }
  EXPECT_EQ(probed, (std::set{global, scoped.without_zone()}));
  EXPECT_TRUE(comes_to([&] { return heard_.up.empty(); })) << "both are silent";
  neighbors_.tick();
  learn6(global, mac(1));
  learn6(scoped, mac(3));
}

TEST_F(NeighborsTest, ALinkLocalAddressOnNoPortOrOutOfPlaceIsNobody) {
  neighbors_.watch(*IpAddress::parse("fe80::2"), true);               // without a zone
  neighbors_.watch(IpAddress::parse("fe80::2")->with_zone(7), true);  // there is no seventh port
  neighbors_.tick();
  EXPECT_TRUE(neighbors_.status().empty());
}

TEST_F(NeighborsTest, HostsGoWithTheirPortsLink) {
  const IpAddress by_hand = IpAddress::v4(0x0a090003);
  neighbors_.add_static(by_hand, kPort, mac(3));
  learn(mac(1));
  neighbors_.set_link(kPort, false);
  EXPECT_TRUE(heard_.up.empty());
  neighbors_.set_link(kPort, true);  // from the kernel's table, no event needed
  EXPECT_TRUE(heard_.is_at(kHost, mac(1)));
  EXPECT_TRUE(heard_.is_at(by_hand, mac(3)));
}

TEST_F(NeighborsTest, ANexthopWhoseLinkIsBackIsAskedForAtOnce) {
  neighbors_.set_link(kPort, false);
  neighbors_.watch(kHost, true);
  neighbors_.tick();
  neighbors_.set_link(kPort, true);  // no tick from here on
  const auto question = asked();
  ASSERT_TRUE(question);
  EXPECT_EQ(question->target, kHost);
}

TEST_F(NeighborsTest, ANexthopOnAPortWithoutLinkIsGivenUp) {
  neighbors_.set_link(kPort, false);
  neighbors_.watch(kHost, true);
  for (unsigned second = 1; second < Neighbors::kGiveUpSeconds; ++second) neighbors_.tick();
  EXPECT_EQ(heard_.downs, 0u);
  neighbors_.tick();
  EXPECT_EQ(heard_.downs, 1u);
  neighbors_.tick();
  EXPECT_EQ(heard_.downs, 1u) << "told once";

  neighbors_.watch(kHost, false);
  neighbors_.add_static(kHost, kPort, mac(3));
  neighbors_.watch(kHost, true);
  for (unsigned second = 0; second < Neighbors::kGiveUpSeconds; ++second) neighbors_.tick();
  EXPECT_EQ(heard_.downs, 2u) << "a static one too";
}

TEST_F(NeighborsTest, AStaticEntryRemovedWhileTheLinkIsDownIsAskedForWhenItIsBack) {
  neighbors_.add_static(kHost, kPort, mac(3));
  neighbors_.watch(kHost, true);
  neighbors_.set_link(kPort, false);
  neighbors_.remove_static(kHost);
  neighbors_.set_link(kPort, true);
  EXPECT_TRUE(heard_.up.empty()) << "nobody has said where it is";
  const auto question = asked();
  ASSERT_TRUE(question);
  EXPECT_EQ(question->target, kHost);
  kernel_.send_arp(false, mac(1), kHost, kTwinAddress);
  EXPECT_TRUE(comes_to([&] { return heard_.is_at(kHost, mac(1)); }));
}

TEST_F(NeighborsTest, AStaticEntryThatIsRemovedIsProbedAsAnyHost) {
  neighbors_.add_static(kHost, kPort, mac(3));
  neighbors_.remove_static(kHost);
  const auto probe = asked();
  ASSERT_TRUE(probe && probe->unicast);
  EXPECT_TRUE(heard_.is_at(kHost, mac(3))) << "until it fails to answer";
  EXPECT_TRUE(comes_to([&] { return heard_.up.empty(); }));
}

TEST_F(NeighborsTest, LostEventsDoNotLeaveAnOldState) {
  learn(mac(1));
  constexpr uint16_t kMany = 5000;  // more than the socket holds
  for (uint16_t i = 2; i <= kMany; ++i) kernel_.send_arp(true, mac(i), kHost, kHost);
  pollfd wait{kernel_.netlink().event_fd(), POLLIN, 0};
  while (poll(&wait, 1, 0) > 0) read();
  EXPECT_LT(heard_.ups, kMany) << "nothing was lost: this tests nothing";
  EXPECT_TRUE(heard_.is_at(kHost, mac(kMany)));
}

}  // namespace
}  // namespace ecmpd::control::test
