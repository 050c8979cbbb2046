// Fragmentation: what leaves is what RFC 791 wants, and put together again it is the packet.
#include "dataplane/fragment.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "tests/dataplane/packet.h"
#include "tests/dataplane/stage_harness.h"

namespace ecmpd::dataplane::test {
namespace {

class FragmentTest : public testing::Test {
 public:
  static void SetUpTestSuite() {
    start_test_eal();
    pool_ = rte_pktmbuf_pool_create("fragments", 511, 0, 0, RTE_MBUF_DEFAULT_BUF_SIZE, SOCKET_ID_ANY);
    ASSERT_NE(pool_, nullptr);
  }
  void TearDown() override { EXPECT_EQ(rte_mempool_in_use_count(pool_), 0u); }

  /// In segments of 2,000 bytes.
  static rte_mbuf* to_mbuf(const Bytes& frame) {
    rte_mbuf* packet = nullptr;
    for (size_t place = 0; place < frame.size(); place += 2000) {
      const size_t bytes = std::min<size_t>(2000, frame.size() - place);
      rte_mbuf* next = rte_pktmbuf_alloc(pool_);
      std::copy_n(frame.data() + place, bytes, rte_pktmbuf_append(next, static_cast<uint16_t>(bytes)));
      if (packet == nullptr) {
        packet = next;
      } else {
        EXPECT_EQ(rte_pktmbuf_chain(packet, next), 0);
      }
    }
    return packet;
  }

  static std::vector<Bytes> fragments(const Bytes& frame, uint16_t mtu) {
    rte_mbuf* packet = to_mbuf(frame);
    packet->port = 3;
    packet->vlan_tci = 0xa00a;
    packet->ol_flags = RTE_MBUF_F_RX_VLAN | RTE_MBUF_F_RX_IP_CKSUM_GOOD;
    std::array<rte_mbuf*, kMaxFragments> pieces;
    const unsigned count = fragment(packet, mtu, pieces).value_or(0);
    std::vector<Bytes> out;
    for (rte_mbuf* piece : std::span(pieces).first(count)) {
      EXPECT_EQ(piece->port, 3);
      EXPECT_EQ(piece->vlan_tci, 0xa00a) << "the priority is the packet's";
      EXPECT_EQ(piece->ol_flags, RTE_MBUF_F_RX_VLAN);
      EXPECT_EQ(piece->nb_segs, 1) << "devices without scatter can send it";
      const auto* bytes = rte_pktmbuf_mtod(piece, const uint8_t*);
      out.emplace_back(bytes, bytes + piece->data_len);
      rte_pktmbuf_free(piece);
    }
    return out;
  }

