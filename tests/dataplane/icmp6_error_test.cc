// ICMPv6 errors: about which packets there may be one, and what it looks like (RFC 4443).
#include <gtest/gtest.h>

#include <algorithm>

#include "dataplane/icmp_error.h"
#include "hash/address.h"
#include "tests/dataplane/packet.h"
#include "tests/dataplane/stage_harness.h"

namespace ecmpd::dataplane::test {
namespace {

Bytes address6(const std::string& text) {
  const auto address = hash::IpAddress::parse(text);
  return {address->bytes(), address->bytes() + 16};
}

struct Packet6 {
  const char* why = "";
  uint8_t next_header = 17;
  Bytes payload = Bytes(16, 1);
  std::string source = "2001:db8:9::2";
  std::string destination = "2001:db8::10";
  Bytes ethernet_to = port_mac(0);

  Bytes ip() const {
    Bytes out{0x60,        0, 0, 0, static_cast<uint8_t>(payload.size() >> 8), static_cast<uint8_t>(payload.size()),
              next_header, 1};
    for (const Bytes& part : {address6(source), address6(destination), payload}) {
      out.insert(out.end(), part.begin(), part.end());
    }
    return out;
  }
  Bytes frame() const {
    Bytes out = ethernet_to;
    for (const Bytes& part : {neighbor_mac(9), Bytes{0x86, 0xdd}, ip()}) {
      out.insert(out.end(), part.begin(), part.end());
    }
    return out;
  }
};

class Icmp6Error : public testing::Test {
 public:
  static void SetUpTestSuite() {
    start_test_eal();
    pool_ = rte_pktmbuf_pool_create("icmp6", 63, 0, 0, RTE_MBUF_DEFAULT_BUF_SIZE, SOCKET_ID_ANY);
    ASSERT_NE(pool_, nullptr);
  }
  void TearDown() override { EXPECT_EQ(rte_mempool_in_use_count(pool_), 0u); }

  static rte_mbuf* to_mbuf(const Bytes& frame) {
    rte_mbuf* packet = rte_pktmbuf_alloc(pool_);
    std::copy(frame.begin(), frame.end(), rte_pktmbuf_append(packet, static_cast<uint16_t>(frame.size())));
    return packet;
  }
  static bool may(const Packet6& about, IcmpErrorKind kind) {
    rte_mbuf* packet = to_mbuf(about.frame());
    const bool answer = may_be_answered(packet, rte_pktmbuf_mtod_offset(packet, const uint8_t*, 14), kind);
    rte_pktmbuf_free(packet);
    return answer;
  }

