#include "bench/ecmpbench/report.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "bench/ecmpbench/load_report.h"

namespace ecmpd::bench {
namespace {

Result result() {
  Result out;
  Measurement one;
  one.windows.assign(10, {2.2F, 30, 32, 50});
  one.tsc_hz = 2e9;
  one.packets = 1000;
  one.checked = 64;
  out.measurements = {one};
  out.figures = figures_of(out.measurements);
  return out;
}

TEST(Report, OneCaseIsOneObject) {
  const Result one = result();
  const auto json = nlohmann::json::parse(render({&one, 1}, Format::kJson));
  EXPECT_EQ(json.at("io_cycles"), 30);
  EXPECT_EQ(json.at("cycles"), 50);
  EXPECT_EQ(json.at("over_io_cycles"), 20);
  EXPECT_EQ(json.at("ratio_io"), 0.6);
  EXPECT_EQ(json.at("contended"), false);
  EXPECT_EQ(json.at("packets_per_second"), 40'000'000);
  EXPECT_EQ(json.at("ns"), 25);
  EXPECT_EQ(json.at("size"), 64);
  EXPECT_EQ(json.at("drops"), 0);
  EXPECT_FALSE(json.contains("stages"));
}

TEST(Report, StagesAreAnObject) {
  Result one = result();
  one.measurements[0].has_stages = true;
  one.measurements[0].stages.cycles = {1, 2, 3, 4, 5, 6};
  const auto json = nlohmann::json::parse(render({&one, 1}, Format::kJson));
  EXPECT_EQ(json.at("stages").at("select"), 4);
}

TEST(Report, SeveralCasesAreAList) {
  const Result several[] = {result(), result()};
  EXPECT_EQ(nlohmann::json::parse(render(several, Format::kJson)).at("runs").size(), 2u);
  const std::string csv = render(several, Format::kCsv);
  EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 3);
  EXPECT_NE(csv.find("over_io_cycles"), std::string::npos);
}

TEST(Report, TextSaysWhenTheCoreWasShared) {
  Result one = result();
  EXPECT_EQ(render({&one, 1}, Format::kText).find("somebody else"), std::string::npos);
  one.measurements[0].waited = 0.9;
  one.figures = figures_of(one.measurements);
  EXPECT_NE(render({&one, 1}, Format::kText).find("somebody else"), std::string::npos);
}

TEST(Report, CasesAreDescribedByWhatIsUnusual) {
  Case plan;
  EXPECT_EQ(describe(plan, 1), "IPv4, 4096 flows, 1 prefix, 8 members, 2 ports");
  plan.groups = 64;
  plan.prefixes = 65'000;
  plan.egress = 1;
  plan.selector = hash::Selector::kMaglev;
  EXPECT_EQ(describe(plan, 2), "IPv4, 4096 flows, 65000 prefixes over 64 groups, 8 members, 1 port, 2 workers, maglev");
}

TEST(LoadReport, PhasesHaveRatesWhereSomethingChanged) {
  LoadResult load;
  load.phases = {{.name = "quiet", .seconds = 1}, {.name = "add", .items = 10, .seconds = 2, .resident_bytes = 80}};
  const auto phases = nlohmann::json::parse(render(load, Format::kJson)).at("phases");
  EXPECT_TRUE(phases.at(0).at("items").is_null());
  EXPECT_EQ(phases.at(1).at("items_per_second"), 5);
  EXPECT_EQ(phases.at(1).at("bytes_per_item"), 8);
}

}  // namespace
}  // namespace ecmpd::bench
