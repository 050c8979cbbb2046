// The RIB: Adj-RIB-In of every peer, static and connected routes, and the decision between them.
//
// Pure: events in (it is the SessionSink of all sessions), batches of changes out, no socket and no clock. An event
// only marks prefixes; flush() decides each marked prefix once, however many events touched it. A peer that goes down
// walks its own prefixes and no others. A route of one path costs a RibEntry (32 bytes), 4 bytes in its peer's list and
// the index of PrefixMap. What the import policy refuses is kept too, up to a limit, so that a changed policy needs no
// help from the peer. Control thread.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string_view>
#include <vector>

#include "control/bgp/session_sink.h"
#include "control/config/config.h"
#include "control/rib/adj_rib_out.h"
#include "control/rib/attribute_table.h"
#include "control/rib/connected.h"
#include "control/rib/decision.h"
#include "control/rib/import_policy.h"
#include "control/rib/loc_rib.h"
#include "control/rib/path_values.h"
#include "control/rib/rib_table.h"

namespace ecmpd::control {

struct RibOptions {
  uint32_t asn = 0;
  unsigned maximum_paths = 1024;
};

/// What a peer has sent, for `show bgp summary` and `show bgp neighbor`.
struct PeerCounters {
  uint32_t accepted = 0;   // paths in its Adj-RIB-In now that the import policy accepts
  uint32_t filtered = 0;   // and that it refuses
  uint32_t stale = 0;      // of the accepted ones: kept from an earlier session, not announced again yet
  uint64_t announced = 0;  // since the session is up
  uint64_t withdrawn = 0;
  uint64_t not_kept = 0;  // announcements beyond maximum_prefix, kMaximumPathsOfPeer or, refused, kMaximumRefused*
  bool end_of_rib = false;
  struct Family {
    uint32_t accepted = 0;
    uint32_t filtered = 0;
    uint64_t not_kept = 0;
  };
  Family ipv6{};  // what of the numbers above is about IPv6 prefixes

  Family of(hash::Family family) const {
    if (family == hash::Family::kIpv6) return ipv6;
    return {accepted - ipv6.accepted, filtered - ipv6.filtered, not_kept - ipv6.not_kept};
  }
};

struct RibCounters {
  size_t prefixes = 0;
  size_t ipv6_prefixes = 0;  // of these
  size_t attribute_sets = 0;
  size_t nexthop_sets = 0;
  uint64_t decisions = 0;
  uint64_t truncated = 0;  // decisions that maximum_paths cut
};

/// One path of a prefix as the decision sees it, for `show routes PREFIX`.
struct PathView {
  bgp::PeerId peer;
  hash::IpAddress peer_address;
  uint32_t remote_as;
  const bgp::PathAttributes* attributes;  // valid until the next event
  Outcome outcome;
  NexthopVerdict nexthop;
  const NexthopSet* resolved;  // that lead to its nexthop, or null: it needs none; valid until the next event
  uint32_t path_id;            // 0: none
  uint32_t local_preference;
  uint16_t weight;
  bool draining;  // the node asked to be left (RFC 8326)
  bool stale;
};

class Rib final : public bgp::SessionSink {
 public:
  /// Refused paths that are kept of a peer. Measured: 5 to 7 MB of heap when they share their attributes, 55 MB when
  /// each has its own of the largest size.
  static constexpr uint32_t kMaximumRefused = 65536;
  /// Bytes of communities, AS_PATH and unknown attributes with which a refused path is kept.
  static constexpr size_t kMaximumRefusedAttributes = 256;
  /// Paths that are kept of a peer for one prefix (RFC 7911): they are searched one by one.
  static constexpr size_t kMaximumPathsOfPeer = 256;
  /// Different nexthops of a peer that are remembered for sole_nexthops().
  static constexpr size_t kMaximumNexthops = 1024;

  /// `sets` outlives the RIB and is shared with whoever takes the changes.
  Rib(RibOptions options, NexthopSets& sets);
  ~Rib() override;
  Rib(const Rib&) = delete;
  Rib& operator=(const Rib&) = delete;

