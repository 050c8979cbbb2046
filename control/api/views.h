// What the daemon shows to people and scripts: plain structs, and the StateSource that fills them.
//
// The daemon implements StateSource over its routes, groups, sessions and counters; the API turns the structs into
// tables and JSON on its own threads. Every StateSource function is called on the control thread only, so it needs no
// lock and may not block. The structs are copies: they hold no pointer into the daemon. Numbers are in host byte
// order, counters count since the daemon's start, times are milliseconds.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "control/api/watch_view.h"
#include "hash/address.h"
#include "hash/key.h"
#include "hash/lineage.h"

namespace ecmpd::control::api {

using hash::IpAddress;
using hash::Prefix;
using Mac = std::array<uint8_t, 6>;

struct NexthopView {
  std::optional<IpAddress> address;  // none: the hosts of a connected prefix are neighbors themselves
  std::string port;                  // empty: not resolved to a port
  uint16_t weight = 1;
  bool live = false;       // in the group's table now
  bool draining = false;   // a path to it asks to be left (RFC 8326)
  bool resolving = false;  // asked by ARP or ND, and not given up yet
};

/// kNeighbor: the host route that a resolved neighbor has within its connected prefix. kAggregate: the discard route of
/// an aggregate that is announced.
enum class RouteSource : uint8_t { kBgp, kStatic, kConnected, kNeighbor, kAggregate };

/// One path that a BGP neighbor has announced for a prefix, and why it is used or not.
struct PathView {
  IpAddress peer;
  uint32_t remote_as = 0;
  std::optional<uint32_t> path_id;  // RFC 7911
  IpAddress nexthop;
  std::string as_path;  // "64512 64513 {64600,64601}"
  std::string origin;   // "IGP", "EGP", "incomplete"
  std::optional<uint32_t> med;
  uint32_t local_preference = 100;  // as the decision sees it
  uint16_t weight = 1;
  std::vector<std::string> communities;
  std::vector<std::string> large_communities;
  bool used = false;
  bool best = false;
  bool stale = false;     // kept from an earlier session (RFC 4724)
  bool draining = false;  // its node asks to be left (RFC 8326)
  std::string reason;
};

struct RouteView {
  Prefix prefix;
  RouteSource source = RouteSource::kBgp;
  bool installed = false;
  std::string not_installed_because;  // "FIB full"; empty when installed
  std::optional<uint32_t> group;
  std::vector<NexthopView> nexthops;  // sorted by address
  std::vector<PathView> paths{};      // only when one route was asked for
};

/// A page of the route table.
struct RouteQuery {
  bool all = false;             // neighbors' host routes too
  std::optional<Prefix> after;  // only prefixes that sort behind this one
  size_t limit = 4096;
};

struct MemberView {
  IpAddress address;
  std::string port;  // empty: not resolved
  uint16_t weight = 1;
  bool live = false;
  uint32_t buckets = 0;   // that it owns now
  bool draining = false;  // for a prefix of the group, as NexthopView
};

struct GroupView {
  uint32_t id = 0;
  std::string selector;
  std::string indexing;             // "low-bits", "modulo" or "range"
  uint32_t buckets = 0;             // size of the table
  std::string layout;               // short name of the home layout; groups with the same name share it. Empty: none
  std::vector<MemberView> members;  // home members, live or not, sorted by address
  uint64_t prefixes = 0;            // that point at the group
  // What the table follows from, with selector and members: for `ecmplab predict`.
  uint64_t seed = 0;
  hash::Lineage lineage;
};

/// Messages by type, of one direction.
struct BgpMessageCounts {
  uint64_t opens = 0;
  uint64_t updates = 0;
  uint64_t keepalives = 0;
  uint64_t notifications = 0;
  uint64_t route_refreshes = 0;
  uint64_t total() const { return opens + updates + keepalives + notifications + route_refreshes; }
};

/// Of the session that is up: what our OPEN and the peer's have in common, unless it says otherwise.
struct BgpCapabilitiesView {
  bool ipv4_unicast = false;  // RFC 4760
  bool ipv6_unicast = false;
  bool ipv4_add_path = false;  // RFC 7911: the peer sends path identifiers
  bool ipv6_add_path = false;
  bool extended_message = false;   // RFC 8654
  bool route_refresh = false;      // RFC 2918
  bool old_route_refresh = false;  // the peer alone: code 128, of before the RFC
  bool graceful_restart = false;   // RFC 4724
  uint64_t restart_time_msec = 0;  // the peer's
  std::string hostname;            // the peer's, printable; empty: it does not say
};

/// What a session carries of one address family, in paths.
struct BgpFamilyView {
  uint32_t received = 0;  // accepted by the import filter
  uint32_t filtered = 0;  // refused by it
  uint32_t sent = 0;
  bool operator==(const BgpFamilyView&) const = default;
};

/// A NOTIFICATION that ended a session: of a Hard Reset (RFC 8538) what it wraps.
struct BgpNotificationView {
  bool sent = false;  // by us; else received
  bool hard_reset = false;
  uint8_t code = 0;  // as on the wire
  uint8_t subcode = 0;
  std::string reason;                  // "Cease/Administrative Shutdown"
  std::string shutdown_communication;  // RFC 9003
};

struct BgpPeerView {
  IpAddress address;
  uint32_t remote_as = 0;  // of a dynamic peer that has not sent its OPEN: 0
  uint32_t local_as = 0;
  std::string state = "Idle";  // Idle, Connect, Active, OpenSent, OpenConfirm, Established (RFC 4271 section 8.2.2)
  bool dynamic = false;        // came through a listen range
  std::optional<uint64_t> uptime_msec;  // since the session was established, or was lost; none: never established
  BgpMessageCounts received;
  BgpMessageCounts sent;
  uint64_t damaged_updates = 0;  // received, with something wrong that did not end the session (RFC 7606)
  BgpFamilyView ipv4;
  BgpFamilyView ipv6;
  bool carried_ipv6 = false;     // IPv6 unicast is negotiated, or was when there was a session last
  bool imports_nothing = false;  // its `import` accepts no route (RFC 8212: by default)
  uint64_t connections_established = 0;
  uint64_t connections_dropped = 0;

