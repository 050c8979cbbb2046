// EAL for tests that ask DPDK's own FIBs: no hugepages, no devices. Include it in one file of a program.
#pragma once

#include <gtest/gtest.h>
#include <rte_eal.h>
#include <unistd.h>

#include <string>
#include <vector>

namespace ecmpd::dataplane {

class RteFibEal : public testing::Environment {
 public:
  void SetUp() override {
    const std::string file_prefix = "rte_fib_test_" + std::to_string(getpid());
    std::vector<std::string> words{"rte_fib_test", "--no-huge",   "--no-shconf", "--no-telemetry", "--no-pci", "-m",
                                   "1024",         "--log-level", "4",           "--file-prefix",  file_prefix};
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    ASSERT_GE(rte_eal_init(static_cast<int>(argv.size()), argv.data()), 0);
  }
  void TearDown() override { rte_eal_cleanup(); }
};
inline const auto* const kRteFibEal = testing::AddGlobalTestEnvironment(new RteFibEal);

}  // namespace ecmpd::dataplane
