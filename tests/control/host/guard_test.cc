// The guard keeps the kernel silent on a device, and nobody but its own process takes it away.
#include "control/host/guard.h"

#include <gtest/gtest.h>

#include "control/host/sysctl.h"
#include "tests/control/host/kernel.h"

namespace ecmpd::control::test {
namespace {

const MacAddress kHostMac{{0x02, 0, 0, 2, 0, 1}};
const IpAddress kFirst = IpAddress::v4(0x0a090002);
const IpAddress kSecond = IpAddress::v4(0x0a090003);

TEST(GuardTest, TheKernelHearsNothingUntilItIsGone) {
  Kernel kernel;
  write_sysctl("net/ipv6/conf/t-x/disable_ipv6", "0");
  auto guard = Guard::set("t-x");
  ASSERT_TRUE(guard) << guard.error();
  EXPECT_EQ(read_sysctl("net/ipv6/conf/t-x/disable_ipv6"), "1");
  kernel.send_arp(true, kHostMac, kFirst, kTwinAddress);

  const auto another = Guard::set("t-x");
  EXPECT_FALSE(another);
  kernel.send_arp(true, kHostMac, kFirst, kTwinAddress);

  guard->reset();
  EXPECT_EQ(read_sysctl("net/ipv6/conf/t-x/disable_ipv6"), "0");
  kernel.send_arp(true, kHostMac, kSecond, kTwinAddress);
  const auto answer = kernel.next_arp([] {});
  ASSERT_TRUE(answer && !answer->request);
  EXPECT_EQ(answer->target, kSecond) << "it has heard what came before";
}

TEST(TapTest, ANameThatIsTakenIsAnError) {
  Kernel kernel;
  const auto again = Tap::open("t-x");
  ASSERT_FALSE(again);
  EXPECT_NE(again.error().find("t-x"), std::string::npos);
}

}  // namespace
}  // namespace ecmpd::control::test
