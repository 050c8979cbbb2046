// The MD5 keys of a listening socket: of the prefixes that hold an address the longest must have that peer's password.
#include "control/io/tcp_keys.h"

#include <gtest/gtest.h>

namespace ecmpd::control {
namespace {

using hash::Family;
using hash::IpAddress;
using hash::Prefix;

TcpKey key(const char* prefix, const char* password) { return {*Prefix::parse(prefix), password}; }

/// What the kernel asks of an address; "none" without a key.
std::string asked(const std::vector<TcpKey>& keys, const char* address) {
  const TcpKey* best = nullptr;
  for (const TcpKey& one : keys) {
    if (!one.peers.contains(*IpAddress::parse(address))) continue;
    if (best == nullptr || one.peers.length() > best->peers.length()) best = &one;
  }
  return best == nullptr ? "none" : best->password;
}

TEST(TcpKeys, ARangeAndANeighborWithAnotherPassword) {
  const std::vector<TcpKey> wanted = {key("10.0.1.0/24", "range"), key("10.0.1.7/32", "own")};
  EXPECT_EQ(kernel_keys(wanted, Family::kIpv4), wanted);
  EXPECT_TRUE(kernel_keys(wanted, Family::kIpv6).empty());
}

TEST(TcpKeys, ANeighborWithoutAPasswordIsLeftOutOfItsRange) {
  const auto keys = kernel_keys(std::vector{key("10.0.1.0/24", "range"), key("10.0.1.7/32", "")}, Family::kIpv4);
  EXPECT_EQ(keys.size(), 8u);
  for (int host = 0; host < 256; ++host) {
    const std::string address = "10.0.1." + std::to_string(host);
    EXPECT_EQ(asked(keys, address.c_str()), host == 7 ? "none" : "range") << address;
  }
}

TEST(TcpKeys, RangesWithinRanges) {
  const auto keys =
      kernel_keys(std::vector{key("fd00::/32", "outer"), key("fd00:0:1::/48", ""), key("fd00:0:1:2::/64", "inner"),
                              key("fd00:0:1:2::7/128", ""), key("10.0.0.0/8", "other family")},
                  Family::kIpv6);
  EXPECT_EQ(asked(keys, "fd00::1"), "outer");
  EXPECT_EQ(asked(keys, "fd00:0:1::1"), "none");
  EXPECT_EQ(asked(keys, "fd00:0:1:2::1"), "inner");
  EXPECT_EQ(asked(keys, "fd00:0:1:2::7"), "none");
  EXPECT_EQ(asked(keys, "fd00:0:1:3::7"), "none");
  EXPECT_EQ(asked(keys, "fd00:0:2::1"), "outer");
  EXPECT_LE(keys.size(), 16u + 64u);
}

}  // namespace
}  // namespace ecmpd::control
