// Every bad file of bad_*.txt gets exactly the line that stands behind it.
#include <gtest/gtest.h>

#include "tests/control/config/files.h"

namespace ecmpd::control {
namespace {

/// Returns how many there were.
unsigned check_all(const std::string& name) {
  unsigned count = 0;
  std::string text;
  unsigned number = 0;
  for (const std::string& line : lines_of(source_file("tests/control/config/" + name))) {
    ++number;
    if (line == "## whole") {
      text.clear();
    } else if (line == "## more") {
      text = kTwoPorts;
    } else if (line.starts_with(">> ")) {
      SCOPED_TRACE(::testing::Message() << name << ":" << number);
      EXPECT_EQ(outcome(text), line.substr(3)) << text;
      ++count;
    } else if (count > 0 || !line.starts_with("# ")) {
      text += line + "\n";
    }
  }
  return count;
}

TEST(BadFile, AsAWhole) { EXPECT_GE(check_all("bad_file.txt"), 20u); }
TEST(BadFile, RouterDataplaneEcmpApi) { EXPECT_GE(check_all("bad_base.txt"), 50u); }
TEST(BadFile, Ports) { EXPECT_GE(check_all("bad_port.txt"), 40u); }
TEST(BadFile, RoutesAndNeighborEntries) { EXPECT_GE(check_all("bad_route.txt"), 40u); }
TEST(BadFile, NeighborsAndListenRanges) { EXPECT_GE(check_all("bad_peer.txt"), 40u); }

TEST(BadFile, FieldsOfTheError) {
  const auto config = parse_config("[router]\nasn = 70000000000\n", "/etc/a.toml", kTwoCpus);
  ASSERT_FALSE(config);
  EXPECT_EQ(config.error().file, "/etc/a.toml");
  EXPECT_EQ(config.error().line, 2u);
  EXPECT_EQ(config.error().key, "router.asn");
  EXPECT_EQ(config.error().value, "70000000000");
  EXPECT_EQ(config.error().problem, "70000000000 is above 4294967295; allowed: 1 to 4294967295");
}

TEST(BadFile, StaysOneLineWhateverTheValueHolds) {
  EXPECT_EQ(outcome("[router]\nasn = 1 # \x01\n"),
            "c.toml:2: \"asn = 1 # \\x01\" is not TOML (comment: control characters other than TAB (U+0009) are "
            "explicitly prohibited in comments); allowed: TOML 1.0");
  EXPECT_EQ(outcome("[router]\nasn = \"a\\nb\"\n"),
            "c.toml:2: router.asn: \"a\\x0ab\" is a string, not an integer; allowed: 1 to 4294967295");
  // Cut between two characters, not in the middle of one.
  std::string umlauts;
  for (int i = 0; i < 100; ++i) umlauts += "\u00e4";
  const std::string line = outcome("[router]\nasn = \"x" + umlauts + "\"\n");
  EXPECT_EQ(line, "c.toml:2: router.asn: \"x" + umlauts.substr(0, 58) +
                      "...\" is a string, not an integer; allowed: 1 to 4294967295");
}

TEST(BadFile, NeverShowsAPassword) {
  const std::string peer = std::string(kTwoPorts) + "[[neighbor]]\naddress = \"10.0.1.11\"\nremote_as = 1\n";
  for (const char* line : {"password = \"hush", "password = [\"hush\"]", "passwrd = \"hush\"", "password = hush",
                           "Password = \"hush\"", "password = {hush = 1}"}) {
    const std::string out = outcome(peer + line + "\n");
    EXPECT_TRUE(out.starts_with("c.toml:15: ")) << out;
    EXPECT_EQ(out.find("hush"), std::string::npos) << out;
  }
}

TEST(BadFile, TooManyNexthops) {
  for (const unsigned count : {1024u, 1025u}) {
    std::string nexthops;
    for (unsigned i = 0; i < count; ++i) {
      nexthops += "{ via = \"10.1." + std::to_string(i / 200) + "." + std::to_string(10 + i % 200) + "\" },";
    }
    const std::string text = std::string(kTwoPorts) +
                             "[[port]]\nname = \"wide\"\ndevice = \"tap:wide\"\naddress = \"10.1.0.1/16\"\n[[route]]\n"
                             "prefix = \"198.51.100.0/24\"\nnexthops = [" +
                             nexthops + "]\n";
    const auto config = parse_config(text, "c.toml", kTwoCpus);
    ASSERT_EQ(config.has_value(), count == 1024) << outcome(text);
    if (config) {
      EXPECT_EQ(config->routes.at(0).nexthops.size(), 1024u);
    } else {
      EXPECT_EQ(config.error().line, 18u);
      EXPECT_TRUE(config.error().problem.ends_with(
          "has 1025 nexthops; allowed: a list of 1 to 1024 such as [{ via = \"10.0.1.11\", weight = 1 }]"))
          << config.error().problem;
    }
  }
}

TEST(LoadConfig, SaysWhatIsWrongWithTheFileItself) {
  EXPECT_EQ(load_config("/nonexistent/ecmpd.toml").error().to_string(),
            "/nonexistent/ecmpd.toml: cannot be opened: No such file or directory; allowed: a readable TOML file");
  EXPECT_EQ(load_config("/").error().to_string(), "/: cannot be read: Is a directory; allowed: a readable TOML file");
}

}  // namespace
}  // namespace ecmpd::control
