// {why, link type, what stands before the packet}: the packet is found, and nothing else is taken for one.
#include "hash/lab/frame.h"

#include <gtest/gtest.h>

#include <memory>

#include "hash/lab/packet_bytes.h"
#include "hash/random.h"
#include "tests/hash/lab/frame_cases.h"

namespace ecmpd::hash::lab {
namespace {

Tuple flow(bool v4) {
  return {.src = *IpAddress::parse(v4 ? "10.0.0.1" : "2001:db8::1"),
          .dst = *IpAddress::parse(v4 ? "203.0.113.10" : "2001:db8::2"),
          .protocol = 6,
          .sport = 40000,
          .dport = 80};
}

bool is_ipv4_only(const Case& test) { return test.before6.empty() && !test.before4.empty(); }

TEST(Frame, ThePacketIsFound) {
  for (const Case& test : all_cases()) {
    SCOPED_TRACE(test.why);
    ASSERT_TRUE(is_known(test.type));
    for (const bool v4 : {true, false}) {
      if (!v4 && is_ipv4_only(test)) continue;
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
      {"a token ring's own frame", 6, joined({{0x10, 0x00}, kMacs, snap}), {}},
      {"FDDI's station management", 10, joined({{0x41}, kMacs, snap}), {}},
      {"a later fragment on ARCNET", 7, {1, 2, 0xd4, 2, 0, 9}, {}},
      {"DOCSIS management", 143, joined({{0xc2, 0, 0, 90, 1, 2}, kMacs, {8, 0}}), {}},
      {"SunATM signalling", 123, joined({{0x86, 0, 0, 5}, snap}), {}},
      {"labels without an end", 219, {0, 1, 0x00, 64}, {}},
      {"frame relay's management", 107, {0x00, 0x01, 0x03, 0x08}, {}},
      {"a compressed header over SLIP", 8, joined({{0, 0x80}, zeros(14)}), {}},
      {"AX.25 without IP", 3, joined({zeros(6), {0x60}, zeros(6), {0x61}, {0x03, 0xf0}}), {}},
      {"ERF of Infiniband", 197, joined({zeros(8), {21}, zeros(7)}), {}},
      {"NFLOG without a packet", 239, {2, 0, 0, 5, 8, 0, 1, 0}, {}},
      {"an attribute shorter than itself", 239, {2, 0, 0, 5, 3, 0, 9, 0}, {}},
      {"TZSP of token ring", 128, {1, 0, 0, 2, 1}, {}},
      {"PPI in PPI", 192, {0, 0, 8, 0, 192, 0, 0, 0, 0, 0, 8, 0, 12, 0, 0, 0}, {}},
      {"PKTAP of something unknown", 258, {12, 0, 0, 0, 1, 0, 0, 0, 147, 0, 0, 0}, {}},
  };
  for (const Case& test : kCases) {
    EXPECT_FALSE(ip_in_frame(test.type, joined({test.before4, packet}))) << test.why;
  }
  EXPECT_FALSE(is_known(147));
}

/// Each frame lies in an allocation of its own size, so that the address sanitizer sees a read beyond it.
TEST(Frame, AnyBytesDoNoHarm) {
  Random random(1);
  for (const Case& test : all_cases()) {
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
