// The API over a real socket and real HTTP: server, client end, and a loop in the control thread's place.
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <future>
#include <nlohmann/json.hpp>

#include "control/api/server.h"
#include "control/zone_names.h"
#include "tests/control/api/fake_state.h"

namespace ecmpd::control::api {
namespace {

using Json = nlohmann::json;

class Api : public testing::Test {
 protected:
  void start(std::chrono::milliseconds timeout = std::chrono::minutes(1)) {
    auto started = ApiServer::start(path_, state_, loop_.poster(), timeout);
    ASSERT_TRUE(started) << started.error();
    server_ = std::move(*started);
  }
  HttpReply get(const std::string& path, const std::map<std::string, std::string>& parameters = {}) {
    const auto reply = http_get(path_, path, parameters, std::chrono::seconds(60));
    return reply ? *reply : HttpReply{0, "", reply.error().message};
  }
  void expect_error(int status, const std::string& message, const std::string& path,
                    const std::map<std::string, std::string>& parameters = {}) {
    const HttpReply reply = get(path, parameters);
    EXPECT_EQ(reply.status, status) << path;
    EXPECT_EQ(Json::parse(reply.body), (Json{{"error", message}})) << path;
  }

  FakeState state_;
  ControlLoop loop_;
  TemporaryDirectory directory_;
  std::string path_ = directory_.path("ecmpd.sock");
  std::unique_ptr<ApiServer> server_;
};

TEST_F(Api, RoutesComeInPages) {
  start();
  const Json whole = Json::parse(get("/v1/show/routes").body);
  EXPECT_EQ(whole["routes"].size(), 3u);
  EXPECT_EQ(state_.asked_on, loop_.id());
  const std::string text = get("/v1/show/routes", {{"format", "text"}}).body;
  state_.page = 1;
  state_.route_questions = 0;
  EXPECT_EQ(Json::parse(get("/v1/show/routes").body), whole);
  EXPECT_EQ(state_.route_questions, 4u) << "one a page, and the empty one";
  EXPECT_EQ(Json::parse(get("/v1/show/routes", {{"all", "1"}}).body)["routes"].size(), 4u);
  EXPECT_TRUE(text.starts_with("Prefix ")) << text;
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 5);
  state_.table.clear();
  EXPECT_EQ(get("/v1/show/routes").body, "{\"routes\":[]}\n");
}

TEST_F(Api, ManyRoutesArriveWhole) {
  state_.table.clear();
  for (uint32_t i = 0; i < 20'000; ++i) {
    state_.table.push_back({Prefix(IpAddress::v4(0x0a000000 + i), 32), RouteSource::kBgp, true, "", i, {}});
  }
  state_.page = 7'000;
  start();
  const Json routes = Json::parse(get("/v1/show/routes").body)["routes"];
  ASSERT_EQ(routes.size(), 20'000u);
  for (uint32_t i = 0; i < 20'000; ++i) ASSERT_EQ(routes[i]["group"], i);
}

TEST_F(Api, OneRoute) {
  start();
  const auto prefix_of = [&](const char* text) {
    return Json::parse(get("/v1/show/routes", {{"prefix", text}}).body)["routes"][0]["prefix"];
  };
  EXPECT_EQ(prefix_of("203.0.113.10/32"), "203.0.113.10/32");
  EXPECT_EQ(prefix_of("203.0.113.10"), "203.0.113.10/32");
  EXPECT_EQ(prefix_of("198.51.100.77"), "198.51.100.0/24");
  expect_error(404, "no route for exactly 203.0.113.0/24", "/v1/show/routes", {{"prefix", "203.0.113.0/24"}});
  expect_error(404, "no route to 8.8.8.8", "/v1/show/routes", {{"prefix", "8.8.8.8"}});
  expect_error(400, "\"8.8.8/24\" is neither a prefix nor an IP address", "/v1/show/routes", {{"prefix", "8.8.8/24"}});
}

TEST_F(Api, EveryShowAnswers) {
  start();
  for (const char* what :
       {"bgp/summary", "bgp/timing", "groups", "ports", "drops", "icmp", "workers", "hash", "neighbors"}) {
    const HttpReply json = get(std::string("/v1/show/") + what);
    EXPECT_EQ(json.status, 200) << what;
    EXPECT_EQ(json.content_type, "application/json");
    EXPECT_TRUE(Json::parse(json.body).is_object()) << what;
    const HttpReply text = get(std::string("/v1/show/") + what, {{"format", "text"}});
    EXPECT_EQ(text.status, 200) << what;
    EXPECT_EQ(text.content_type, "text/plain");
  }
  EXPECT_EQ(Json::parse(get("/v1/show/group", {{"id", "2"}}).body)["layout"], "a1");
  EXPECT_TRUE(Json::parse(get("/v1/show/bgp/neighbor", {{"address", "10.0.2.11"}}).body).contains("10.0.2.11"));
}

TEST_F(Api, ANeighborByALinkLocalAddress) {
  name_zones({"client", "node1"});
  state_.bgp.peers[1].address = IpAddress::parse("fe80::b")->with_zone(2);
  start();
  const Json summary = Json::parse(get("/v1/show/bgp/summary").body);
  EXPECT_TRUE(summary["ipv4Unicast"]["peers"].contains("fe80::b%node1")) << summary;
  for (const char* text : {"fe80::b%node1", "fe80::b"}) {
    EXPECT_TRUE(Json::parse(get("/v1/show/bgp/neighbor", {{"address", text}}).body).contains("fe80::b%node1")) << text;
  }
  const char* const path = "/v1/show/bgp/neighbor";
  expect_error(404, "no BGP neighbor fe80::b%client", path, {{"address", "fe80::b%client"}});
  expect_error(404, "no BGP neighbor fe80::c, or several: say fe80::c%PORT", path, {{"address", "fe80::c"}});
  for (const char* text : {"fe80::b%2", "fe80::b%node9", "fe80::b%", "10.0.2.11%node1"}) {
    expect_error(400, std::string("address: \"") + text + "\" is not a link-local address and the name of a port", path,
                 {{"address", text}});
  }
  name_zones({});
}

TEST_F(Api, Explain) {
  start();
  std::map<std::string, std::string> flow = {
      {"src", "192.0.2.7"}, {"dst", "203.0.113.10"}, {"protocol", "udp"}, {"sport", "40000"}, {"dport", "443"}};
  const Json json = Json::parse(get("/v1/explain", flow).body);
  EXPECT_EQ(json["protocol"], 17);
  EXPECT_EQ(json["sport"], 40000);
  EXPECT_EQ(json["hash"], 0x1000 + 443);
  EXPECT_EQ(json["bucket"], 443 % 256);
  flow["dport"] = "65536";
  expect_error(400, "dport: \"65536\" is not a port; allowed: 0 to 65535", "/v1/explain", flow);
  flow.erase("dport");
  expect_error(400, "dport: \"\" is not a port; allowed: 0 to 65535", "/v1/explain", flow);
  flow["protocol"] = "smoke";
  expect_error(400, "protocol: \"smoke\" is neither a known name nor a number to 255", "/v1/explain", flow);
  flow["dst"] = "::1";
  expect_error(400, "src and dst are not of one family", "/v1/explain", flow);
}

TEST_F(Api, ErrorsSayWhat) {
  start();
  expect_error(404, "no group 77", "/v1/show/group", {{"id", "77"}});
  expect_error(400, "\"x\" is not a group's number", "/v1/show/group", {{"id", "x"}});
  expect_error(404, "no BGP neighbor 10.9.9.9", "/v1/show/bgp/neighbor", {{"address", "10.9.9.9"}});
  expect_error(400, "address: \"\" is not an IP address", "/v1/show/bgp/neighbor");
  expect_error(501, "this ecmpd does not know /v1/show/nothing", "/v1/show/nothing");
  expect_error(400, "format: \"xml\"; allowed: text, json", "/v1/show/hash", {{"format", "xml"}});
}

TEST_F(Api, ABusyControlThreadFailsTheRequestAlone) {
  start(std::chrono::milliseconds(1));
  loop_.hold();
  expect_error(504, "the control thread did not answer in time", "/v1/show/hash");
}

TEST_F(Api, StopsWhileARequestWaits) {
  start(std::chrono::hours(1));
  loop_.hold();
  auto waiting = std::async(std::launch::async, [&] { return get("/v1/show/hash"); });
  loop_.wait_for_task();
  server_->stop();
  EXPECT_EQ(waiting.get().status, 503);
  EXPECT_NE(access(path_.c_str(), F_OK), 0) << "the socket file is gone";
  loop_.release();
  start();
  EXPECT_EQ(get("/v1/show/hash").status, 200) << "and the path can be used again";
}

TEST_F(Api, StopsRightAfterStart) {
  for (int i = 0; i < 20; ++i) {
    start();
    server_.reset();
  }
}

TEST_F(Api, ManyAtOnceAndOneThatSaysNothing) {
  start();
  const int silent = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path_.copy(address.sun_path, sizeof address.sun_path - 1);
  ASSERT_EQ(connect(silent, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  std::vector<std::future<HttpReply>> replies;
  for (int i = 0; i < 64; ++i) replies.push_back(std::async(std::launch::async, [&] { return get("/v1/show/drops"); }));
  for (auto& reply : replies) EXPECT_EQ(reply.get().status, 200);
  close(silent);
}

}  // namespace
}  // namespace ecmpd::control::api
