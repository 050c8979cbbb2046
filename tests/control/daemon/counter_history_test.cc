#include "control/daemon/counter_history.h"

#include <gtest/gtest.h>

namespace ecmpd::control {
namespace {

using namespace std::chrono_literals;
const auto kStart = CounterHistory::Clock::time_point(1000s);

CounterSample at(CounterHistory::Clock::time_point when) {
  CounterSample sample;
  sample.at = when;
  return sample;
}

TEST(CounterHistory, ComparesWithTheOlderOfTwoSamples) {
  CounterHistory history;
  EXPECT_EQ(history.before(kStart), nullptr) << "nothing to compare with";
  history.add(at(kStart));
  EXPECT_EQ(history.before(kStart + 199ms), nullptr) << "too short a time";
  ASSERT_NE(history.before(kStart + 200ms), nullptr);
  history.add(at(kStart + 1s));
  EXPECT_EQ(history.before(kStart + 1001ms)->at, kStart);
  history.add(at(kStart + 2s));
  EXPECT_EQ(history.before(kStart + 2001ms)->at, kStart + 1s);
}

TEST(CounterHistory, SamplesAreSumsOverTheWorkers) {
  dataplane::WorkerCounters first(2, 1), second(2, 1);
  first.port[1].rx.packets.add(10);
  first.port[1].rx.bytes.add(600);
  second.port[1].rx.packets.add(5);
  second.port[0].tx.packets.add(7);
  second.port[0].tx.bytes.add(70);
  second.drops[3].add(2);
  first.drops[3].add(1);
  first.bursts.add(4);
  first.busy_cycles.add(1234);
  const CounterSample sample = sample_counters({&first, &second}, 2);
  EXPECT_EQ(sample.ports[1].rx_packets, 15u);
  EXPECT_EQ(sample.ports[1].rx_bytes, 600u);
  EXPECT_EQ(sample.ports[0].tx_packets, 7u);
  EXPECT_EQ(sample.ports[0].tx_bytes, 70u);
  EXPECT_EQ(sample.drops[3], 3u);
  ASSERT_EQ(sample.workers.size(), 2u);
  EXPECT_EQ(sample.workers[0].packets, 10u);
  EXPECT_EQ(sample.workers[0].bursts, 4u);
  EXPECT_EQ(sample.workers[0].busy_cycles, 1234u);
  EXPECT_EQ(sample.workers[1].packets, 5u);
  EXPECT_GE(sample_counters({&first, &second}, 2).tsc, sample.tsc);
}

TEST(CounterHistory, RatesAreDifferencesASecond) {
  EXPECT_DOUBLE_EQ(per_second(100, 400, 1500ms), 200);
  EXPECT_DOUBLE_EQ(per_second(5, 5, 1s), 0);
}

}  // namespace
}  // namespace ecmpd::control
