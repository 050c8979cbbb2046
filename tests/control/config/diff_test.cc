#include "control/config/diff.h"

#include <gtest/gtest.h>

#include "tests/control/config/files.h"

namespace ecmpd::control {
namespace {

std::vector<std::string> changes(const Config& running, const Config& wanted) {
  std::vector<std::string> out;
  for (const ConfigChange& change : diff_config(running, wanted)) out.push_back(change.to_string());
  return out;
}

std::string route(const char* prefix, const char* via) {
  return "[[route]]\nprefix = \"" + std::string(prefix) + "\"\nnexthops = [{ via = \"" + via + "\" }]\n";
}

TEST(Diff, NothingWhenNothingChanged) {
  const std::string a = route("198.51.100.0/24", "10.0.1.11"), b = route("203.0.113.0/24", "10.0.1.12");
  EXPECT_TRUE(changes(good(a), good(a)).empty());
  EXPECT_TRUE(changes(good(a + b), good(b + a)).empty());
}

TEST(Diff, RoutesAndPeersChangeWhilePacketsFlow) {
  const std::string peer = "[[neighbor]]\naddress = \"10.0.1.11\"\nremote_as = 64512\npassword = \"";
  EXPECT_EQ(
      changes(good(route("198.51.100.0/24", "10.0.1.11") + route("192.0.2.0/24", "10.0.1.11") + peer + "hush\"\n"),
              good(route("198.51.100.0/24", "10.0.1.12") + route("203.0.113.0/24", "10.0.1.11") + peer +
                   "hush hush\"\n[ecmp]\nseed = 9\n")),
      (std::vector<std::string>{
          "ecmp.seed: changed (flows move)",
          "route 192.0.2.0/24: removed",
          "route 198.51.100.0/24: changed",
          "route 203.0.113.0/24: added",
          "neighbor 10.0.1.11: changed (the session restarts)",
      }));
}

TEST(Diff, LinkLocalAddressesAreNamedAsTheyWereWritten) {
  const std::string entry = "[[neighbor_entry]]\naddress = \"fe80::b\"\nport = \"node1\"\nmac = \"02:00:00:00:01:";
  const std::string nexthop =
      "[[route]]\nprefix = \"2001:db8::/32\"\nnexthops = [{ via = \"fe80::b\", port = \"node1\"";
  EXPECT_EQ(changes(good(entry + "0b\"\n" + nexthop + " }]\n"), good(entry + "0c\"\n" + nexthop + ", weight = 2 }]\n")),
            (std::vector<std::string>{"route 2001:db8::/32: changed", "neighbor_entry fe80::b on node1: changed"}));
}

TEST(Diff, SaysWhichPeersGetANewSession) {
  const auto peers = [](const char* of_neighbor, const char* of_range) {
    return good("[[neighbor]]\naddress = \"10.0.1.11\"\nremote_as = 64512\n" + std::string(of_neighbor) +
                "\n[[listen]]\nrange = \"10.0.2.0/24\"\nremote_as = 64512\n" + of_range + "\n");
  };
  const Config before = peers("", "");
  EXPECT_EQ(changes(before, peers("import = \"any\"", "maximum_prefix = 3")),
            (std::vector<std::string>{"neighbor 10.0.1.11: changed", "listen 10.0.2.0/24: changed"}));
  EXPECT_EQ(changes(before, peers("passive = true", "hold_time = 9")),
            (std::vector<std::string>{"neighbor 10.0.1.11: changed (the session restarts)",
                                      "listen 10.0.2.0/24: changed (the session restarts)"}));
}

TEST(Diff, PortsAndWorkersNeedARestart) {
  const Config before = good("");
  Config after = good(
      "[[port]]\nname = \"node3\"\ndevice = \"tap:x\"\naddress = \"10.0.3.1/24\"\n[dataplane]\nworkers = \"0\"\n"
      "[[neighbor_entry]]\naddress = \"10.0.1.11\"\nmac = \"02:00:00:00:01:0b\"\nport = \"node1\"\n");
  EXPECT_EQ(changes(before, after), (std::vector<std::string>{
                                        "dataplane.workers: changed (needs a restart)",
                                        "port node3: added (needs a restart)",
                                        "neighbor_entry 10.0.1.11 on node1: added",
                                    }));
  after = before;
  after.ports[1].mtu = 9000;
  after.ports[1].addresses.pop_back();
  EXPECT_EQ(changes(before, after), (std::vector<std::string>{"port node2.address: changed (needs a restart)",
                                                              "port node2.mtu: changed (needs a restart)"}));
  after = before;
  std::swap(after.ports[0], after.ports[1]);
  EXPECT_EQ(changes(before, after), std::vector<std::string>{"order of the ports: changed (needs a restart)"});
}

}  // namespace
}  // namespace ecmpd::control