  // Sessions.
  void on_established(bgp::PeerId peer, const bgp::PeerInfo& info) override;
  bgp::UpdateVerdict on_update(bgp::PeerId peer, const bgp::RouteUpdate& update) override;
  void on_end_of_rib(bgp::PeerId peer, bgp::Family family) override;
  void on_down(bgp::PeerId peer, std::string_view reason, const bgp::Retain& retain) override;
  void on_forgotten(bgp::PeerId peer) override;
  /// True only if something was not kept that the policy may accept.
  bool on_policy(bgp::PeerId peer, const PeerPolicy& policy) override;

  /// Drops what was kept of an earlier session and has not come again.
  void drop_stale(bgp::PeerId peer);

  /// Peers whose paths were discarded for maximum_prefix and that have room again, each once: they are to be asked for
  /// their routes.
  std::vector<hash::IpAddress> take_peers_with_room();

  // Configuration, at start and at reload. Each replaces what was there.
  void set_interfaces(std::span<const InterfaceAddress> addresses);
  void set_static_routes(std::span<const StaticRouteConfig> routes);
  void set_maximum_paths(unsigned maximum_paths);

  /// True when flush() would decide something.
  bool dirty() const { return !dirty_.empty(); }
  /// Decides every marked prefix; appends what changed. The sets in it stay valid until the next call into the RIB.
  /// `decided` gets every prefix that was looked at, since what others are told of it may have changed.
  void flush(std::vector<RouteChange>& changes, std::vector<hash::Prefix>* decided = nullptr);

  /// For those who keep something of each route, by its id.
  const RibTable& table() const { return entries_; }

  // Lookups.
  std::optional<RouteChange> find(const hash::Prefix& prefix) const;
  /// What others are told of the prefix: nothing of connected ones. Valid until the next event.
  std::optional<BestRoute> best(const hash::Prefix& prefix) const;
  /// Calls visit(prefix) for each that has or had a route since the last flush().
  template <typename Visit>
  void for_each_prefix(Visit visit) const {
    entries_.for_each([&](EntryId, const RibEntry& entry) { visit(entry.prefix); });
  }
  std::vector<PathView> paths(const hash::Prefix& prefix) const;
  /// Nexthops of the prefix whose nodes ask to be left (RFC 8326), used or not; sorted.
  std::vector<hash::IpAddress> draining(const hash::Prefix& prefix) const;
  /// Calls visit(prefix, nexthop) for each path that asks to be left.
  template <typename Visit>
  void for_each_draining(Visit visit) const {
    if (!results_.any_draining()) return;
    entries_.for_each([&](EntryId, const RibEntry& entry) {
      for (const Path& path : entry.paths.view(entry.path_count)) {
        if (!results_.get(path.result).draining) continue;
        for_each_way(path, [&](const hash::IpAddress& nexthop) { visit(entry.prefix, nexthop); });
      }
    });
  }
  const PeerCounters* counters(bgp::PeerId peer) const;
  /// Nexthops of accepted paths that this peer has named and nobody else, neither another peer nor a static route. None
  /// when one of those has named too many to remember (kMaximumNexthops).
  std::vector<hash::IpAddress> sole_nexthops(bgp::PeerId peer) const;
  /// Prefixes of a peer's Adj-RIB-In that its import policy accepts, sorted.
  std::vector<hash::Prefix> adj_rib_in(bgp::PeerId peer) const;
  RibCounters counters() const;
  const Connected& connected() const { return connected_; }
  size_t memory_bytes() const;

 private:
  using EntryId = RouteId;

  struct Peer {
    explicit Peer(ImportResults& results) : import(results) {}
    bgp::PeerInfo info;
    PeerCounters counters;
    bool down = false;                      // what is left of it is stale
    bool limit_logged = false;              // that it has reached maximum_prefix
    bool discards = false;                  // for maximum_prefix, since it was asked for its routes
    uint32_t last_attributes = UINT32_MAX;  // holds a reference: the next UPDATE often brings the same again
    bool small_attributes = true;           // these are: paths with them are kept when refused
    PreparedImport import;                  // for these
    std::set<hash::IpAddress> nexthops;     // of paths that were ever accepted, at most one more than kMaximumNexthops
    bool nexthop_named = false;             // that of last_attributes is among them
    // Every entry that has a path of this peer, and perhaps others (a withdrawn path stays until compact()).
    std::vector<EntryId> entries;
  };
  struct LocalRoute {
    bool connected = false;
    NexthopSet static_nexthops;
  };

