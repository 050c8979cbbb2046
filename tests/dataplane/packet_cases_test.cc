// Every table of packet cases through the real stages; the same cases go through a daemon on a wire in
// tests/net/test_packet_cases.py.
#include <gtest/gtest.h>

#include <set>

#include "tests/dataplane/cases/tables.h"
#include "tests/dataplane/every_kernel.h"

namespace ecmpd::dataplane::test {
namespace {

class PacketCases : public testing::TestWithParam<size_t> {
 public:
  static void SetUpTestSuite() { start_test_eal(); }
};

TEST_P(PacketCases, Table) {
  const CaseTable& table = case_tables()[GetParam()];
  for (const ClassifyKernels& kernels : every_kernel()) {
    SCOPED_TRACE(name_of(kernels));
    run_cases(table, kernels);
  }
  RecordProperty("packet_cases_in_stages", static_cast<int>(table.cases.size()));
}

INSTANTIATE_TEST_SUITE_P(All, PacketCases, testing::Range(size_t{0}, case_tables().size()), [](const auto& table) {
  std::string name;
  for (const char c : case_tables()[table.param].name) {
    if (std::isalnum(static_cast<unsigned char>(c))) name.push_back(c);
  }
  return name;
});

TEST(PacketCaseTables, HaveEveryReasonThatAPacketAloneCanHave) {
  std::set<DropReason> seen;
  for (const CaseTable& table : case_tables()) {
    for (const Case& test : table.cases) {
      if (test.out.dropped) seen.insert(*test.out.dropped);
    }
  }
  // These need a device, a flood, or a neighbor that is told of an aggregate (tests/net/test_export.py).
  const std::set<DropReason> elsewhere{DropReason::kNoBuffer,    DropReason::kPortDown,     DropReason::kTxQueueFull,
                                       DropReason::kPuntPoliced, DropReason::kPuntRingFull, DropReason::kBlackhole,
                                       DropReason::kResolving,   DropReason::kStarting};
  for (unsigned i = 0; i < kDropReasonCount; ++i) {
    const auto reason = DropReason{static_cast<uint8_t>(i)};
    EXPECT_NE(seen.contains(reason), elsewhere.contains(reason)) << describe(reason).name;
  }
}

TEST(PacketCaseTables, UseEveryMemberAndSayEachThingOnce) {
  for (const CaseTable& table : case_tables()) {
    std::set<std::string> why;
    for (const Case& test : table.cases) EXPECT_TRUE(why.insert(test.why).second) << table.name << ": " << test.why;
  }
  start_test_eal();
  StageHarness router;
  std::set<unsigned> ports;
  for (const Case& test : key4_cases()) ports.insert(expected_frames(test, router.state()).at(0).port);
  EXPECT_EQ(ports, (std::set<unsigned>{1, 2, 3}));
}

}  // namespace
}  // namespace ecmpd::dataplane::test
