// A router's state as a test wants it: three nodes that announce one service, and a loop that plays the control thread.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

#include "control/api/views.h"

namespace ecmpd::control::api {

inline IpAddress ip(const char* text) { return *IpAddress::parse(text); }
inline Prefix net(const char* text) { return *Prefix::parse(text); }

struct FakeState : StateSource {
  std::vector<RouteView> table;  // sorted by prefix
  std::vector<RouteView> hosts;
  std::vector<GroupView> group_list;
  BgpSummaryView bgp;
  std::vector<BgpTimingView> timings;
  std::vector<DropView> drop_list;
  size_t page = 4096;  // the most that one answer holds
  unsigned route_questions = 0;
  std::string reload_error;
  std::thread::id asked_on;  // where the last question was answered

  FakeState() {
    const std::vector<NexthopView> two = {{ip("10.0.1.11"), "node1", 1, true}, {ip("10.0.2.11"), "node2", 2, false}};
    table = {{net("10.0.1.0/24"), RouteSource::kConnected, true, "", 1, {{std::nullopt, "node1", 1, true}}},
             {net("198.51.100.0/24"), RouteSource::kStatic, false, "FIB full", std::nullopt, {two[0]}},
             {net("203.0.113.10/32"), RouteSource::kBgp, true, "", 2, two}};
    hosts = {{net("10.0.1.11/32"), RouteSource::kNeighbor, true, "", 3, {two[0]}}};
    group_list = {{2,
                   "resilient",
                   "low-bits",
                   256,
                   "a1",
                   {{ip("10.0.1.11"), "node1", 1, true, 85},
                    {ip("10.0.2.11"), "node2", 2, true, 171},
                    {ip("10.0.3.11"), "", 1, false, 0}},
                   1,
                   7,
                   {{{ip("10.0.1.11"), 1}, {ip("10.0.2.11"), 2}},
                    {{hash::Lineage::Step::Kind::kJoin, {ip("10.0.3.11"), 1}}},
                    256}}};
    BgpPeerView up;
    up.address = ip("10.0.1.11");
    up.remote_as = 64512;
    up.local_as = 64500;
    up.state = "Established";
    up.dynamic = true;
    up.uptime_msec = 3'723'000;
    up.received = {1, 3, 120, 0, 0};
    up.sent = {1, 0, 121, 0, 0};
    up.damaged_updates = 2;
    up.ipv4 = {.received = 2};
    up.remote_router_id = 0x0a00010b;
    up.hold_time_msec = 9000;
    up.keepalive_msec = 3000;
    up.four_octet_as = true;
    up.capabilities = {.ipv4_unicast = true,
                       .ipv6_add_path = true,
                       .extended_message = true,
                       .route_refresh = true,
                       .graceful_restart = true,
                       .restart_time_msec = 120000,
                       .hostname = "node1"};
    up.local_address = ip("10.0.1.1");
    up.local_port = 179;
    up.remote_port = 40001;
    BgpPeerView down;
    down.address = ip("10.0.2.11");
    down.remote_as = 64513;
    down.local_as = 64500;
    down.state = "Active";
    bgp = {0x0a000001, 64500, {up, down}, 3};
    drop_list = {{"ttl-expired", 7, "TTL was 1 or 0", 2.5}, {"no-route", 0, "no prefix covers the destination"}};
  }

