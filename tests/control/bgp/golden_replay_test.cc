// What real daemons sent (scripts/record_sessions), replayed into a session: replays/NAME.replay has the messages,
// NAME.golden what must come of them. REPLAY_GOLDEN=write makes the golden files anew; read the difference.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "control/bgp/session.h"
#include "tests/control/bgp/recording_host.h"

namespace ecmpd::control::bgp {
namespace {

using namespace testing;
using namespace std::chrono_literals;

std::filesystem::path folder() {
  return std::filesystem::path(std::getenv("SOURCE_ROOT")) / "tests" / "control" / "bgp" / "replays";
}

std::vector<std::string> recordings() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder())) {
    if (entry.path().extension() == ".replay") names.push_back(entry.path().stem());
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::string read(const std::filesystem::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// One second between messages; then the daemon closes the connection.
std::string replay(const std::string& name, Side side) {
  RecordingHost host;
  SessionConfig config = local();
  config.passive = side == Side::kIncoming;
  config.add_path = kBothFamilies;
  Session session(config, host);
  session.start(0s);
  if (side == Side::kIncoming) session.offer_incoming(0s);
  session.connected(side, 0s);
  std::string out = host.take();
  std::istringstream lines(read(folder() / (name + ".replay")));
  Time now = 0s;
  for (std::string line; std::getline(lines, line); now += 1s) {
    if (line.starts_with("#")) continue;
    session.received(side, hex(line), now);
    out += "message:\n" + host.take();
  }
  session.closed(side, "closed by the peer", now);
  out += "closed:\n" + host.take();
  return out + "damaged UPDATEs: " + std::to_string(session.status().damaged_updates) + "\n";
}

TEST(GoldenReplay, RealDaemons) {
  ASSERT_GE(recordings().size(), 5u);
  for (const std::string& name : recordings()) {
    SCOPED_TRACE(name);
    const std::string out = replay(name, Side::kIncoming) + "\nwe connect:\n" + replay(name, Side::kOutgoing);
    const auto golden = folder() / (name + ".golden");
    const char* mode = std::getenv("REPLAY_GOLDEN");
    if (mode != nullptr && std::string_view(mode) == "write") std::ofstream(golden) << out;
    EXPECT_EQ(out, read(golden));
  }
}

/// However the bytes are cut into reads, the same comes of them.
TEST(GoldenReplay, InPiecesOfAnySize) {
  for (const std::string& name : recordings()) {
    SCOPED_TRACE(name);
    std::vector<uint8_t> bytes;
    std::istringstream lines(read(folder() / (name + ".replay")));
    for (std::string line; std::getline(lines, line);) {
      if (!line.starts_with("#")) append(bytes, hex(line));
    }
    std::string whole;
    for (const size_t piece : {bytes.size(), size_t{1}, size_t{7}, size_t{19}, size_t{100}}) {
      RecordingHost host;
      SessionConfig config = local();
      config.add_path = kBothFamilies;
      Session session(config, host);
      session.start(0s);
      session.offer_incoming(0s);
      session.connected(Side::kIncoming, 0s);
      for (size_t at = 0; at < bytes.size(); at += piece) {
        session.received(Side::kIncoming, Bytes(bytes).subspan(at, std::min(piece, bytes.size() - at)), 1s);
      }
      if (whole.empty()) whole = host.lines;
      EXPECT_EQ(host.lines, whole) << "in pieces of " << piece;
    }
    EXPECT_NE(whole.find("UPDATE +203.0.113.10/32"), std::string::npos);
  }
}

}  // namespace
}  // namespace ecmpd::control::bgp