  static rte_mempool* pool_;
};
rte_mempool* Icmp6Error::pool_ = nullptr;

/// An extension header of 8 bytes.
Bytes extension(uint8_t next, const Bytes& behind, uint8_t b2 = 0, uint8_t b3 = 0) {
  Bytes out(8 + behind.size());
  out[0] = next;
  out[2] = b2;
  out[3] = b3;
  std::copy(behind.begin(), behind.end(), out.begin() + 8);
  return out;
}
const Bytes kEcho{128, 0, 0, 0, 0, 0, 0, 0};
/// A chain of so many destination options, the last of which says what is behind it.
Bytes options(size_t count, uint8_t next, Bytes behind) {
  for (size_t i = 0; i < count; ++i) behind = extension(i == 0 ? next : 60, behind);
  return behind;
}
const Bytes kUnreachable{1, 0, 0, 0, 0, 0, 0, 0};
const Bytes kRedirect{137, 0, 0, 0, 0, 0, 0, 0};

TEST_F(Icmp6Error, Answered) {
  const std::vector<Packet6> cases = {
      {.why = "UDP"},
      {.why = "an echo request", .next_header = 58, .payload = kEcho},
      {.why = "no upper layer", .next_header = 59, .payload = {}},
      {.why = "hop-by-hop options", .next_header = 0, .payload = extension(17, Bytes(8, 0))},
      {.why = "a first fragment", .next_header = 44, .payload = extension(17, Bytes(8, 0), 0, 1)},
      {.why = "echo behind two extensions", .next_header = 0, .payload = extension(60, extension(58, kEcho))},
      {.why = "echo behind eight extensions", .next_header = 60, .payload = options(8, 58, kEcho)},
  };
  for (const Packet6& test : cases) EXPECT_TRUE(may(test, IcmpErrorKind::kTimeExceeded)) << test.why;
}

TEST_F(Icmp6Error, Silent) {
  const std::vector<Packet6> cases = {
      {.why = "an error", .next_header = 58, .payload = kUnreachable},
      {.why = "a redirect", .next_header = 58, .payload = kRedirect},
      {.why = "ICMPv6 without a type", .next_header = 58, .payload = {}},
      {.why = "an error behind options", .next_header = 0, .payload = extension(58, kUnreachable)},
      {.why = "an error behind AH", .next_header = 51, .payload = extension(58, kUnreachable)},
      {.why = "extensions that are cut off", .next_header = 0, .payload = Bytes(4, 0)},
      {.why = "an extension that is longer than the packet",
       .next_header = 43,
       .payload = Bytes{58, 200, 0, 0, 0, 0, 0, 0}},
      {.why = "more extensions than anybody means", .next_header = 60, .payload = options(9, 58, kEcho)},
      {.why = "a later fragment", .next_header = 44, .payload = extension(17, Bytes(8, 0), 0, 8)},
      {.why = "multicast", .destination = "ff0e::1"},
      {.why = "link-layer multicast", .ethernet_to = {0x33, 0x33, 0, 0, 0, 1}},
      {.why = "from nobody", .source = "::"},
      {.why = "from a group", .source = "ff02::1"},
  };
  for (const Packet6& test : cases) EXPECT_FALSE(may(test, IcmpErrorKind::kTimeExceeded)) << test.why;
}

TEST_F(Icmp6Error, PacketTooBigMayBeAboutMulticast) {
  EXPECT_TRUE(may({.destination = "ff0e::1", .ethernet_to = {0x33, 0x33, 0, 0, 0, 1}}, IcmpErrorKind::kTooBig));
  EXPECT_FALSE(may({.source = "::", .destination = "ff0e::1"}, IcmpErrorKind::kTooBig));
}

/// The sum over pseudo header (RFC 8200 section 8.1) and message; 0 when the checksum in it is right.
uint16_t checksum6(const Bytes& ip) {
  Bytes bytes(ip.begin() + 8, ip.begin() + 40);
  const auto length = static_cast<unsigned>(ip.size() - 40);
  for (const unsigned value : {0u, length, 0u, 58u}) {
    bytes.push_back(static_cast<uint8_t>(value >> 8));
    bytes.push_back(static_cast<uint8_t>(value));
  }
  bytes.insert(bytes.end(), ip.begin() + 40, ip.end());
  return internet_checksum(bytes.data(), bytes.size());
}

struct Made {
  IcmpErrorKind kind;
  uint8_t type;
  uint8_t code;
  uint32_t word;
};

TEST_F(Icmp6Error, Made) {
  const Bytes own = address6("2001:db8:9::1");
  for (const Made& want : {Made{IcmpErrorKind::kTimeExceeded, 3, 0, 0}, Made{IcmpErrorKind::kNoRoute, 1, 0, 0},
                           Made{IcmpErrorKind::kUnreachable, 1, 3, 0}, Made{IcmpErrorKind::kTooBig, 2, 0, 1400}}) {
    for (const size_t bytes : {0, 9, 1191, 1192, 1193, 1460}) {
      const Packet6 about{.payload = Bytes(bytes, 7)};
      rte_mbuf* packet = to_mbuf(about.frame());
      rte_pktmbuf_append(packet, 6);  // padding, which is not quoted
      const uint8_t* ip =
          make_icmp_error6(packet, rte_pktmbuf_mtod_offset(packet, uint8_t*, 14), want.kind, own.data(), 1400);
      ASSERT_EQ(ip, rte_pktmbuf_mtod_offset(packet, uint8_t*, 14));
      const Bytes out(ip, ip + packet->pkt_len - 14);
      rte_pktmbuf_free(packet);

      Bytes quoted = about.ip();
      quoted.resize(std::min<size_t>(quoted.size(), 1280 - 48));
      const auto length = static_cast<unsigned>(quoted.size() + 8);
      ASSERT_EQ(out.size(), 40u + length);
      EXPECT_EQ(Bytes(out.begin(), out.begin() + 8),
                Bytes({0x6c, 0, 0, 0, static_cast<uint8_t>(length >> 8), static_cast<uint8_t>(length), 58, 65}));
      EXPECT_EQ(Bytes(out.begin() + 8, out.begin() + 24), own);
      EXPECT_EQ(Bytes(out.begin() + 24, out.begin() + 40), address6(about.source));
      EXPECT_EQ(out[40], want.type);
      EXPECT_EQ(out[41], want.code);
      EXPECT_EQ(unsigned{out[46]} << 8 | out[47], want.word);
      EXPECT_EQ(Bytes(out.begin() + 48, out.end()), quoted);
      EXPECT_EQ(checksum6(out), 0);
    }
  }
}

}  // namespace
}  // namespace ecmpd::dataplane::test
