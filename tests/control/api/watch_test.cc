// Traces and captures over the real server and the real ecmpctl: what is shown, and how they end.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <future>
#include <nlohmann/json.hpp>
#include <numeric>

#include "control/api/filter.h"
#include "control/api/http.h"
#include "control/api/pcapng.h"
#include "control/api/server.h"
#include "tests/control/api/fake_state.h"
#include "tests/control/api/program.h"

namespace ecmpd::control::api {
namespace {

using Json = nlohmann::json;

/// An Ethernet header and the beginning of a TCP packet from 192.0.2.7:40000 to 203.0.113.10:80.
const std::vector<uint8_t> kFrame = {2, 0,  0, 0, 1, 1,   2, 0, 0, 0,   0, 9,   8,  0,    0x45, 0, 0,  40, 0, 0, 0,
                                     0, 64, 6, 0, 0, 192, 0, 2, 7, 203, 0, 113, 10, 0x9c, 0x40, 0, 80, 0,  0, 0, 0};

WatchedView forwarded() {
  WatchedView out;
  out.time = 1'700'000'000'000'000'001;
  out.port = "node1";
  out.lcore = 1;
  out.length = 54;
  out.bytes = kFrame;
  out.prefix = net("203.0.113.10/32");
  out.group = 2;
  out.key = {6, 0xab};
  out.hash = 0x1050;
  out.bucket = 80;
  out.buckets = 256;
  out.nexthop = ip("10.0.2.11");
  out.fate = WatchedFate::kForward;
  out.out = "node2";
  out.rewritten = kFrame;
  out.rewritten[5] = 2;
  out.rewritten[22] = 63;
  return out;
}

WatchedView dropped() {
  WatchedView out;
  out.port = "node2";
  out.port_number = 1;
  out.length = 60;
  out.bytes = {1, 2, 3};
  out.reason = "ethernet_runt";
  return out;
}

class Watching : public testing::Test {
 protected:
  void SetUp() override {
    auto started = ApiServer::start(path_, state_, loop_.poster(), std::chrono::minutes(1));
    ASSERT_TRUE(started) << started.error();
    server_ = std::move(*started);
  }
  Finished run(std::vector<std::string> words) {
    words.insert(words.begin(), {"--socket", path_});
    return run_program(std::getenv("ECMPCTL"), words);
  }
  /// On the thread that the state belongs to.
  template <typename Get>
  auto on_loop(Get get) {
    std::promise<decltype(get())> promise;
    loop_.post([&] { promise.set_value(get()); });
    return promise.get_future().get();
  }
  void next_look(WatchPage page) {
    on_loop([&] { return state_.pages = std::move(page), true; });
  }
  void wait_until_stopped() {
    while (on_loop([this] { return state_.stopped; }) == 0) std::this_thread::yield();
  }