  // Of the session that is up; empty or 0 otherwise.
  std::optional<uint32_t> remote_router_id;
  uint64_t hold_time_msec = 0;  // negotiated; 0: no hold timer
  uint64_t keepalive_msec = 0;
  bool four_octet_as = false;  // both sides have the capability (RFC 6793)
  BgpCapabilitiesView capabilities{};
  std::optional<IpAddress> local_address;
  uint16_t local_port = 0;
  uint16_t remote_port = 0;

  std::string last_reset;                   // "silent for 90 s; sent Hold Timer Expired (4/0)"; empty: never reset
  std::optional<uint64_t> last_reset_msec;  // how long ago
  std::optional<BgpNotificationView> last_notification{};  // if it was by one
};

struct BgpSummaryView {
  uint32_t router_id = 0;
  uint32_t as = 0;
  std::vector<BgpPeerView> peers;  // sorted by address
  uint64_t ipv4_prefixes = 0;      // in the RIB, of every source
  uint64_t ipv6_prefixes = 0;
};

/// How long a neighbor's routes take, in microseconds.
struct BgpTimingView {
  struct Bucket {
    uint64_t below_usec = 0;
    uint64_t routes = 0;
  };
  IpAddress address;
  uint64_t routes = 0;  // prefixes announced or withdrawn: from the read of the socket until they are in the FIB
  uint64_t median_usec = 0;
  uint64_t p99_usec = 0;
  uint64_t max_usec = 0;
  std::vector<Bucket> buckets;  // those with routes, in order
  /// Of the last loss of its session: until its nexthops were out of every group, until its last route was gone.
  std::optional<uint64_t> left_usec;
  std::optional<uint64_t> cleaned_usec;
};

struct PortView {
  std::string name;
  std::string device;  // as configured: "af_packet:veth1"
  std::string driver;
  bool link_up = false;
  Mac mac{};
  uint16_t mtu = 0;
  std::vector<std::string> addresses;  // "10.0.1.1/24"
  uint64_t rx_packets = 0;
  uint64_t rx_bytes = 0;
  uint64_t rx_missed = 0;  // dropped by the device, before ecmpd saw them
  uint64_t rx_errors = 0;
  uint64_t tx_packets = 0;
  uint64_t tx_bytes = 0;
  uint64_t tx_errors = 0;
  /// Over the last second or two; none in the daemon's first moments.
  struct Rates {
    double rx_packets = 0;  // a second
    double rx_bits = 0;
    double tx_packets = 0;
    double tx_bits = 0;
  };
  std::optional<Rates> rates{};
};

struct DropView {
  std::string reason;
  uint64_t packets = 0;
  std::string doc;                     // one line: when this happens
  std::optional<double> per_second{};  // as PortView's rates
};

/// ICMP errors about packets that came in by a port, of both families.
struct IcmpView {
  std::string port;
  uint64_t time_exceeded = 0;
  uint64_t no_route = 0;
  uint64_t unreachable = 0;
  uint64_t too_big = 0;
  uint64_t beyond_scope = 0;
  uint64_t rate_limited = 0;  // not sent
  uint64_t not_allowed = 0;   // not sent either: no error may be sent about such a packet
};

struct WorkerView {
  unsigned lcore = 0;
  std::vector<std::string> ports;
  std::string idle;             // what it does without packets: "poll" or "sleep"
  uint64_t polls = 0;           // of all its queues
  uint64_t empty_polls = 0;     // that brought no packet
  uint64_t bursts = 0;          // that brought at least one
  uint64_t packets = 0;         // received
  uint64_t injected = 0;        // originated by the router itself
  uint64_t fragments = 0;       // made beyond the packet that each was
  uint64_t punted = 0;          // handed to the router itself
  uint64_t busy_cycles = 0;     // TSC cycles of the polls that brought packets
  std::string packet_kernel{};  // "scalar", "avx2", "avx512"
  std::string hash_kernel{};
  std::string fib6_kernel{};
  /// Over the last second or two; none in the daemon's first moments.
  struct Recent {
    double packets_per_second = 0;
    std::optional<double> packets_per_burst;  // none without a burst
    std::optional<double> cycles_per_packet;  // none without a packet
    double idle_share = 0;                    // of the time, what was not spent in polls that brought packets
  };
  std::optional<Recent> recent{};
};

struct HashView {
  std::string key;  // as configured: "5-tuple"
  std::vector<std::string> fields;
  std::string function;
  uint64_t seed = 0;
  std::string selector;
  uint32_t buckets = 0;  // 0: auto
};

enum class Verdict : uint8_t { kForward, kPunt, kDrop, kGlean };

/// Where a packet of a flow goes and why, computed by the functions that the worker calls. Empty from the step on that
/// the packet does not reach.
struct ExplainView {
  hash::Tuple tuple;
  Verdict verdict = Verdict::kDrop;
  std::string reason;  // of a drop, the counter's name; of a punt, why; empty otherwise
  std::optional<Prefix> prefix;
  std::optional<uint32_t> group;
  std::string selector;
  std::string indexing;      // as in GroupView; empty without a group
  std::vector<uint8_t> key;  // the bytes that are hashed
  std::string function;      // hash function
  uint64_t seed = 0;         // expanded, as the hash function gets it
  std::optional<uint32_t> hash;
  uint32_t buckets = 0;
  std::optional<uint32_t> bucket;
  std::optional<IpAddress> nexthop;
  std::optional<IpAddress> home;   // the bucket's first choice: not the nexthop when that member is away
  std::optional<uint32_t> member;  // place of the nexthop among the group's members
  std::string port;
  std::optional<Mac> mac;  // destination address of the frame
};

struct NeighborView {
  IpAddress address;
  std::string port;
  std::optional<Mac> mac;
  std::string state;     // "reachable", "stale", "resolving", "failed", "static"
  bool nexthop = false;  // some route uses it, so it is probed
};

/// One difference between the configuration that ran and the file that was read again.
struct ConfigChangeView {
  std::string what;    // "route 198.51.100.0/24", "port node1.mtu"
  std::string change;  // "added", "removed", "changed"
  std::string effect;  // "flows move", "the session restarts", "needs a restart"; mostly empty
  bool applied = true;
};

class StateSource {
 public:
  virtual ~StateSource() = default;
  /// In order of prefix; an empty answer ends the table. May return more than query.limit.
  virtual std::vector<RouteView> routes(const RouteQuery& query) = 0;
  virtual std::optional<RouteView> route(const Prefix& prefix) = 0;
  /// Longest match, neighbors' host routes included.
  virtual std::optional<RouteView> lookup(const IpAddress& address) = 0;
  virtual std::vector<GroupView> groups() = 0;
  virtual std::optional<GroupView> group(uint32_t id) = 0;
  virtual BgpSummaryView bgp_summary() = 0;
  /// A link-local one may come without its zone when only one port has a neighbor of this address.
  virtual std::optional<BgpPeerView> bgp_peer(const IpAddress& address) = 0;
  /// Sorted by address.
  virtual std::vector<BgpTimingView> bgp_timing() = 0;
  virtual std::vector<PortView> ports() = 0;
  virtual std::vector<DropView> drops() = 0;
  virtual std::vector<IcmpView> icmp() = 0;
  virtual std::vector<WorkerView> workers() = 0;
  virtual HashView hash() = 0;
  virtual std::vector<NeighborView> neighbors() = 0;
  virtual ExplainView explain(const hash::Tuple& tuple) = 0;
  /// Reads the configuration again. The error is one line; nothing has changed then.
  virtual tl::expected<std::vector<ConfigChangeView>, std::string> reload() = 0;
  /// A trace or capture, one at a time. It goes on until it is stopped, whatever read_watch() says, or nobody has
  /// called that for half a minute.
  virtual tl::expected<void, WatchRefusal> start_watch(const WatchRequest& request) = 0;
  /// What has been recorded since the last call, at most `limit` packets. Nothing if no watch of this name goes on.
  virtual std::optional<WatchPage> read_watch(const std::string& name, unsigned limit) = 0;
  /// Nothing more is recorded, so that read_watch() comes to its end. False if there is none of this name.
  virtual bool end_watch(const std::string& name) = 0;
  virtual void stop_watch(const std::string& name) = 0;
  /// In the order of their numbers.
  virtual std::vector<std::string> port_names() = 0;
};

}  // namespace ecmpd::control::api
