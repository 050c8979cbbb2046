// Known answers of the functions, each from where it was published.
#include <gtest/gtest.h>

#include <numeric>
#include <string_view>

#include "hash/crc.h"
#include "hash/function.h"
#include "hash/jhash.h"
#include "hash/siphash.h"
#include "hash/toeplitz.h"
#include "hash/xor_fold.h"

namespace ecmpd::hash {
namespace {

template <size_t kBytes>
std::array<uint8_t, kBytes> counting() {  // 00 01 02 ...
  std::array<uint8_t, kBytes> out;
  std::iota(out.begin(), out.end(), uint8_t{0});
  return out;
}

std::span<const uint8_t> bytes(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

TEST(Crc32c, Rfc3720AppendixB4) {
  std::array<uint8_t, 32> block{};
  EXPECT_EQ(crc32c(block, 0xffffffff), 0x8a9136aau);
  block.fill(0xff);
  EXPECT_EQ(crc32c(block, 0xffffffff), 0x62a8ab43u);
  EXPECT_EQ(crc32c(counting<32>(), 0xffffffff), 0x46dd794eu);
  EXPECT_EQ(crc32c(bytes("123456789"), 0xffffffff), 0xe3069283u) << "the check value of catalogues; a tail of one byte";
}

TEST(Crc32c, StartsAnywhere) {  // DPDK's app/test/test_hash_functions.c, which does not invert at the end
  EXPECT_EQ(~crc32c(counting<16>(), 0), 0x9bb99201u);
  EXPECT_EQ(~crc32c(counting<40>(), 0), 0x4a11475eu);
  EXPECT_EQ(~crc32c(counting<16>(), 0xdeadbeef), 0x41fc0e1cu);
  EXPECT_EQ(~crc32c(counting<40>(), 0xdeadbeef), 0x53028d3eu);
}

TEST(Crc16, Catalogue) {  // reveng.sourceforge.io: CRC-16/IBM-3740 and CRC-16/XMODEM
  EXPECT_EQ(crc16(bytes("123456789"), 0xffff), 0x29b1u);
  EXPECT_EQ(crc16(bytes("123456789"), 0), 0x31c3u);
}

TEST(Jhash, Dpdk) {  // app/test/test_hash_functions.c
  const auto of = [](auto key, uint32_t seed) { return jhash(std::span<const uint8_t, sizeof key>(key), seed); };
  EXPECT_EQ(of(counting<4>(), 0), 0xe4cf1d42u);
  EXPECT_EQ(of(counting<8>(), 0), 0xd4ccb93cu);
  EXPECT_EQ(of(counting<16>(), 0), 0x5e84eafcu);
  EXPECT_EQ(of(counting<40>(), 0), 0x1c9fa888u);
  EXPECT_EQ(of(counting<16>(), 0xdeadbeef), 0x762df861u);
  EXPECT_EQ(of(counting<40>(), 0xdeadbeef), 0x768087fcu);
}

TEST(Siphash, ReferenceVectors) {  // vectors.h of the authors' implementation, key 00 01 .. 0f
  const SipKey key{0x0706050403020100, 0x0f0e0d0c0b0a0908};
  const auto of = [&](auto message) { return siphash24(std::span<const uint8_t, sizeof message>(message), key); };
  EXPECT_EQ(siphash24(std::span<const uint8_t, 0>(), key), 0x726fdb47dd0e0e31u);
  EXPECT_EQ(of(counting<8>()), 0x93f5f5799a932462u);
  EXPECT_EQ(of(counting<16>()), 0x3f2acc7f57c29bdbu);
  EXPECT_EQ(of(counting<40>()), 0x0e3ea96b5304a7d0u);
}

TEST(XorFold, ByHand) {
  EXPECT_EQ(xor_fold(std::array<uint8_t, 4>{0x12, 0x34, 0xab, 0xcd}, 0), 0x12 << 8 ^ 0x34 ^ 0xabcd);
  EXPECT_EQ(xor_fold(std::array<uint8_t, 2>{0x12, 0x34}, 0x1234), 0);
}

// ---- Toeplitz: "Verifying the RSS Hash Calculation" of Microsoft's documentation

struct RssCase {
  const char* src;
  const char* dst;
  uint16_t sport, dport;
  uint32_t addresses, ports;  // the hash over addresses alone, and with the ports
};
constexpr RssCase kRssCases4[] = {
    {"66.9.149.187", "161.142.100.80", 2794, 1766, 0x323e8fc2, 0x51ccc178},
    {"199.92.111.2", "65.69.140.83", 14230, 4739, 0xd718262a, 0xc626b0ea},
    {"24.19.198.95", "12.22.207.184", 12898, 38024, 0xd2d0a5de, 0x5c2b394a},
    {"38.27.205.30", "209.142.163.6", 48228, 2217, 0x82989176, 0xafc7327f},
    {"153.39.163.191", "202.188.127.2", 44251, 1303, 0x5d1809c5, 0x10e828a2},
};
constexpr RssCase kRssCases6[] = {
    {"3ffe:2501:200:1fff::7", "3ffe:2501:200:3::1", 2794, 1766, 0x2cc18cd5, 0x40207d3d},
    {"3ffe:501:8::260:97ff:fe40:efab", "ff02::1", 14230, 4739, 0x0f0c461c, 0xdde51bbf},
    {"3ffe:1900:4545:3:200:f8ff:fe21:67cf", "fe80::200:f8ff:fe21:67cf", 44251, 38024, 0x4b61e985, 0x02d1feef},
};

Tuple tuple_of(const RssCase& one) {
  return {.src = *IpAddress::parse(one.src),
          .dst = *IpAddress::parse(one.dst),
          .protocol = 6,
          .sport = one.sport,
          .dport = one.dport};
}

TEST(Toeplitz, MicrosoftsVerificationSuite) {
  const ToeplitzTable table(ToeplitzKey::microsoft());
  for (const RssCase& one : kRssCases4) {
    EXPECT_EQ(table.hash(key4_from_tuple(tuple_of(one), KeyFields::five_tuple())), one.ports) << one.src;
    EXPECT_EQ(table.hash(key4_from_tuple(tuple_of(one), KeyFields::three_tuple())), one.addresses) << one.src;
  }
  for (const RssCase& one : kRssCases6) {
    EXPECT_EQ(table.hash(key6_from_tuple(tuple_of(one), KeyFields::five_tuple())), one.ports) << one.src;
    EXPECT_EQ(table.hash(key6_from_tuple(tuple_of(one), KeyFields::three_tuple())), one.addresses) << one.src;
  }
}

TEST(Toeplitz, SymmetricKeyHashesBothDirectionsAlike) {
  const ToeplitzTable table(ToeplitzKey::symmetric());
  for (const RssCase& one : kRssCases4) {
    Tuple tuple = tuple_of(one);
    const uint32_t forth = table.hash(key4_from_tuple(tuple, KeyFields::five_tuple()));
    std::swap(tuple.src, tuple.dst);
    std::swap(tuple.sport, tuple.dport);
    EXPECT_EQ(table.hash(key4_from_tuple(tuple, KeyFields::five_tuple())), forth);
  }
  for (const RssCase& one : kRssCases6) {
    Tuple tuple = tuple_of(one);
    const uint32_t forth = table.hash(key6_from_tuple(tuple, KeyFields::five_tuple()));
    std::swap(tuple.src, tuple.dst);
    std::swap(tuple.sport, tuple.dport);
    EXPECT_EQ(table.hash(key6_from_tuple(tuple, KeyFields::five_tuple())), forth);
  }
}

TEST(Toeplitz, KeysByNameOrDigits) {
  EXPECT_EQ(ToeplitzKey::parse("microsoft"), ToeplitzKey::microsoft());
  EXPECT_EQ(ToeplitzKey::parse("symmetric"), ToeplitzKey::symmetric());
  const std::string digits = "6d5a56da255b0ec24167253d43a38fb0d0ca2bcbae7b30b477cb2da38030f20c6a42b73bbeac01fa";
  EXPECT_EQ(ToeplitzKey::parse(digits), ToeplitzKey::microsoft());
  std::string colons;
  for (size_t i = 0; i < digits.size(); i += 2) colons += (i == 0 ? "" : ":") + digits.substr(i, 2);
  EXPECT_EQ(ToeplitzKey::parse(colons), ToeplitzKey::microsoft()) << "as ethtool prints it";
  for (const std::string& bad : {std::string(), digits.substr(2), digits + "00", "x" + digits.substr(1), digits + ":",
                                 ":" + digits, std::string("Symmetric")}) {
    EXPECT_FALSE(ToeplitzKey::parse(bad)) << bad;
  }
}

}  // namespace
}  // namespace ecmpd::hash