  FakeState state_;
  ControlLoop loop_;
  TemporaryDirectory directory_;
  std::string path_ = directory_.path("ecmpd.sock");
  std::unique_ptr<ApiServer> server_;
};

TEST_F(Watching, ATraceShowsEveryStage) {
  next_look({{forwarded(), dropped()}, 0, true});
  EXPECT_EQ(run({"trace", "2", "tcp"}).output,
            "Packet 1\n"
            "Time:     2023-11-14 22:13:20.000000001 UTC\n"
            "Rx:       node1, 54 bytes, lcore 1\n"
            "Parse:    tcp 192.0.2.7:40000 -> 203.0.113.10:80, 64 hops left\n"
            "Lookup:   203.0.113.10/32, group 2\n"
            "Select:   key 06 ab, hash 0x00001050, bucket 80 of 256\n"
            "Nexthop:  10.0.2.11\n"
            "Rewrite:  from 02:00:00:00:00:09 to 02:00:00:00:01:02, 63 hops left\n"
            "Tx:       node2\n"
            "\n"
            "Packet 2\n"
            "Time:  1970-01-01 00:00:00.000000000 UTC\n"
            "Rx:    node2, 60 bytes, lcore 0\n"
            "Tx:    none: dropped (ethernet_runt)\n");
  wait_until_stopped();
}

TEST_F(Watching, ATraceAsJson) {
  next_look({{forwarded(), dropped()}, 7, true});
  const Finished done = run({"trace", "2", "--json"});
  EXPECT_EQ(done.status, 0);
  const Json json = Json::parse(done.output);
  EXPECT_EQ(json["lost"], 7);
  EXPECT_EQ(json["trace"][0], Json::parse(R"({"time_ns":1700000000000000001,"in":"node1","originated":false,"lcore":1,
      "length":54,"src":"192.0.2.7","dst":"203.0.113.10","protocol":6,"sport":40000,"dport":80,"hops":64,
      "prefix":"203.0.113.10/32","group":2,"key":"06 ab","hash":4176,"bucket":80,"buckets":256,"nexthop":"10.0.2.11",
      "source_mac":"02:00:00:00:00:09","mac":"02:00:00:00:01:02","hops_out":63,"verdict":"forward","reason":null,
      "port":"node2","fragments":null})"));
  EXPECT_EQ(json["trace"][1]["verdict"], "drop");
  EXPECT_EQ(json["trace"][1]["reason"], "ethernet_runt");
  EXPECT_EQ(json["trace"][1]["src"], nullptr);
}

TEST_F(Watching, ACaptureIsAFileOfItsCaller) {
  next_look({{forwarded(), dropped()}, 3, true});
  const std::string file = directory_.path("out.pcapng");
  const Finished done = run({"capture", file, "--snaplen", "64"});
  EXPECT_EQ(done.status, 0);
  EXPECT_EQ(done.error, "2 packets; 3 more came faster than they could be recorded\n");
  const std::string bytes = run_program("/bin/cat", {file}).output;
  pcapng::Reader reader;
  reader.read({reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()});
  EXPECT_EQ(reader.packets(), 2u);
  EXPECT_EQ(reader.lost(), 3u);
  for (const char* text : {"node1", "node2", "sent by node2 to 10.0.2.11", "dropped: ethernet_runt"}) {
    EXPECT_NE(bytes.find(text), std::string::npos) << text;
  }
  wait_until_stopped();
}

TEST_F(Watching, OneAtATimeAndWrongQuestionsAreSaid) {
  on_loop([this] { return state_.watch = WatchRequest{}, 0; });
  const Finished busy = run({"trace", "1"});
  EXPECT_EQ(busy.status, 1);
  EXPECT_EQ(busy.error, "ecmpctl: a trace is going on\n");
  on_loop([this] { return state_.watch.reset(), 0; });
  EXPECT_EQ(run({"trace", "1", "--port", "node9"}).status, 2);
  EXPECT_EQ(run({"trace", "0"}).error, "ecmpctl: count: \"0\"; allowed: 1 to 1000000000\n");
  const Finished filter = run({"trace", "1", "no", "such", "word"});
  EXPECT_EQ(filter.status, 2);
  EXPECT_TRUE(filter.error.starts_with("ecmpctl: filter: \"no such word\": ")) << filter.error;
  EXPECT_EQ(run({"capture", directory_.path("no/such/folder")}).status, 1);
  EXPECT_EQ(on_loop([this] { return state_.watch.has_value(); }), false);
}

TEST_F(Watching, EndsWhenItIsToldTo) {
  auto done = std::async(std::launch::async, [this] {
    return http_get(path_, "/v1/trace", {{"name", "me"}, {"count", "5"}, {"format", "text"}}, std::chrono::minutes(1));
  });
  while (!on_loop([this] { return state_.watch.has_value(); })) std::this_thread::yield();
  EXPECT_EQ(http_get(path_, "/v1/watch/end", {{"name", "you"}}, std::chrono::minutes(1))->status, 404);
  EXPECT_EQ(http_get(path_, "/v1/watch/end", {{"name", "me"}}, std::chrono::minutes(1))->status, 200);
  const auto reply = done.get();
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->body, "0 of 5 packets came\n");
  wait_until_stopped();
}

TEST_F(Watching, ItsTimeoutEndsItWhileTrafficFlows) {
  state_.traffic = forwarded();
  const auto reply = http_get(path_, "/v1/trace", {{"count", "1000000000"}, {"timeout", "1"}}, std::chrono::minutes(1));
  ASSERT_TRUE(reply) << "it ends";
  EXPECT_FALSE(Json::parse(reply->body)["trace"].empty());
  EXPECT_TRUE(on_loop([this] { return state_.watch_ended; })) << "the daemon was told";
  wait_until_stopped();
}

TEST_F(Watching, AClientThatGoesAwayStopsIt) {
  next_look({{forwarded()}, 0, false});
  bool any = false;
  const auto reply = http_get_stream(path_, "/v1/trace", {{"count", "9"}}, std::chrono::minutes(1),
                                     [&any](std::string_view) { return !(any = true); });
  EXPECT_TRUE(reply && any);
  wait_until_stopped();
}

TEST(Filter, IsTcpdumps) {
  const dataplane::PacketFilter filter(*compile_filter("tcp dst port 80 and src host 192.0.2.7"));
  EXPECT_TRUE(filter.matches(kFrame, 54));
  EXPECT_FALSE(dataplane::PacketFilter(*compile_filter("udp")).matches(kFrame, 54));
  EXPECT_FALSE(filter.matches(std::span(kFrame).first(20), 20)) << "what is cut does not match";
  EXPECT_TRUE(dataplane::PacketFilter(*compile_filter("")).matches({}, 0));
  EXPECT_FALSE(compile_filter("tcp dst port"));
}

}  // namespace
}  // namespace ecmpd::control::api
