#include "dataplane/eal_log.h"

#include <gtest/gtest.h>
#include <rte_log.h>

#include <vector>

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

}  // namespace
}  // namespace ecmpd::dataplane
