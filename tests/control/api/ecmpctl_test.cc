// The real ecmpctl against a real server: what it prints and its exit status.
#include <gtest/gtest.h>

#include <unistd.h>

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "control/api/server.h"
#include "tests/control/api/fake_state.h"
#include "tests/control/api/program.h"

namespace ecmpd::control::api {
namespace {

using Json = nlohmann::json;

class Ecmpctl : public testing::Test {
 protected:
  void SetUp() override {
    const char* program = std::getenv("ECMPCTL");
    ASSERT_NE(program, nullptr) << "ECMPCTL names the program";
    program_ = program;
    auto started = ApiServer::start(path_, state_, loop_.poster(), std::chrono::minutes(1));
    ASSERT_TRUE(started) << started.error();
    server_ = std::move(*started);
  }
  Finished run(std::vector<std::string> words) {
    words.insert(words.begin(), {"--socket", path_});
    return run_program(program_, words);
  }
  void expect_failure(int status, const std::string& message, const std::vector<std::string>& words) {
    const Finished text = run(words);
    EXPECT_EQ(text.status, status) << message;
    EXPECT_EQ(text.error, "ecmpctl: " + message + "\n");
    EXPECT_EQ(text.output, "");
    std::vector<std::string> with_json = words;
    with_json.push_back("--json");
    const Finished json = run(with_json);
    EXPECT_EQ(json.status, status) << message;
    EXPECT_EQ(Json::parse(json.output), (Json{{"error", message}}));
  }

  FakeState state_;
  ControlLoop loop_;
  TemporaryDirectory directory_;
  std::string path_ = directory_.path("ecmpd.sock");
  std::string program_;
  std::unique_ptr<ApiServer> server_;
};

TEST_F(Ecmpctl, EveryCommandPrintsATableOrOneObject) {
  const std::vector<std::vector<std::string>> commands = {
      {"show", "bgp", "summary"},
      {"show", "bgp", "timing"},
      {"show", "bgp", "neighbor", "10.0.1.11"},
      {"show", "bgp", "neighbors", "10.0.1.11"},
      {"show", "routes"},
      {"show", "routes", "--all"},
      {"show", "routes", "203.0.113.10/32"},
      {"show", "groups"},
      {"show", "group", "2"},
      {"show", "ports"},
      {"show", "drops"},
      {"show", "icmp"},
      {"show", "workers"},
      {"show", "hash"},
      {"show", "neighbors"},
      {"explain", "192.0.2.7", "203.0.113.10", "tcp", "40000", "80"},
      {"explain", "192.0.2.7", "203.0.113.10", "icmp"},
      {"sh", "b", "s"}};
  for (auto words : commands) {
    const Finished text = run(words);
    EXPECT_EQ(text.status, 0) << words[1] << text.error;
    EXPECT_EQ(text.error, "");
    EXPECT_FALSE(text.output.empty() || text.output.front() == '{') << text.output;
    EXPECT_EQ(text.output.find('\x1b'), std::string::npos) << "no colour into a file";
    for (const char* option : {"--json", "-j", "json"}) {
      auto with_json = words;
      with_json.emplace_back(option);
      const Finished json = run(with_json);
      EXPECT_EQ(json.status, 0) << words[1] << json.error;
      EXPECT_TRUE(Json::parse(json.output).is_object()) << json.output;
    }
  }
}

TEST_F(Ecmpctl, PrintsWhatTheDaemonSays) {
  EXPECT_EQ(run({"show", "drops"}).output,
            "Reason       Packets  Per second  When\n"
            "ttl-expired        7         2.5  TTL was 1 or 0\n"
            "no-route           0           -  no prefix covers the destination\n");
  const Json routes = Json::parse(run({"--json", "show", "routes"}).output);
  EXPECT_EQ(routes["routes"][2]["nexthops"][0]["address"], "10.0.1.11");
  const Json flow = Json::parse(run({"explain", "192.0.2.7", "203.0.113.10", "sctp", "1", "65535", "json"}).output);
  EXPECT_EQ(flow["protocol"], 132);
  EXPECT_EQ(flow["dport"], 65535);
}

TEST_F(Ecmpctl, ExitStatusNotFound) {
  expect_failure(4, "no route to 8.8.8.8", {"show", "routes", "8.8.8.8"});
  expect_failure(4, "no group 3", {"show", "group", "3"});
  expect_failure(4, "no BGP neighbor 10.0.9.9", {"show", "bgp", "neighbor", "10.0.9.9"});
}

TEST_F(Ecmpctl, ExitStatusUsage) {
  expect_failure(2, "\"x y&z=1%\" is neither a prefix nor an IP address", {"show", "routes", "x y&z=1%"});
  for (const auto& words : std::vector<std::vector<std::string>>{{},
                                                                 {"show"},
                                                                 {"frob"},
                                                                 {"show", "frob"},
                                                                 {"show", "g"},
                                                                 {"show", "group"},
                                                                 {"show", "drops", "extra"},
                                                                 {"explain", "1.1.1.1"},
                                                                 {"explain", "1.1.1.1", "2.2.2.2", "tcp", "80"},
                                                                 {"show", "drops", "--frob"},
                                                                 {"trace"},
                                                                 {"drain"}}) {
    const Finished result = run(words);
    EXPECT_EQ(result.status, 2) << (words.empty() ? "" : words.back());
    EXPECT_TRUE(result.error.starts_with("ecmpctl: ")) << result.error;
    EXPECT_EQ(result.output, "");
  }
}

TEST_F(Ecmpctl, ExitStatusNoDaemon) {
  const auto message = [&](const std::string& path, const std::string& why) {
    return "no daemon at " + path + ": " + why + " (is ecmpd running? --socket names another path)";
  };
  server_.reset();
  expect_failure(3, message(path_, "No such file or directory"), {"show", "hash"});
  auto dead = UnixListener::open(path_);
  ASSERT_TRUE(dead);
  close(dead->release());
  expect_failure(3, message(path_, "Connection refused"), {"show", "hash"});
}

TEST_F(Ecmpctl, ExitStatusFailed) {
  server_.reset();
  loop_.hold();
  auto impatient = ApiServer::start(path_, state_, loop_.poster(), std::chrono::milliseconds(1));
  ASSERT_TRUE(impatient);
  expect_failure(1, "the control thread did not answer in time", {"show", "hash"});
}

TEST_F(Ecmpctl, HelpTeachesByExample) {
  const Finished help = run({"--help"});
  EXPECT_EQ(help.status, 0);
  EXPECT_NE(help.output.find("ecmpctl explain 192.0.2.7 203.0.113.10 tcp 40000 80"), std::string::npos);
  const Finished routes = run({"show", "routes", "--help"});
  EXPECT_EQ(routes.status, 0);
  EXPECT_NE(routes.output.find("longest match"), std::string::npos);
}

}  // namespace
}  // namespace ecmpd::control::api