  Peer& peer_of(bgp::PeerId peer);
  const Peer* find_peer(bgp::PeerId peer) const;
  // rib_paths.cc: Adj-RIB-In
  void take_attributes(Peer& peer, const bgp::PathAttributes& attributes);
  void forget_attributes(Peer& peer);
  void name_nexthop(Peer& peer, AttributeTable::Id attributes);
  Path* find_path(uint16_t index, EntryId id, uint32_t path_id);
  bgp::UpdateVerdict add_path(uint16_t index, Peer& peer, const hash::Prefix& prefix, uint32_t path_id);
  bgp::UpdateVerdict replace_path(Peer& peer, EntryId id, Path& path, uint32_t path_id, ImportResults::Id result);
  static void count_path(Peer& peer, const hash::Prefix& prefix, ImportResults::Id result, int change);
  static void count_not_kept(Peer& peer, const hash::Prefix& prefix);
  void set_result(Peer& peer, EntryId id, Path& path, ImportResults::Id result);
  void remove_path(Peer& peer, EntryId id, Path& path);
  template <typename Condition>
  void remove_paths(uint16_t index, Peer& peer, Condition condition);
  enum class Room : uint8_t { kYes, kNo, kSessionEnds };
  Room room_for_one(Peer& peer);
  Room room_for_path(uint16_t index, Peer& peer, RibEntry& entry, ImportResults::Id result);
  static bool keeps_one_refused(const Peer& peer);
  void reconsider(uint16_t index, Peer& peer);
  void compact(uint16_t index, Peer& peer);

  void mark(EntryId id);
  void mark_all();
  LocalRoute& local_route(const hash::Prefix& prefix);
  void drop_empty_local_routes();

  // rib_decide.cc
  void decide_marked(std::vector<RouteChange>& changes, std::vector<hash::Prefix>* decided);
  void decide_entry(EntryId id, EntryId before, std::vector<RouteChange>& changes);
  static bool same_paths(const RibEntry& a, const RibEntry& b);
  NexthopSetId choose_set(RibEntry& entry, RouteSource& source);
  RouteSource choose(RibEntry& entry, NexthopSet& set);
  NexthopSet usable_statics(const RibEntry& entry) const;
  void gather(const RibEntry& entry, std::vector<Candidate>& candidates) const;
  // rib_recursion.cc: paths whose nexthops other routes lead to
  bool is_recursive(const Path& path) const;
  bool waits_for_others(const RibEntry& entry) const;
  std::vector<EntryId> set_waiting_aside();
  void resolve_nexthops(std::span<const EntryId> entries);
  NexthopSet resolve(const hash::IpAddress& nexthop) const;
  const NexthopSet* resolution(const Path& path) const;
  /// Calls visit(nexthop) for each that packets by this path are sent to.
  template <typename Visit>
  void for_each_way(const Path& path, Visit visit) const {
    const NexthopSet* const by = resolution(path);
    if (by == nullptr) return visit(attributes_.get(values_.attributes(path.value)).next_hop);
    for (const hash::Member& member : *by) visit(member.address);
  }
  static void collect_nexthops(std::span<Candidate> used, NexthopSet& set);

  RibOptions options_;
  NexthopSets& sets_;
  Connected connected_;
  RecursiveNexthops recursive_;
  AttributeTable attributes_;
  PathValues values_;
  ImportResults results_;
  RibTable entries_;
  std::vector<EntryId> dirty_;
  std::vector<std::unique_ptr<Peer>> peers_;  // by PeerId; null when down
  std::map<hash::Prefix, LocalRoute> local_;

  RibCounters counters_;
  unsigned newly_truncated_ = 0;
  hash::Prefix truncated_example_;
  // Reused from one decision to the next.
  mutable std::vector<Candidate> candidates_;
  NexthopSet set_;
};

}  // namespace ecmpd::control
