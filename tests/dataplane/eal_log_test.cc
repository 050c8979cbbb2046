#include "dataplane/eal_log.h"

#include <bpf/libbpf.h>
#include <gtest/gtest.h>
#include <rte_log.h>

#include <vector>

#include "dataplane/bpf_log.h"

namespace ecmpd::dataplane {
namespace {

TEST(EalLog, HugepagesOfAnotherSizeAreNoError) {
  for (const char* line :
       {"EAL: No available 1048576 kB hugepages reported", "EAL: No free 1048576 kB hugepages reported on node 0",
        "EAL: No free 2048 kB hugepages reported on node 0"}) {
    for (unsigned level = RTE_LOG_EMERG; level <= RTE_LOG_DEBUG; ++level) EXPECT_FALSE(translate_eal(level, line));
  }
}

TEST(EalLog, WhatADriverHasNoMoreOfIsShown) {
  for (const char* line : {"PMD: txgbe_add(): No free entry left in the Rx SA table",
                           "ETHDEV: No available place for MAC", "PMD: No free queues available on the device"}) {
    const auto message = translate_eal(RTE_LOG_ERR, line);
    ASSERT_TRUE(message) << line;
    EXPECT_EQ(message->text, line);
  }
}

TEST(EalLog, KnownMessagesAreTranslated) {
  const auto message = translate_eal(RTE_LOG_ERR, "EAL: Not enough memory available! Requested: 64MB, available: 2MB");
  ASSERT_TRUE(message);
  EXPECT_EQ(message->level, EalLevel::kError);
  EXPECT_NE(message->text.find("ecmpctl doctor"), std::string::npos);
  EXPECT_EQ(message->text.find("EAL"), std::string::npos);
}

TEST(EalLog, UnknownMessagesPassWithTheirLevel) {
  const auto level = [](unsigned dpdk) { return translate_eal(dpdk, "PMD: what is this")->level; };
  EXPECT_EQ(level(RTE_LOG_CRIT), EalLevel::kError);
  EXPECT_EQ(level(RTE_LOG_ERR), EalLevel::kError);
  EXPECT_EQ(level(RTE_LOG_WARNING), EalLevel::kWarn);
  EXPECT_EQ(level(RTE_LOG_NOTICE), EalLevel::kInfo);
  EXPECT_EQ(translate_eal(RTE_LOG_ERR, "PMD: what is this")->text, "PMD: what is this");
}

TEST(EalLog, LinesOfDpdkReachTheSink) {
  static std::vector<std::pair<EalLevel, std::string>> seen;
  send_eal_log_to([](EalLevel level, std::string_view text) { seen.emplace_back(level, text); });
  rte_log_set_global_level(RTE_LOG_WARNING);
  rte_log(RTE_LOG_WARNING, RTE_LOGTYPE_USER1, "half a line, ");
  rte_log(RTE_LOG_WARNING, RTE_LOGTYPE_USER1, "and %d more\nNo free 7 kB hugepages\n", 3);
  rte_log(RTE_LOG_ERR, RTE_LOGTYPE_USER1, "wrong\n");
  EXPECT_EQ(seen, (std::vector<std::pair<EalLevel, std::string>>{{EalLevel::kWarn, "half a line, and 3 more"},
                                                                 {EalLevel::kError, "wrong"}}));
}

TEST(BpfLog, LinesOfTheLibraryReachTheSinkWhole) {
  static std::vector<std::pair<EalLevel, std::string>> seen;
  send_bpf_log_to([](EalLevel level, std::string_view text) { seen.emplace_back(level, text); });
  EXPECT_EQ(bpf_object__open("/nowhere/at/all"), nullptr);
  ASSERT_EQ(seen.size(), 1u);
  EXPECT_EQ(seen[0].first, EalLevel::kWarn);
  EXPECT_NE(seen[0].second.find("/nowhere/at/all"), std::string::npos);
  EXPECT_EQ(seen[0].second.find('\n'), std::string::npos);
}

TEST(BpfLog, WhatXdpDoesWithoutIsNotShown) {
  for (const char* line :
       {"libxdp: No bpffs found at /sys/fs/bpf", "libxdp: Can't use dispatcher without a working bpffs",
        "libxdp: Falling back to loading single prog without dispatcher",
        "libbpf: elf: skipping unrecognized data section(8) .xdp_run_config"}) {
    EXPECT_FALSE(translate_eal(RTE_LOG_WARNING, line)) << line;
  }
}

}  // namespace
}  // namespace ecmpd::dataplane
