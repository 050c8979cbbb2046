// The configuration as the daemon uses it: one value, complete and valid, or an error that names the place.
//
// Parsed from TOML by parse_config(); every default is visible here. Control thread at start and at reload.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "control/config/policy.h"
#include "hash/address.h"
#include "hash/function.h"
#include "hash/key.h"
#include "hash/selector.h"

namespace ecmpd::control {

/// An address with the length of its subnet: 10.0.1.1/24.
struct InterfaceAddress {
  IpAddress address;
  uint8_t prefix_length = 0;
  Prefix subnet() const { return {address, prefix_length}; }
  bool operator==(const InterfaceAddress&) const = default;
};

struct MacAddress {
  std::array<uint8_t, 6> bytes{};
  bool operator==(const MacAddress&) const = default;
};

struct RouterConfig {
  uint32_t asn = 0;
  uint32_t router_id = 0;  // host byte order
  bool operator==(const RouterConfig&) const = default;
};

enum class Idle : uint8_t { kAuto, kPoll, kSleep };  // auto: sleep on af_packet, af_xdp and tap; poll elsewhere

struct DataplaneConfig {
  std::vector<unsigned> workers;  // lcores (CPU numbers); default: the last CPU that the process may use
  Idle idle = Idle::kAuto;
  uint32_t fib_tbl8 = 1u << 18;       // of the IPv4 FIB: tbl8s at most, 1 KiB each, with 16 leaves
  uint32_t fib6_prefixes = 1u << 19;  // of the IPv6 FIB: so many longer than /16 fit
  uint32_t icmp_rate = 1000;          // ICMP errors a second about packets that come in by one port; 0: none
  bool operator==(const DataplaneConfig&) const = default;
};

enum class DeviceKind : uint8_t { kAfPacket, kAfXdp, kTap, kVdev, kPci };

/// The zone of link-local addresses on ports[index] (RFC 4007), as IpAddress has it.
inline uint16_t zone_of_port(size_t index) { return static_cast<uint16_t>(index + 1); }
inline size_t port_of_zone(uint16_t zone) { return zone - size_t{1}; }

struct PortConfig {
  std::string name;
  DeviceKind device_kind = DeviceKind::kAfPacket;
  std::string device;  // what follows the kind: an interface name, devargs, or a PCI address
  // A sub-port has the device of an earlier port, its parent, and of that one's wire the frames with this 802.1Q tag.
  std::string parent;                       // empty: the port has the device for itself
  uint16_t vlan = 0;                        // 1 to 4094; 0: no sub-port
  std::vector<InterfaceAddress> addresses;  // may be empty for a port with sub-ports
  uint16_t mtu = 1500;                      // of a sub-port by default its parent's
  bool operator==(const PortConfig&) const = default;
};

struct EcmpConfig {
  hash::KeyFields key = hash::KeyFields::five_tuple();
  std::string key_name = "5-tuple";  // as it was asked for; a list as "src,dst"
  hash::HashFunction hash = hash::HashFunction::kXxh32;
  hash::ToeplitzKey toeplitz_key = hash::ToeplitzKey::microsoft();  // of that function only
  uint64_t seed = 0;  // at most 2^63 - 1; default: splitmix64 of router_id, without its lowest bit
  hash::Selector selector = hash::Selector::kResilient;
  uint32_t buckets = 0;  // 0: auto
  uint16_t maximum_paths = 1024;
  uint32_t forget_after = 86400;  // seconds until a member that stays away is struck from its layouts
  std::string state_file;         // where home layouts are recorded; default /var/lib/ecmpd/<router_id>.json
  bool operator==(const EcmpConfig&) const = default;
};

struct StaticNexthop {
  IpAddress via;  // a link-local address with the zone of its port
  uint16_t weight = 1;
  bool operator==(const StaticNexthop&) const = default;
};
struct StaticRouteConfig {
  Prefix prefix;
  std::vector<StaticNexthop> nexthops;
  bool operator==(const StaticRouteConfig&) const = default;
};

struct NeighborEntryConfig {
  IpAddress address;  // a link-local one with the zone of its port
  MacAddress mac;
  std::string port;
  bool operator==(const NeighborEntryConfig&) const = default;
};

/// How the session with a configured neighbor or a member of a listen range runs.
struct SessionOptions {
  bool ipv4 = true;  // the families that are offered
  bool ipv6 = true;
  bool add_path = true;           // RFC 7911: asks for several paths of a prefix
  bool graceful_restart = true;   // keeps routes while the peer restarts (RFC 4724)
  uint8_t ttl_security_hops = 0;  // RFC 5082; 0: off
  uint8_t ebgp_multihop = 0;      // the TTL of what is sent; 0: the system's
  bool operator==(const SessionOptions&) const = default;
};
struct NeighborConfig {
  IpAddress address;  // a link-local one with the zone of its port
  uint32_t remote_as = 0;
  bool passive = false;        // never opens the connection itself
  uint16_t connect_retry = 5;  // seconds
  SessionOptions session;
  PeerPolicy policy;
  bool operator==(const NeighborConfig&) const = default;
};
struct ListenConfig {
  Prefix range;
  std::vector<uint32_t> remote_as;
  SessionOptions session;
  PeerPolicy policy;
  bool operator==(const ListenConfig&) const = default;
};

struct Config {
  RouterConfig router;
  DataplaneConfig dataplane;
  std::vector<PortConfig> ports;
  EcmpConfig ecmp;
  std::string api_socket = "/run/ecmpd.sock";
  std::vector<StaticRouteConfig> routes;
  std::vector<NeighborEntryConfig> neighbor_entries;
  std::vector<NeighborConfig> neighbors;
  std::vector<ListenConfig> listens;
  bool operator==(const Config&) const = default;
};

/// One line: "config.toml:12: neighbor[0].remote_as: 70000000000 is above 4294967295; allowed: 1 to 4294967295".
/// A password is never part of one.
struct ConfigError {
  std::string file;
  unsigned line = 0;    // 0: the file as a whole
  std::string key;      // empty: the file as a whole, or its syntax
  std::string value;    // as `problem` shows it; empty when it is missing
  std::string problem;  // with what is allowed
  std::string to_string() const;
};

/// The CPUs that this process may run on, ascending.
std::vector<unsigned> available_cpus();

/// `file` is the name for messages; `cpus` are those that `workers` may name, ascending.
tl::expected<Config, ConfigError> parse_config(std::string_view text, const std::string& file,
                                               const std::vector<unsigned>& cpus = available_cpus());
/// Reads and parses; a missing file is an error of the same form.
tl::expected<Config, ConfigError> load_config(const std::string& file,
                                              const std::vector<unsigned>& cpus = available_cpus());

}  // namespace ecmpd::control
