// {why, link type, what stands before the packet}: the packet is found, and nothing else is taken for one.
#include "hash/lab/frame.h"

#include <gtest/gtest.h>

#include <memory>

#include "hash/lab/packet_bytes.h"
#include "hash/random.h"

namespace ecmpd::hash::lab {
namespace {

const Bytes kMacs = {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2};

Bytes joined(std::initializer_list<Bytes> parts) {
  Bytes out;
  for (const Bytes& part : parts) out.insert(out.end(), part.begin(), part.end());
  return out;
}
Bytes zeros(size_t count) { return Bytes(count); }

struct Case {
  const char* why;
  LinkType type;
  Bytes before4;  // IPv4
  Bytes before6;  // IPv6
};

std::vector<Case> cases() {
  const Bytes v4 = {0x08, 0x00}, v6 = {0x86, 0xdd};
  const Bytes tag = {0x81, 0x00, 0x00, 0x05}, outer = {0x88, 0xa8, 0x00, 0x07}, old_outer = {0x91, 0x00, 0x00, 0x07};
  const Bytes snap = {0xaa, 0xaa, 3, 0, 0, 0};
  const Bytes pppoe = {0x88, 0x64, 0x11, 0, 0, 1, 0, 50};
  const Bytes session = {0x11, 0, 0, 1, 0, 50};
  const Bytes ppp4 = {0x00, 0x21}, ppp6 = {0x00, 0x57};
  return {
      {"Ethernet", 1, joined({kMacs, v4}), joined({kMacs, v6})},
      {"a VLAN tag", 1, joined({kMacs, tag, v4}), joined({kMacs, tag, v6})},
      {"two", 1, joined({kMacs, outer, tag, v4}), joined({kMacs, old_outer, tag, v6})},
      {"PPPoE", 1, joined({kMacs, pppoe, ppp4}), joined({kMacs, pppoe, ppp6})},
      {"tagged PPPoE", 1, joined({kMacs, tag, pppoe, ppp4}), joined({kMacs, tag, pppoe, ppp6})},
      {"BSD loopback, little-endian", 0, {2, 0, 0, 0}, {30, 0, 0, 0}},
      {"BSD loopback, big-endian", 0, {0, 0, 0, 2}, {0, 0, 0, 24}},
      {"OpenBSD loopback", 108, {0, 0, 0, 2}, {0, 0, 0, 24}},
      {"raw IP", 12, {}, {}},
      {"raw IP, the number in files", 101, {}, {}},
      {"Linux cooked", 113, joined({zeros(14), v4}), joined({zeros(14), v6})},
      {"Linux cooked, tagged", 113, joined({zeros(14), tag, v4}), joined({zeros(14), tag, v6})},
      {"Linux cooked v2", 276, joined({v4, zeros(18)}), joined({v6, zeros(18)})},
      {"PPP", 9, ppp4, ppp6},
      {"PPP, number compressed", 9, {0x21}, {0x57}},
      {"PPP in HDLC", 50, joined({{0xff, 0x03}, ppp4}), joined({{0xff, 0x03}, ppp6})},
      {"PPPoE without Ethernet", 51, joined({session, ppp4}), joined({session, ppp6})},
      {"Cisco HDLC", 104, joined({{0x0f, 0x00}, v4}), joined({{0x0f, 0x00}, v6})},
      {"802.11 data", 105, joined({{0x08, 0x01}, zeros(22), snap, v4}), joined({{0x08, 0x02}, zeros(22), snap, v6})},
      {"802.11 QoS data, four addresses", 105, joined({{0x88, 0x03}, zeros(30), snap, v4}),
       joined({{0x88, 0x03}, zeros(30), snap, v6})},
      {"802.11 QoS data with HT control", 105, joined({{0x88, 0x81}, zeros(28), snap, v4}),
       joined({{0x88, 0x81}, zeros(28), snap, v6})},
      {"radiotap", 127, joined({{0, 0, 12, 0}, zeros(8), {0x08, 0x01}, zeros(22), snap, v4}),
       joined({{0, 0, 8, 0}, zeros(4), {0x08, 0x01}, zeros(22), snap, v6})},
  };
}

Tuple flow(bool v4) {
  return {.src = *IpAddress::parse(v4 ? "10.0.0.1" : "2001:db8::1"),
          .dst = *IpAddress::parse(v4 ? "203.0.113.10" : "2001:db8::2"),
          .protocol = 6,
          .sport = 40000,
          .dport = 80};
}

TEST(Frame, ThePacketIsFound) {
  for (const Case& test : cases()) {
    SCOPED_TRACE(test.why);
    ASSERT_TRUE(is_known(test.type));
    for (const bool v4 : {true, false}) {
      const Bytes packet = packet_of(flow(v4));
      const Bytes& before = v4 ? test.before4 : test.before6;
      const Bytes frame = joined({before, packet});
      const auto found = ip_in_frame(test.type, frame);
      ASSERT_TRUE(found);
      EXPECT_EQ(Bytes(found->begin(), found->end()), packet);
      for (size_t cut = 0; cut <= before.size(); ++cut) {
        EXPECT_FALSE(ip_in_frame(test.type, std::span(frame).first(cut))) << "cut to " << cut;
      }
    }
  }
}

TEST(Frame, OtherFramesCarryNoPacket) {
  const Bytes packet = packet_of(flow(true));
  const Bytes snap = {0xaa, 0xaa, 3, 0, 0, 0, 8, 0};
  const Case kCases[] = {
      {"ARP", 1, joined({kMacs, {0x08, 0x06}}), {}},
      {"IPv4 in a frame that says IPv6", 1, joined({kMacs, {0x86, 0xdd}}), {}},
      {"five VLAN tags",
       1,
       joined({kMacs, {0x81, 0, 0, 1}, {0x81, 0, 0, 1}, {0x81, 0, 0, 1}, {0x81, 0, 0, 1}, {0x81, 0, 0, 1}, {8, 0}}),
       {}},
      {"PPPoE discovery", 1, joined({kMacs, {0x88, 0x64, 0x11, 0x09, 0, 0, 0, 50, 0, 0x21}}), {}},
      {"PPP's LCP", 9, {0xc0, 0x21}, {}},
      {"an encrypted 802.11 frame", 105, joined({{0x08, 0x41}, zeros(22), snap}), {}},
      {"an 802.11 beacon", 105, joined({{0x80, 0x00}, zeros(22), snap}), {}},
      {"an 802.11 null frame", 105, joined({{0x48, 0x01}, zeros(22), snap}), {}},
      {"a link type that nobody knows", 147, {}, {}},
  };
  for (const Case& test : kCases) {
    EXPECT_FALSE(ip_in_frame(test.type, joined({test.before4, packet}))) << test.why;
  }
  EXPECT_FALSE(is_known(147));
}

/// Each frame lies in an allocation of its own size, so that the address sanitizer sees a read beyond it.
TEST(Frame, AnyBytesDoNoHarm) {
  Random random(1);
  for (const Case& test : cases()) {
    for (int i = 0; i < 2000; ++i) {
      Bytes frame = joined({test.before4, packet_of(flow(true))});
      for (uint32_t changes = random.below(6); changes > 0; --changes) {
        frame[random.below(static_cast<uint32_t>(frame.size()))] = static_cast<uint8_t>(random.next());
      }
      const size_t size = random.below(static_cast<uint32_t>(frame.size() + 1));
      const auto exact = std::make_unique<uint8_t[]>(size);
      std::copy_n(frame.begin(), size, exact.get());
      const auto found = ip_in_frame(test.type, {exact.get(), size});
      if (!found) continue;
      EXPECT_GE(found->data(), exact.get());
      EXPECT_EQ(found->data() + found->size(), exact.get() + size) << "up to the end of the frame";
    }
  }
}

}  // namespace
}  // namespace ecmpd::hash::lab
