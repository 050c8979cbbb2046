#include "control/config/live.h"

#include <gtest/gtest.h>

#include "control/config/diff.h"
#include "tests/control/config/files.h"

namespace ecmpd::control {
namespace {

std::string route(const char* prefix, const char* via) {
  return "[[route]]\nprefix = \"" + std::string(prefix) + "\"\nnexthops = [{ via = \"" + via + "\" }]\n";
}

TEST(Live, TakesWhatCanChangeWhilePacketsFlow) {
  const Config running = good(route("198.51.100.0/24", "10.0.1.11"));
  const Config wanted = good(route("203.0.113.0/24", "10.0.1.12") +
                             "[[neighbor]]\naddress = \"10.0.1.11\"\nremote_as = 64512\n[ecmp]\nseed = 9\n");
  EXPECT_EQ(live_config(running, wanted), wanted);
}

TEST(Live, LeavesWhatNeedsARestart) {
  const Config running = good("");
  Config wanted = good("[dataplane]\nworkers = \"0\"\nidle = \"poll\"\n[api]\nsocket = \"/tmp/other\"\n");
  wanted.ports[0].mtu = 9000;
  wanted.ecmp.state_file = "/tmp/other";
  EXPECT_EQ(live_config(running, wanted), running);
  for (const ConfigChange& change : diff_config(running, wanted)) {
    EXPECT_EQ(change.effect, ConfigChange::Effect::kNeedsRestart) << change.what;
  }
}

TEST(Live, ARouterIdThatWaitsForARestartMovesNoFlow) {
  const Config running = good("");
  Config wanted = running;
  wanted.router.router_id = 0x0a000063;
  wanted.ecmp.seed = default_seed(wanted.router.router_id);
  EXPECT_EQ(live_config(running, wanted), running);
  wanted.ecmp.seed = 9;  // this one was asked for
  EXPECT_EQ(live_config(running, wanted).ecmp.seed, 9u);
}

TEST(Live, LinkLocalNexthopsGetTheZonesOfTheRunningPorts) {
  const std::string nexthop =
      "[[route]]\nprefix = \"2001:db8::/32\"\nnexthops = [{ via = \"fe80::b\", port = \"node1\" }]\n";
  const Config running = good(nexthop);
  Config wanted = running;
  std::swap(wanted.ports[0], wanted.ports[1]);
  wanted.routes[0].nexthops[0] = {wanted.routes[0].nexthops[0].via.without_zone().with_zone(zone_of_port(1)), 3};
  const Config live = live_config(running, wanted);
  EXPECT_EQ(live.routes[0].nexthops[0].via, running.routes[0].nexthops[0].via);
  EXPECT_EQ(live.routes[0].nexthops[0].weight, 3);
  // Its port does not run yet: the route is what it was, and a new one is not there.
  wanted.ports[1].name = "node9";
  EXPECT_EQ(live_config(running, wanted).routes, running.routes);
  EXPECT_TRUE(live_config(good(""), wanted).routes.empty());
}

TEST(Live, NeighborEntriesOnPortsThatDoNotRunWait) {
  const std::string entry =
      "[[neighbor_entry]]\naddress = \"10.0.1.11\"\nport = \"node1\"\nmac = \"02:00:00:00:01:0b\"\n";
  const Config running = good("");
  Config wanted = good(entry);
  EXPECT_EQ(live_config(running, wanted).neighbor_entries, wanted.neighbor_entries);
  wanted.ports[0].name = wanted.neighbor_entries[0].port = "node9";
  EXPECT_TRUE(live_config(running, wanted).neighbor_entries.empty());
}

}  // namespace
}  // namespace ecmpd::control
