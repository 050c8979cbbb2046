// What keeps an interface from being taken, on the kernel of a namespace.
#include "control/host/interface_use.h"

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>

#include <cstdlib>

#include "tests/control/host/kernel.h"

namespace ecmpd::control::test {
namespace {

TEST(InterfaceUse, AddressesAndRoutesCountAndMerelyBeingUpDoesNot) {
  Kernel kernel;  // its twin has addresses
  EXPECT_EQ(why_in_use("t-x", kernel.twin().interface()), "has the address " + kTwinAddress.to_string());
  EXPECT_EQ(why_not_a_port("t-x"), "") << "an address may have been left on it";
  EXPECT_EQ(address_on("t-x"), kTwinAddress.to_string());
  EXPECT_EQ(why_not_a_port("absent"), "");
  EXPECT_EQ(address_on("absent"), "");

  auto other = Tap::open("idle");
  ASSERT_TRUE(other) << other.error();
  EXPECT_EQ(why_in_use("idle", (*other)->interface()), "");
  ASSERT_TRUE(kernel.netlink().set_up((*other)->interface()));
  EXPECT_EQ(why_in_use("idle", (*other)->interface()), "");  // it has its link-local address and multicast routes now
  ASSERT_TRUE(kernel.netlink().add_default_route((*other)->interface(), IpAddress::v4(0), 254));
  EXPECT_EQ(why_in_use("idle", (*other)->interface()), "carries the default route");
  EXPECT_EQ(why_not_a_port("idle"), "carries the default route");
  EXPECT_EQ(why_in_use("idle", (*other)->interface() + 1), "is in another network namespace");
  EXPECT_EQ(why_in_use("absent", 0), "is in another network namespace");
}

TEST(InterfaceUse, AnIpv6DefaultRouteIsOneToo) {
  Kernel kernel;
  auto other = Tap::open("idle6");
  ASSERT_TRUE(other) << other.error();
  ASSERT_TRUE(kernel.netlink().set_up((*other)->interface()));
  const uint8_t any[16] = {};
  ASSERT_TRUE(kernel.netlink().add_default_route((*other)->interface(), IpAddress::v6(any), 254));
  EXPECT_EQ(why_in_use("idle6", (*other)->interface()), "carries the default route");
}

TEST(InterfaceUse, TheRejectRouteOfAKernelWithoutADefaultRouteIsNone) {
  Kernel kernel;
  ASSERT_EQ(std::system("ip link set lo up && ip -6 route add unreachable default metric 4278198272"), 0);
  EXPECT_EQ(why_not_a_port("lo"), "");
}

TEST(InterfaceUse, AnInterfaceOnTopOfItCounts) {
  Kernel kernel;
  // Sysfs shows the interfaces of the namespace that it was mounted in. This mount is this process's own.
  ASSERT_EQ(unshare(CLONE_NEWNS), 0);
  ASSERT_EQ(mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr), 0);
  ASSERT_EQ(mount("sysfs", "/sys", "sysfs", 0, nullptr), 0);
  auto lower = Tap::open("lower");
  ASSERT_TRUE(lower) << lower.error();
  EXPECT_EQ(why_in_use("lower", (*lower)->interface()), "");
  ASSERT_EQ(std::system("ip link add link lower name storage type macvlan"), 0);
  EXPECT_EQ(why_in_use("lower", (*lower)->interface()), "carries the interface storage");
  EXPECT_EQ(why_not_a_port("lower"), "carries the interface storage");
}

}  // namespace
}  // namespace ecmpd::control::test
