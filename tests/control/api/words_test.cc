#include "control/ctl/words.h"

#include <gtest/gtest.h>

#include "control/api/words.h"

namespace ecmpd::control {
namespace {

using Words = std::vector<std::string>;

tl::expected<Words, std::string> expand(Words arguments) {
  const std::vector<ctl::Word> commands = {
      {{"show"}, {{{"group"}, {}}, {{"groups"}, {}}, {{"bgp"}, {{{"neighbor", "neighbors"}, {}}, {{"summary"}, {}}}}}},
      {{"explain"}, {}}};
  return ctl::expand_words(commands, {"-s"}, {"--help"}, std::move(arguments));
}

TEST(ExpandWords, CompletesUniquePrefixes) {
  EXPECT_EQ(*expand({"sh", "b", "s"}), (Words{"show", "bgp", "summary"}));
  EXPECT_EQ(*expand({"show", "bgp", "neighbors", "10.0.0.1"}), (Words{"show", "bgp", "neighbor", "10.0.0.1"}));
  EXPECT_EQ(*expand({"sh", "group", "1"}), (Words{"show", "group", "1"})) << "a whole word is not ambiguous";
}

TEST(ExpandWords, LeavesValuesAlone) {
  EXPECT_EQ(*expand({"-s", "sh", "e", "sh", "b"}), (Words{"-s", "sh", "explain", "sh", "b"}));
  EXPECT_EQ(*expand({"--help"}), (Words{"--help"}));
}

TEST(ExpandWords, TrailingJsonIsTheOption) {
  EXPECT_EQ(*expand({"sh", "b", "s", "json"}), (Words{"show", "bgp", "summary", "--json"}));
  EXPECT_EQ(*expand({"sh", "group", "1", "json"}), (Words{"show", "group", "1", "--json"}));
  EXPECT_FALSE(expand({"json"}));
}

TEST(ExpandWords, SaysWhatIsAllowed) {
  EXPECT_EQ(expand({"sh", "g"}).error(), "\"g\" may be any of: group, groups");
  EXPECT_EQ(expand({"frob"}).error(), "unknown command \"frob\"; one of: show, explain");
  EXPECT_EQ(expand({"show", "bgp"}).error(), "show bgp what? One of: neighbor, summary");
  EXPECT_EQ(expand({}).error(), "a command is missing; one of: show, explain");
}

TEST(ApiWords, Uptime) {
  EXPECT_EQ(api::uptime_text(0), "00:00:00");
  EXPECT_EQ(api::uptime_text(86'399'999), "23:59:59");
  EXPECT_EQ(api::uptime_text(86'400'000), "1d00h00m");
  EXPECT_EQ(api::uptime_text(604'799'000), "6d23h59m");
  EXPECT_EQ(api::uptime_text(604'800'000ull * 2 + 86'400'000), "02w1d00h");
}

}  // namespace
}  // namespace ecmpd::control
