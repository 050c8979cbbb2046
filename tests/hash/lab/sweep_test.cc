#include "hash/lab/sweep.h"

#include <gtest/gtest.h>

#include "hash/lab/sweep_summary.h"

namespace ecmpd::hash::lab {
namespace {

SweepPlan plan(std::vector<HashFunction> functions) {
  return {.functions = std::move(functions),
          .selectors = {"resilient", "modulo"},
          .workloads = {find_workload("uniform"), find_workload("grid"), find_workload("customers")},
          .members = {2, 7, 16},
          .seeds = 40,
          .flows = 4096,
          .fields = KeyFields::five_tuple(),
          .buckets = "4096",
          .seed = 1,
          .threads = 2};
}

std::string json(const SweepPlan& plan) { return render(summarize(plan, sweep(plan).value()), Common::Format::kJson); }

TEST(Sweep, DoesNotDependOnThreads) {
  SweepPlan one = plan({HashFunction::kXxh32, HashFunction::kCrc32c});
  SweepPlan many = one;
  one.threads = 1;
  many.threads = 5;
  EXPECT_EQ(json(one), json(many));
}

TEST(Sweep, ACellDoesNotDependOnTheOthers) {
  SweepPlan all = plan({HashFunction::kCrc16, HashFunction::kXxh32});
  SweepPlan some = all;
  some.functions = {HashFunction::kXxh32};
  some.selectors = {"modulo"};
  some.workloads = {find_workload("grid")};
  some.members = {7};
  some.seeds = 10;
  const auto cells = sweep(all).value();
  const auto found = std::find_if(cells.begin(), cells.end(), [](const SweepCell& cell) {
    return cell.function == 1 && cell.selector == 1 && cell.workload == 1 && cell.members == 1;
  });
  ASSERT_NE(found, cells.end());
  EXPECT_EQ(std::vector<double>(found->ps.begin(), found->ps.begin() + 10), sweep(some).value().at(0).ps);
}

/// The verdict of each function and selector.
std::vector<std::string> verdicts(const SweepPlan& plan) {
  const Table table = summarize(plan, sweep(plan).value());
  std::vector<std::string> found;
  for (size_t i = 0; i < table.columns.size(); ++i) {
    if (table.columns[i].key != "functions") continue;
    for (const Row& row : std::get<std::vector<Row>>(table.rows[0][i].value)) {
      found.push_back(std::get<std::string>(row.back().value));
    }
  }
  return found;
}

TEST(Sweep, TellsStrongFunctionsFromLinearOnes) {
  for (const HashFunction strong : {HashFunction::kXxh32, HashFunction::kXxh3, HashFunction::kSiphash}) {
    EXPECT_EQ(verdicts(plan({strong})), (std::vector<std::string>{"uniform", "uniform"})) << to_string(strong);
  }
  for (const HashFunction linear :
       {HashFunction::kCrc32c, HashFunction::kCrc16, HashFunction::kToeplitz, HashFunction::kXorFold}) {
    for (const std::string& verdict : verdicts(plan({linear}))) EXPECT_NE(verdict, "uniform") << to_string(linear);
  }
}

TEST(Sweep, RefusesWhatTheSelectorRefuses) {
  SweepPlan wrong = plan({HashFunction::kXxh32});
  wrong.buckets = "8";
  const auto cells = sweep(wrong);
  ASSERT_FALSE(cells);
  EXPECT_EQ(cells.error().status, kUsage);
  EXPECT_NE(cells.error().message.find("16"), std::string::npos);
}

}  // namespace
}  // namespace ecmpd::hash::lab