  std::vector<RouteView> routes(const RouteQuery& query) override {
    note();
    ++route_questions;
    std::vector<RouteView> all = table;
    if (query.all) all.insert(all.begin() + 1, hosts.begin(), hosts.end());
    std::vector<RouteView> out;
    for (const RouteView& route : all) {
      if (query.after && route.prefix <= *query.after) continue;
      if (out.size() < std::min(page, query.limit)) out.push_back(route);
    }
    return out;
  }
  std::optional<RouteView> route(const Prefix& prefix) override {
    note();
    for (const RouteView& route : table) {
      if (route.prefix == prefix) return route;
    }
    return std::nullopt;
  }
  std::optional<RouteView> lookup(const IpAddress& address) override {
    note();
    std::optional<RouteView> best;
    for (const RouteView& route : table) {
      if (route.prefix.contains(address)) best = route;
    }
    return best;
  }
  std::vector<GroupView> groups() override { return note(), group_list; }
  std::optional<GroupView> group(uint32_t id) override {
    note();
    for (const GroupView& group : group_list) {
      if (group.id == id) return group;
    }
    return std::nullopt;
  }
  std::vector<BgpTimingView> bgp_timing() override { return note(), timings; }
  BgpSummaryView bgp_summary() override { return note(), bgp; }
  std::optional<BgpPeerView> bgp_peer(const IpAddress& address) override {
    note();
    for (const BgpPeerView& peer : bgp.peers) {
      if (peer.address == address || peer.address.without_zone() == address) return peer;
    }
    return std::nullopt;
  }
  std::vector<PortView> ports() override {
    return note(), std::vector<PortView>{{"node1",
                                          "af_packet:veth1",
                                          "net_af_packet",
                                          true,
                                          {2, 0, 0, 0, 1, 1},
                                          1500,
                                          {"10.0.1.1/24"},
                                          10,
                                          1000,
                                          1,
                                          0,
                                          20,
                                          2000,
                                          0,
                                          PortView::Rates{5, 4000, 10.04, 8000}}};
  }
  std::vector<DropView> drops() override { return note(), drop_list; }
  std::vector<IcmpView> icmp() override { return note(), std::vector<IcmpView>{{"node1", 1, 2, 3, 4, 5, 6, 7}}; }
  std::vector<WorkerView> workers() override {
    return note(), std::vector<WorkerView>{{1,
                                            {"node1", "node2"},
                                            "sleep",
                                            1000,
                                            750,
                                            250,
                                            1000,
                                            10,
                                            3,
                                            20,
                                            50500,
                                            "avx512",
                                            "avx2",
                                            "scalar",
                                            WorkerView::Recent{100, 4.0, std::nullopt, 0.75}}};
  }
  HashView hash() override {
    return note(), HashView{"5-tuple", {"protocol", "src", "dst", "sport", "dport"}, "xxh32", 7, "resilient", 0};
  }
  std::vector<NeighborView> neighbors() override {
    return note(), std::vector<NeighborView>{{ip("10.0.1.11"), "node1", Mac{2, 0, 0, 0, 1, 11}, "reachable", true},
                                             {ip("10.0.3.11"), "node3", std::nullopt, "failed", true}};
  }
  /// The destination port picks the bucket, so that a test sees its own numbers come back.
  tl::expected<std::vector<ConfigChangeView>, std::string> reload() override {
    if (!reload_error.empty()) return tl::unexpected(reload_error);
    return std::vector<ConfigChangeView>{{"route 198.51.100.0/24", "added", "", true},
                                         {"port node1.mtu", "changed", "needs a restart", false}};
  }
  ExplainView explain(const hash::Tuple& tuple) override {
    note();
    ExplainView out;
    out.tuple = tuple;
    const auto route = lookup(tuple.dst);
    if (!route) {
      out.reason = "no-route";
      return out;
    }
    out.verdict = Verdict::kForward;
    out.prefix = route->prefix;
    out.group = route->group;
    out.selector = "resilient";
    out.indexing = "low-bits";
    out.key = {tuple.protocol, 0xab};
    out.function = "xxh32";
    out.seed = 7;
    out.hash = 0x1000u + tuple.dport;
    out.buckets = 256;
    out.bucket = tuple.dport & 255u;
    out.nexthop = ip("10.0.1.11");
    out.home = ip("10.0.2.11");
    out.member = 0;
    out.port = "node1";
    out.mac = Mac{2, 0, 0, 0, 1, 11};
    return out;
  }

  tl::expected<void, WatchRefusal> start_watch(const WatchRequest& request) override {
    note();
    if (watch) return tl::unexpected(WatchRefusal{true, "a trace is going on"});
    if (!request.port.empty() && request.port != "node1") return tl::unexpected(WatchRefusal{false, "no such port"});
    watch = request;
    return {};
  }
  std::optional<WatchPage> read_watch(const std::string& name, unsigned) override {
    note();
    if (!watch || watch->name != name) return std::nullopt;
    WatchPage page = std::exchange(pages, {});
    if (traffic && !watch_ended) page.packets.push_back(*traffic);
    page.ended = page.ended || watch_ended;
    return page;
  }
  bool end_watch(const std::string& name) override {
    return note(), watch && watch->name == name && (watch_ended = true);
  }
  void stop_watch(const std::string& name) override {
    note();
    if (watch && watch->name == name) watch.reset();
    ++stopped;
  }
  std::vector<std::string> port_names() override { return note(), std::vector<std::string>{"node1", "node2"}; }

  std::optional<WatchRequest> watch;   // that goes on
  WatchPage pages;                     // what the next look brings
  std::optional<WatchedView> traffic;  // that every look finds, until the watch has ended
  bool watch_ended = false;
  unsigned stopped = 0;

 private:
  void note() { asked_on = std::this_thread::get_id(); }
};

/// Runs what is posted, in order, on one thread; while held it only collects.
class ControlLoop {
 public:
  ControlLoop() : thread_([this] { run(); }) {}
  ~ControlLoop() {
    release();
    post([this] { ended_ = true; });
    thread_.join();
  }
  void post(std::function<void()> task) {
    const std::lock_guard lock(mutex_);
    tasks_.push_back(std::move(task));
    changed_.notify_all();
  }
  void hold() {
    const std::lock_guard lock(mutex_);
    held_ = true;
  }
  void release() {
    const std::lock_guard lock(mutex_);
    held_ = false;
    changed_.notify_all();
  }
  /// Until at least one task waits while the loop is held.
  void wait_for_task() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return !tasks_.empty(); });
  }
  std::thread::id id() const { return thread_.get_id(); }
  std::function<void(std::function<void()>)> poster() {
    return [this](std::function<void()> task) { post(std::move(task)); };
  }

 private:
  void run() {
    while (!ended_) {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [&] { return !held_ && !tasks_.empty(); });
      const auto task = std::move(tasks_.front());
      tasks_.pop_front();
      lock.unlock();
      task();
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> tasks_;
  bool held_ = false;
  bool ended_ = false;  // loop thread only
  std::thread thread_;
};

/// A directory for sockets that goes away with its contents.
class TemporaryDirectory {
 public:
  TemporaryDirectory();
  ~TemporaryDirectory();
  std::string path(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

}  // namespace ecmpd::control::api