  static rte_mempool* pool_;
};
rte_mempool* FragmentTest::pool_ = nullptr;

unsigned word(const Bytes& frame, size_t place) { return unsigned{frame[place]} << 8 | frame[place + 1]; }

/// Puts fragments in order together to one packet, checking each.
Bytes reassembled(const std::vector<Bytes>& pieces, uint16_t mtu, size_t first_header, size_t later_header) {
  Bytes payload;
  for (size_t i = 0; i < pieces.size(); ++i) {
    const Bytes& piece = pieces[i];
    const size_t header = (piece[14] & 0xfu) * 4u;
    EXPECT_EQ(header, i == 0 ? first_header : later_header);
    EXPECT_LE(piece.size(), 14u + mtu);
    EXPECT_EQ(word(piece, 16), piece.size() - 14) << "total length";
    EXPECT_EQ(internet_checksum(&piece[14], header), 0) << "a right checksum sums up to zero";
    const unsigned flags = word(piece, 20);
    EXPECT_EQ((flags & 0x1fff) * 8, payload.size());
    EXPECT_EQ((flags & 0x2000) != 0, i + 1 < pieces.size()) << "more fragments";
    payload.insert(payload.end(), piece.begin() + static_cast<long>(14 + header), piece.end());
  }
  return payload;
}

TEST_F(FragmentTest, PiecesMakeThePacketAgain) {
  for (const uint16_t mtu : {68, 576, 1280, 1499, 1500}) {
    for (const size_t bytes : {1600, 2999, 4000, 8972}) {
      auto in = packet().udp(1, 2).payload(bytes).tos(0x20).id(77);
      const Bytes frame = in.frame();
      const auto pieces = fragments(frame, mtu);
      ASSERT_GE(pieces.size(), bytes / mtu);
      EXPECT_EQ(reassembled(pieces, mtu, 20, 20), Bytes(frame.begin() + 34, frame.end())) << mtu << " " << bytes;
      for (const Bytes& piece : pieces) {
        EXPECT_TRUE(std::equal(piece.begin(), piece.begin() + 16, frame.begin())) << "Ethernet, version, TOS";
        EXPECT_EQ(word(piece, 18), 77u);
        EXPECT_TRUE(std::equal(piece.begin() + 26, piece.begin() + 34, frame.begin() + 26)) << "addresses";
      }
    }
  }
}

TEST_F(FragmentTest, AFragmentIsFragmentedAgain) {
  const Bytes frame = packet().l4(Bytes(1400, 5)).fragment(0x2000 | 100).frame();
  const auto pieces = fragments(frame, 600);
  ASSERT_EQ(pieces.size(), 3u);
  EXPECT_EQ(word(pieces[0], 20), 0x2000u | 100);
  EXPECT_EQ(word(pieces[1], 20), 0x2000u | (100 + 72));
  EXPECT_EQ(word(pieces[2], 20), 0x2000u | (100 + 144)) << "the last piece of a fragment that is not the last";
}

TEST_F(FragmentTest, OnlyOptionsWithTheCopyBitAreInEveryPiece) {
  // RFC 791 section 3.1: record route (7) stays in the first, router alert (148, RFC 2113) is copied.
  const Bytes options{7, 7, 4, 0, 0, 0, 0, 148, 4, 0, 0, 0};
  const Bytes frame = packet().udp(1, 2).payload(3000).options(options).frame();
  const auto pieces = fragments(frame, 1500);
  ASSERT_EQ(pieces.size(), 3u);
  EXPECT_EQ(reassembled(pieces, 1500, 32, 24), Bytes(frame.begin() + 14 + 32, frame.end()));
  EXPECT_EQ(Bytes(pieces[0].begin() + 34, pieces[0].begin() + 46), options);
  EXPECT_EQ(Bytes(pieces[1].begin() + 34, pieces[1].begin() + 38), Bytes({148, 4, 0, 0}));
}

TEST_F(FragmentTest, WithoutMemoryThePacketIsAsItWas) {
  std::vector<rte_mbuf*> all;
  const Bytes frame = packet().udp(1, 2).payload(1600).frame();
  rte_mbuf* packet = to_mbuf(frame);
  while (rte_mbuf* more = rte_pktmbuf_alloc(pool_)) all.push_back(more);
  std::array<rte_mbuf*, kMaxFragments> pieces;
  EXPECT_EQ(fragment(packet, 1500, pieces), tl::unexpected(DropReason::kNoBuffer));
  EXPECT_EQ(packet->pkt_len, frame.size());
  EXPECT_TRUE(std::equal(frame.begin(), frame.end(), rte_pktmbuf_mtod(packet, const uint8_t*)));
  rte_pktmbuf_free(packet);
  rte_pktmbuf_free_bulk(all.data(), static_cast<unsigned>(all.size()));
}

TEST_F(FragmentTest, MoreThanTheMostIsTooLongForTheMtu) {
  // A header of 60 bytes leaves 8 to a fragment.
  const auto with_options = packet().options(Bytes(40, 1));
  EXPECT_EQ(fragments(PacketBuilder(with_options).l4(Bytes(8 * kMaxFragments, 5)).frame(), 68).size(), kMaxFragments);
  const Bytes frame = PacketBuilder(with_options).l4(Bytes(8 * kMaxFragments + 1, 5)).frame();
  rte_mbuf* packet = to_mbuf(frame);
  std::array<rte_mbuf*, kMaxFragments> pieces;
  EXPECT_EQ(fragment(packet, 68, pieces), tl::unexpected(DropReason::kMtuExceeded));
  EXPECT_EQ(packet->pkt_len, frame.size());
  rte_pktmbuf_free(packet);
}

TEST_F(FragmentTest, OnlyIpv4WithoutDf) {
  const auto may = [](const Bytes& frame) {
    rte_mbuf* packet = to_mbuf(frame);
    const bool answer = may_be_fragmented(packet);
    rte_pktmbuf_free(packet);
    return answer;
  };
  EXPECT_TRUE(may(packet().frame()));
  EXPECT_TRUE(may(packet().fragment(0x2000).frame()));
  EXPECT_FALSE(may(packet().fragment(0x4000).frame()));
  EXPECT_FALSE(may(packet().ethertype(0x86dd).frame()));
  EXPECT_FALSE(may(packet().cut_to(30).frame()));
}

}  // namespace
}  // namespace ecmpd::dataplane::test
