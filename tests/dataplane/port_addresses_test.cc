// The router's own addresses: which are its own, and which it speaks with.
#include "dataplane/port_addresses.h"

#include <gtest/gtest.h>

#include <cstring>

namespace ecmpd::dataplane::test {
namespace {

constexpr PortIndex kFirst{0};
constexpr PortIndex kBare{1};
constexpr PortIndex kLast{2};

std::array<uint8_t, 16> v6(uint8_t subnet, uint8_t host) {
  return {0xfd, 0, 0, 0, 0, 0, 0, subnet, 0, 0, 0, 0, 0, 0, 0, host};
}

/// Three ports, of which the middle one has no address; not sorted.
PortAddresses some() {
  std::vector<PortAddresses::OfPort> ports(3);
  ports[0].v4 = {{0x0a000901, 0xffffff00}, {0x0a000001, 0xffffff00}};
  ports[2].v4 = {{0x0a000201, 0xffffff00}};
  ports[2].v6 = {{v6(7, 1), 64}, {v6(2, 1), 64}};
  return PortAddresses(std::move(ports));
}

TEST(PortAddressesTest, AnAddressOfAnyPortIsItsOwnAndItsSubnetIsNot) {
  const PortAddresses own = some();
  for (const uint32_t address : {0x0a000901u, 0x0a000001u, 0x0a000201u}) {
    EXPECT_TRUE(own.is_own4(address)) << address;
    EXPECT_FALSE(own.is_own4(address + 1)) << address;
    EXPECT_FALSE(own.is_own4(address - 1)) << address;
  }
  for (const uint8_t subnet : {2, 7}) {
    EXPECT_TRUE(own.is_own6(v6(subnet, 1).data()));
    EXPECT_FALSE(own.is_own6(v6(subnet, 2).data()));
  }
}

TEST(PortAddressesTest, APortSpeaksWithTheAddressInThePeersSubnetItsFirstOrABorrowedOne) {
  const PortAddresses own = some();
  EXPECT_EQ(own.source4(kFirst, 0x0a000063), 0x0a000001u);
  EXPECT_EQ(own.source4(kFirst, 0x08080808), 0x0a000901u);
  EXPECT_EQ(own.source4(kBare, 0x0a000063), 0x0a000901u);
  EXPECT_EQ(own.source4(kLast, 0x0a000063), 0x0a000201u);
  EXPECT_EQ(std::memcmp(own.source6(kLast, v6(2, 9).data()), v6(2, 1).data(), 16), 0);
  EXPECT_EQ(std::memcmp(own.source6(kFirst, v6(2, 9).data()), v6(7, 1).data(), 16), 0) << "borrowed: the first";
}

TEST(PortAddressesTest, WithoutAnAddressOfAFamilyThereIsNothingToSay) {
  const PortAddresses none;
  EXPECT_FALSE(none.any4() || none.any6());
  EXPECT_FALSE(none.is_own4(0));
  std::vector<PortAddresses::OfPort> ports(1);
  ports[0].v4 = {{0x0a000001, 0xffffff00}};
  const PortAddresses only4(std::move(ports));
  EXPECT_TRUE(only4.any4());
  EXPECT_FALSE(only4.any6());
  EXPECT_EQ(only4.source6(kFirst, v6(2, 9).data()), nullptr);
  EXPECT_FALSE(only4.is_own6(v6(2, 1).data()));
}

}  // namespace
}  // namespace ecmpd::dataplane::test
