// Good files: what each key becomes.
#include <gtest/gtest.h>

#include <cstdio>

#include "hash/function.h"
#include "hash/random.h"
#include "tests/control/config/files.h"

namespace ecmpd::control {
namespace {

IpAddress ip(const char* text) { return IpAddress::parse(text).value(); }
Prefix prefix(const char* text) { return Prefix::parse(text).value(); }

std::string neighbor(const std::string& more) {
  return "[[neighbor]]\naddress = \"10.0.1.11\"\nremote_as = 64512\n" + more + "\n";
}

TEST(Config, TheLeastFileGetsTheDefaults) {
  const Config config = good("");
  EXPECT_EQ(config.router, (RouterConfig{64500, 0x0a000001}));
  EXPECT_EQ(config.dataplane.workers, std::vector<unsigned>{1});
  EXPECT_EQ(config.dataplane.idle, Idle::kAuto);
  ASSERT_EQ(config.ports.size(), 2u);
  EXPECT_EQ(config.ports[0].device_kind, DeviceKind::kAfPacket);
  EXPECT_EQ(config.ports[0].device, "veth1");
  EXPECT_EQ(config.ports[0].mtu, 1500);
  EXPECT_EQ(config.ports[0].addresses, (std::vector<InterfaceAddress>{{ip("10.0.1.1"), 24}, {ip("fd00:1::1"), 64}}));
  EXPECT_EQ(config.ports[1].addresses, (std::vector<InterfaceAddress>{{ip("10.0.2.1"), 24}}));
  uint64_t state = 0x0a000001;
  EXPECT_EQ(config.ecmp.seed, hash::splitmix64(state) >> 1);
  EXPECT_EQ(config.ecmp.state_file, "/var/lib/ecmpd/10.0.0.1.json");
  EXPECT_EQ(config.ecmp.selector, hash::Selector::kResilient);
  EXPECT_EQ(config.api_socket, "/run/ecmpd.sock");
  EXPECT_TRUE(config.routes.empty() && config.neighbors.empty() && config.listens.empty());
}

TEST(Config, WorkersAreTheLastCpuByDefaultOrAListInAnyOrder) {
  const std::vector<unsigned> cpus = {0, 2, 3, 5, 9};
  EXPECT_EQ(parse_config(kTwoPorts, "c", cpus)->dataplane.workers, std::vector<unsigned>{9});
  const std::string text = std::string(kTwoPorts) + "[dataplane]\nworkers = \"5,2-3,0\"\nidle = \"sleep\"\n";
  EXPECT_EQ(parse_config(text, "c", cpus)->dataplane.workers, (std::vector<unsigned>{0, 2, 3, 5}));
  EXPECT_EQ(parse_config(text, "c", cpus)->dataplane.idle, Idle::kSleep);
}

TEST(Config, DevicesOfEveryKind) {
  const struct {
    const char* text;
    DeviceKind kind;
    const char* device;
  } cases[] = {
      {"af_packet:eth1", DeviceKind::kAfPacket, "eth1"},
      {"af_xdp:eth1", DeviceKind::kAfXdp, "eth1"},
      {"tap:abcdefghijklmno", DeviceKind::kTap, "abcdefghijklmno"},
      {"vdev:net_pcap0,rx_pcap=/tmp/a.pcap,infinite_rx=1", DeviceKind::kVdev,
       "net_pcap0,rx_pcap=/tmp/a.pcap,infinite_rx=1"},
      {"vdev:net_null1", DeviceKind::kVdev, "net_null1"},
      {"0000:3B:00.0", DeviceKind::kPci, "0000:3b:00.0"},
      {"10000:01:1f.7", DeviceKind::kPci, "10000:01:1f.7"},
  };
  for (const auto& c : cases) {
    const Config config =
        good("[[port]]\nname = \"x\"\ndevice = \"" + std::string(c.text) + "\"\naddress = \"10.0.3.1/24\"\n");
    ASSERT_EQ(config.ports.size(), 3u);
    EXPECT_EQ(config.ports[2].device_kind, c.kind) << c.text;
    EXPECT_EQ(config.ports[2].device, c.device);
  }
}

TEST(Config, ASubPortHasTheDeviceAndMtuOfItsParentWhichNeedsNoAddress) {
  const Config config = good(
      "[[port]]\nname = \"trunk\"\ndevice = \"af_xdp:eth9\"\nmtu = 9000\n"
      "[[port]]\nname = \"trunk.10\"\nparent = \"trunk\"\nvlan = 10\naddress = \"10.0.10.1/24\"\n"
      "[[port]]\nname = \"storage\"\nparent = \"trunk\"\nvlan = 4094\naddress = \"10.0.11.1/24\"\nmtu = 1400\n");
  ASSERT_GE(config.ports.size(), 3u);
  const PortConfig* ports = &config.ports[config.ports.size() - 3];
  EXPECT_TRUE(ports[0].addresses.empty());
  EXPECT_EQ(ports[0].vlan, 0);
  EXPECT_EQ(ports[1].device_kind, DeviceKind::kAfXdp);
  EXPECT_EQ(ports[1].device, "eth9");
  EXPECT_EQ(ports[1].parent, "trunk");
  EXPECT_EQ(ports[1].vlan, 10);
  EXPECT_EQ(ports[1].mtu, 9000);
  EXPECT_EQ(ports[2].vlan, 4094);
  EXPECT_EQ(ports[2].mtu, 1400);
}

TEST(Config, BothAddressesOfAPointToPointSubnetAreHosts) {
  const Config config = good(
      "[[port]]\nname = \"p\"\ndevice = \"tap:p\"\naddress = [\"10.0.3.0/31\", \"10.0.3.9/32\", \"fd00:3::/127\"]\n"
      "[[route]]\nprefix = \"0.0.0.0/0\"\nnexthops = [{ via = \"10.0.3.1\" }]\n"
      "[[route]]\nprefix = \"::/0\"\nnexthops = [{ via = \"fd00:3::1\" }]\n");
  EXPECT_EQ(config.routes.at(0).nexthops.at(0).via, ip("10.0.3.1"));
  EXPECT_EQ(config.routes.at(1).prefix, prefix("::/0"));
}

TEST(Config, EveryLinkHasItsOwnLinkLocalSubnet) {
  good(
      "[[port]]\nname = \"p\"\ndevice = \"tap:p\"\naddress = \"fe80::1/64\"\n"
      "[[port]]\nname = \"q\"\ndevice = \"tap:q\"\naddress = \"fe80::1/64\"\n");
}

TEST(Config, NexthopsMayBeLinkLocalOrOfTheOtherFamily) {
  const Config config = good(
      "[[route]]\nprefix = \"198.51.100.0/24\"\n"
      "nexthops = [{ via = \"fd00:1::b\" }, { via = \"fe80::b\", port = \"node1\" }, "
      "{ via = \"10.0.2.11\", port = \"node2\" }]\n"
      "[[port]]\nname = \"p\"\ndevice = \"tap:p\"\naddress = \"fe80::1/64\"\n"
      "[[route]]\nprefix = \"2001:db8::/32\"\n"
      "nexthops = [{ via = \"fe80::b\", port = \"node1\" }, { via = \"fe80::b\", port = \"p\" }]\n"
      "[[neighbor_entry]]\naddress = \"fe80::b\"\nmac = \"02:00:00:00:01:0b\"\nport = \"p\"\n");
  const auto& mixed = config.routes.at(0).nexthops;
  EXPECT_EQ(mixed.at(0).via, ip("fd00:1::b"));
  EXPECT_EQ(mixed.at(1).via, ip("fe80::b").with_zone(zone_of_port(0)));
  EXPECT_EQ(mixed.at(2).via, ip("10.0.2.11"));
  EXPECT_EQ(config.routes.at(1).nexthops.at(1).via, ip("fe80::b").with_zone(zone_of_port(2)));
  EXPECT_EQ(config.neighbor_entries.at(0).address, ip("fe80::b").with_zone(zone_of_port(2)));
}

TEST(Config, OnePortMayHaveTwoAddressesOfOneSubnet) {
  good("[[port]]\nname = \"p\"\ndevice = \"tap:p\"\naddress = [\"10.0.3.1/24\", \"10.0.3.2/24\"]\n");
}

TEST(Config, KeysOfTheHash) {
  EXPECT_EQ(good("[ecmp]\nkey = \"3-tuple\"\n").ecmp.key, hash::KeyFields::three_tuple());
  EXPECT_EQ(good("[ecmp]\nkey = \"5-tuple\"\n").ecmp.key, hash::KeyFields::five_tuple());
  const EcmpConfig listed = good("[ecmp]\nkey = [\"dst\", \"src\", \"flow-label\", \"inner\"]\n").ecmp;
  EXPECT_EQ(listed.key,
            (hash::KeyFields{.protocol = false, .sport = false, .dport = false, .flow_label = true, .inner = true}));
  EXPECT_EQ(listed.key_name, "dst,src,flow-label,inner");
  EXPECT_TRUE(good("[ecmp]\nkey = [\"dst\", \"src\"]\nsymmetric = true\n").ecmp.key.symmetric);
  EXPECT_TRUE(good("[ecmp]\nsymmetric = true\n").ecmp.key.symmetric);
}

TEST(Config, HashFunctions) {
  EXPECT_EQ(good("").ecmp.hash, hash::HashFunction::kXxh32);
  for (unsigned i = 0; i < hash::kHashFunctionCount; ++i) {
    const auto function = static_cast<hash::HashFunction>(i);
    const std::string name(hash::to_string(function));
    EXPECT_EQ(good("[ecmp]\nhash = \"" + name + "\"\n").ecmp.hash, function);
  }
  EXPECT_EQ(good("[ecmp]\nhash = \"toeplitz\"\n").ecmp.toeplitz_key, hash::ToeplitzKey::microsoft());
  EXPECT_EQ(good("[ecmp]\nhash = \"toeplitz\"\ntoeplitz_key = \"symmetric\"\n").ecmp.toeplitz_key,
            hash::ToeplitzKey::symmetric());
}

TEST(Config, BucketsSelectorAndSeed) {
  EXPECT_EQ(good("[ecmp]\nbuckets = 64\n").ecmp.buckets, 64u);
  EXPECT_EQ(good("[ecmp]\nbuckets = 65536\n").ecmp.buckets, 65536u);
  for (const hash::Selector selector : hash::kSelectors) {
    const std::string text = "[ecmp]\nselector = \"" + std::string(to_string(selector)) + "\"\n";
    if (!is_model(selector)) {
      EXPECT_EQ(good(text).ecmp.selector, selector);
    }
  }
  EXPECT_EQ(good("[ecmp]\nseed = 9223372036854775807\n").ecmp.seed, uint64_t{INT64_MAX});
  EXPECT_EQ(good("[ecmp]\nseed = 0\n").ecmp.seed, 0u);
}

TEST(Config, FiltersAcceptWhatFrrWouldAccept) {
  const auto accepts = [](const std::string& filter, const char* text) {
    const auto rules = good(neighbor("import = " + filter)).neighbors.at(0).policy.import_filter.rules;
    return std::any_of(rules.begin(), rules.end(), [&](const auto& rule) { return rule.matches_prefix(prefix(text)); });
  };
  EXPECT_TRUE(accepts("\"any\"", "192.0.2.1/32"));
  EXPECT_FALSE(accepts("[]", "192.0.2.1/32"));
  EXPECT_TRUE(accepts("[\"192.0.2.0/24\"]", "192.0.2.0/24"));
  EXPECT_FALSE(accepts("[\"192.0.2.0/24\"]", "192.0.2.0/25"));
  EXPECT_TRUE(accepts("[\"192.0.2.0/24 le 32\"]", "192.0.2.0/24"));
  EXPECT_TRUE(accepts("[\"192.0.2.0/24 le 32\"]", "192.0.2.7/32"));
  EXPECT_FALSE(accepts("[\"192.0.2.0/24 le 31\"]", "192.0.2.7/32"));
  EXPECT_FALSE(accepts("[\"192.0.2.0/24 ge 25\"]", "192.0.2.0/24"));
  EXPECT_TRUE(accepts("[\"192.0.2.0/24 ge 25\"]", "192.0.2.7/32"));
  EXPECT_FALSE(accepts("[\"192.0.2.0/24 ge 25 le 26\"]", "192.0.2.0/27"));
  EXPECT_FALSE(accepts("[\"192.0.2.0/24 le 32\"]", "198.51.100.0/24"));
  EXPECT_TRUE(accepts("[\"198.51.100.0/24\", \"192.0.2.0/24  le  32\"]", "192.0.2.0/27"));
}

TEST(Config, ANeighborWithoutImportSaysAndHearsNothing) {
  const NeighborConfig peer = good(neighbor("")).neighbors.at(0);
  EXPECT_EQ(peer.address, ip("10.0.1.11"));
  EXPECT_EQ(peer.remote_as, 64512u);
  EXPECT_TRUE(peer.policy.import_filter.rules.empty());
  EXPECT_TRUE(peer.policy.export_filter.rules.empty());
  EXPECT_EQ(peer.policy.hold_time, 90);
}

TEST(Config, ANeighborMayBeFarAwayAndItsExportListed) {
  const Config config = good(
      "[[neighbor]]\naddress = \"192.0.2.77\"\nremote_as = 4294967295\npassive = true\nhold_time = 0\n"
      "export = [\"203.0.113.0/24 le 32\"]\npassword = \"x y\"\n");
  const NeighborConfig& peer = config.neighbors.at(0);
  EXPECT_TRUE(peer.passive);
  EXPECT_EQ(peer.remote_as, 4294967295u);
  EXPECT_EQ(peer.policy.hold_time, 0);
  EXPECT_EQ(peer.policy.password, "x y");
  EXPECT_TRUE(peer.policy.export_filter.rules.at(0).matches(prefix("203.0.113.5/32")));
}

TEST(Config, RulesHaveConditionsAndActions) {
  const PeerPolicy policy =
      good(
          neighbor("import = [{ community = \"blackhole\", action = \"reject\" }, { prefix = [\"192.0.2.0/24 le 32\"], "
                   "prefix_length = \"ge 25\", community = [\"64512:1\", \"64512:2\"], large_community = \"1:2:3\", "
                   "as_path = 64512, origin_as = [1, 2], as_path_length = \"le 3\", weight = 4, local_preference = 0 "
                   "}, \"any\"]\nexport = [\"any\", { aggregate = \"192.0.2.0/24\", add_community = \"1:2\", "
                   "prepend = 3 }]\ncommunity_weight = { \"64512:9\" = 9, \"1:1\" = 2 }\nlink_bandwidth = 1000000\n"
                   "maximum_prefix_action = \"discard\"\nmaximum_prefix_restart = 5"))
          .neighbors.at(0)
          .policy;
  const std::vector<ImportRule> rules = {
      {.prefixes = {}, .prefix_length = {}, .communities = {0xffff029a}, .accept = false},
      {.prefixes = {{prefix("192.0.2.0/24"), 24, 32}},
       .prefix_length = NumberRange{25, 128},
       .communities = {64512u << 16 | 1, 64512u << 16 | 2},
       .large_communities = {{1, 2, 3}},
       .as_path = {64512},
       .origin_as = {1, 2},
       .as_path_length = NumberRange{0, 3},
       .weight = 4,
       .local_preference = 0},
      {}};
  EXPECT_EQ(policy.import_filter.rules, rules);
  EXPECT_EQ(
      policy.export_filter.rules.at(1),
      (ExportRule{.prefixes = {}, .aggregate = prefix("192.0.2.0/24"), .add_communities = {65538}, .prepend = 3}));
  EXPECT_EQ(policy.community_weight, (std::vector<std::pair<uint32_t, uint16_t>>{{64512u << 16 | 9, 9}, {65537, 2}}));
  EXPECT_EQ(policy.link_bandwidth, 1000000u);
  EXPECT_EQ(policy.maximum_prefix_action, MaximumPrefixAction::kDiscard);
  EXPECT_EQ(policy.maximum_prefix_restart, 5);
}

TEST(Config, AListenRangeTakesOneNumberOrMany) {
  const Config config = good(
      "[[listen]]\nrange = \"10.0.1.0/24\"\nremote_as = 64512\n"
      "[[listen]]\nrange = \"10.0.2.0/24\"\nremote_as = [64512, 64513]\nmaximum_prefix = 10\n");
  EXPECT_EQ(config.listens.at(0).remote_as, std::vector<uint32_t>{64512});
  EXPECT_EQ(config.listens.at(1).remote_as, (std::vector<uint32_t>{64512, 64513}));
  EXPECT_EQ(config.listens.at(1).policy.maximum_prefix, 10u);
}

TEST(LoadConfig, ReadsAFile) {
  const std::string name = ::testing::TempDir() + "/ecmpd_config_test.toml";
  std::ofstream(name) << "\xef\xbb\xbf" << kTwoPorts;  // with the byte order mark that some editors leave
  const auto config = load_config(name, kTwoCpus);
  std::remove(name.c_str());
  ASSERT_TRUE(config) << config.error().to_string();
  EXPECT_EQ(*config, good(""));
}

TEST(AvailableCpus, AreAscendingAndNotEmpty) {
  const std::vector<unsigned> cpus = available_cpus();
  ASSERT_FALSE(cpus.empty());
  EXPECT_TRUE(std::is_sorted(cpus.begin(), cpus.end()));
}

}  // namespace
}  // namespace ecmpd::control
