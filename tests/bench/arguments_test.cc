#include "bench/ecmpbench/arguments.h"

#include <gtest/gtest.h>

#include <sstream>

namespace ecmpd::bench {
namespace {

using Parsed = std::variant<ForwardCommand, LoadCommand, Ended>;

Parsed parse(const std::string& line) {
  std::istringstream words(line);
  std::vector<std::string> out;
  for (std::string word; words >> word;) out.push_back(word);
  return parse_arguments(out);
}

ForwardCommand forward(const std::string& line) {
  const Parsed parsed = parse(line);
  const auto* command = std::get_if<ForwardCommand>(&parsed);
  if (command == nullptr) {
    ADD_FAILURE() << line << ": " << (std::get_if<Ended>(&parsed) ? std::get<Ended>(parsed).error : "load");
    return {};
  }
  return *command;
}

/// What is wrong with a line.
std::string refused(const std::string& line) {
  const Parsed parsed = parse(line);
  const auto* ended = std::get_if<Ended>(&parsed);
  if (ended == nullptr) return "accepted";
  EXPECT_EQ(ended->status, kUsage) << line;
  EXPECT_TRUE(ended->output.empty());
  return ended->error;
}

TEST(Arguments, Defaults) {
  const ForwardCommand command = forward("forward");
  ASSERT_EQ(command.cases.size(), 1u);
  EXPECT_EQ(command.cases[0].flows, 4096u);
  EXPECT_EQ(command.cases[0].members, 8u);
  EXPECT_EQ(command.cases[0].family, hash::Family::kIpv4);
  EXPECT_EQ(command.workers, std::vector<unsigned>{1});
  EXPECT_EQ(command.format, Format::kText);
  EXPECT_FALSE(command.cpus.empty());
}

TEST(Arguments, ListsMakeEveryCombination) {
  const ForwardCommand command =
      forward("forward --family 4,6 --flows 1,4096 --prefixes 1,1000 --selector maglev,modulo --hash crc32c --json");
  ASSERT_EQ(command.cases.size(), 16u);
  EXPECT_EQ(command.format, Format::kJson);
  EXPECT_EQ(command.cases[0].family, hash::Family::kIpv4);
  EXPECT_EQ(command.cases[15].family, hash::Family::kIpv6);
  EXPECT_EQ(command.cases[15].flows, 4096u);
  EXPECT_EQ(command.cases[15].prefixes, 1000u);
  EXPECT_EQ(command.cases[15].selector, hash::Selector::kModulo);
  EXPECT_EQ(command.cases[1].selector, hash::Selector::kModulo);
  for (const Case& one : command.cases) EXPECT_EQ(one.function, hash::HashFunction::kCrc32c);
}

TEST(Arguments, KeysAreRepeatedBecauseTheyHaveCommas) {
  const ForwardCommand command = forward("forward --key 3-tuple --key src,dst");
  ASSERT_EQ(command.cases.size(), 2u);
  EXPECT_EQ(command.cases[0].key, hash::KeyFields::three_tuple());
  EXPECT_FALSE(command.cases[1].key.protocol);
}

TEST(Arguments, Load) {
  const Parsed parsed = parse("load --routes4 10 --routes6 20 --csv");
  const auto& load = std::get<LoadCommand>(parsed);
  EXPECT_EQ(load.settings.routes4, 10u);
  EXPECT_EQ(load.settings.routes6, 20u);
  EXPECT_EQ(load.format, Format::kCsv);
}

TEST(Arguments, WhatIsWrongIsNamed) {
  EXPECT_NE(refused("forward --flows 0").find("--flows: 0 is not a number from 1 to 65536"), std::string::npos);
  EXPECT_NE(refused("forward --flows 1,x").find("x is not a number from 1 to 65536"), std::string::npos);
  EXPECT_NE(refused("forward --prefixes 1000001").find("from 1 to 1000000"), std::string::npos);
  EXPECT_NE(refused("forward --family 5").find("--family: 5"), std::string::npos);
  EXPECT_NE(refused("forward --selector vpp").find("--selector: vpp"), std::string::npos);
  EXPECT_NE(refused("forward --hash md5").find("--hash: md5"), std::string::npos);
  EXPECT_NE(refused("forward --key port").find("--key: "), std::string::npos);
  EXPECT_NE(refused("forward --seconds 0").find("--seconds: 0 is not a number of seconds"), std::string::npos);
  EXPECT_NE(refused("forward --family 6 --size 64").find("--size: 64 is too short"), std::string::npos);
  EXPECT_NE(refused("forward --cpu 100000").find("--cpu: 100000 is not one of "), std::string::npos);
  EXPECT_NE(refused("forward --cpu 100000").find("ecmpbench --help"), std::string::npos);
  EXPECT_NE(refused("scale --workers 129").find("from 1 to 128"), std::string::npos);
  EXPECT_NE(refused("load --routes4 0").find("--routes4: 0"), std::string::npos);
  EXPECT_NE(refused("").find("subcommand"), std::string::npos);
  EXPECT_NE(refused("fly").find("fly is not one of forward, scale, load"), std::string::npos);
  EXPECT_NE(refused("forward --json --csv").find("--csv"), std::string::npos);
}

TEST(Arguments, HelpIsNoError) {
  for (const char* line : {"--help", "forward --help", "scale --help", "load --help", "--version"}) {
    const Parsed parsed = parse(line);
    const auto* ended = std::get_if<Ended>(&parsed);
    ASSERT_NE(ended, nullptr) << line;
    EXPECT_EQ(ended->status, kFine) << line;
    EXPECT_NE(ended->output.find("ecmpbench"), std::string::npos) << line;
  }
}

}  // namespace
}  // namespace ecmpd::bench
