// What the tests of the configuration share: files of the source tree and the CPUs of an imagined machine.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "control/config/config.h"

namespace ecmpd::control {

inline const std::vector<unsigned> kTwoCpus = {0, 1};

/// The text of a file of the source tree; a test fails when it cannot be read.
inline std::string source_file(const std::string& name) {
  const char* root = std::getenv("SOURCE_ROOT");
  std::ifstream in(std::string(root != nullptr ? root : ".") + "/" + name);
  EXPECT_TRUE(in) << name;
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

inline std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

/// A good start for a file, 11 lines.
inline constexpr char kTwoPorts[] = R"([router]
asn = 64500
router_id = "10.0.0.1"
[[port]]
name = "node1"
device = "af_packet:veth1"
address = ["10.0.1.1/24", "fd00:1::1/64"]
[[port]]
name = "node2"
device = "af_packet:veth2"
address = "10.0.2.1/24"
)";

/// "good", or the one line.
inline std::string outcome(const std::string& text) {
  const auto config = parse_config(text, "c.toml", kTwoCpus);
  return config ? "good" : config.error().to_string();
}

/// kTwoPorts and more, which must be good.
inline Config good(const std::string& more) {
  const auto config = parse_config(kTwoPorts + more, "c.toml", kTwoCpus);
  EXPECT_TRUE(config) << config.error().to_string();
  return config.value_or(Config{});
}

}  // namespace ecmpd::control
