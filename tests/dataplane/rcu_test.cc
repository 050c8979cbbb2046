#include "dataplane/rcu.h"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "tests/dataplane/rcu_manual_grace.h"

namespace ecmpd::dataplane {
namespace {

TEST(Rcu, WithoutReadersNothingWaits) {
  Rcu rcu;
  const uint64_t first = rcu.start();
  EXPECT_TRUE(rcu.passed(first));
  EXPECT_GT(rcu.start(), first);
}

TEST(Rcu, RefusesIdsOutOfRange) {
  Rcu rcu;
  EXPECT_TRUE(rcu.register_reader(Rcu::kMaxReaders - 1));
  EXPECT_FALSE(rcu.register_reader(Rcu::kMaxReaders));
}

TEST(Rcu, WaitsForEveryOnlineReader) {
  Rcu rcu;
  ASSERT_TRUE(rcu.register_reader(0));
  ASSERT_TRUE(rcu.register_reader(70));
  ASSERT_TRUE(rcu.register_reader(3));  // never online
  rcu.online(0);
  rcu.online(70);
  const uint64_t token = rcu.start();
  EXPECT_FALSE(rcu.passed(token));
  rcu.quiescent(0);
  EXPECT_FALSE(rcu.passed(token));
  rcu.quiescent(70);
  EXPECT_TRUE(rcu.passed(token));

  const uint64_t second = rcu.start();
  EXPECT_TRUE(rcu.passed(token));
  rcu.quiescent(0);
  EXPECT_FALSE(rcu.passed(second));
  rcu.offline(70);
  EXPECT_TRUE(rcu.passed(second));

  rcu.online(70);  // after the token was taken: cannot hold what was unlinked before
  EXPECT_TRUE(rcu.passed(second));
  const uint64_t third = rcu.start();
  rcu.quiescent(0);
  EXPECT_FALSE(rcu.passed(third));
  rcu.offline(70);
  rcu.unregister_reader(70);
  EXPECT_TRUE(rcu.passed(third));
}

TEST(Retired, FreesInOrderWhenDue) {
  ManualGrace grace;
  std::vector<int> freed;
  {
    Retired retired(grace);
    retired.defer([&] { freed.push_back(1); });
    retired.defer([&] {
      freed.push_back(2);
      retired.defer([&] { freed.push_back(4); });
    });
    EXPECT_EQ(retired.poll(), 2u);
    EXPECT_TRUE(freed.empty());
    grace.elapse();
    retired.defer([&] { freed.push_back(3); });
    EXPECT_EQ(retired.poll(), 2u);  // 3, and 4 which began to wait when 2 ran
    EXPECT_EQ(freed, (std::vector{1, 2}));
    grace.elapse();
    EXPECT_EQ(retired.poll(), 0u);
    EXPECT_EQ(freed, (std::vector{1, 2, 3, 4}));
    retired.defer([&] {
      freed.push_back(5);
      retired.defer([&] { freed.push_back(6); });
    });
  }
  EXPECT_EQ(freed, (std::vector{1, 2, 3, 4, 5, 6}));
}

// Readers follow a published pointer; the writer swaps and frees it. A sanitizer sees any access to a freed snapshot,
// and without one the poisoned value shows.
TEST(Rcu, SnapshotsOutliveTheirReaders) {
  struct Snapshot {
    uint64_t value = 42;
    ~Snapshot() { value = 0; }
  };
  constexpr int kSwaps = 20000;
  constexpr uint64_t kRounds = 20000;  // for each reader at least
  constexpr unsigned kReaders = 2;
  Rcu rcu;
  std::atomic<Snapshot*> current{new Snapshot};
  std::atomic<unsigned> finished{0};
  std::atomic<bool> stop{false};
  std::atomic<uint64_t> wrong{0};

  std::vector<std::thread> readers;
  for (unsigned id = 0; id < kReaders; ++id) {
    readers.emplace_back([&, id] {
      ASSERT_TRUE(rcu.register_reader(id));
      rcu.online(id);
      for (uint64_t round = 0; !stop.load(std::memory_order_relaxed); ++round) {
        if (round == kRounds) ++finished;
        for (int i = 0; i < 16; ++i) wrong += current.load(std::memory_order_acquire)->value != 42;
        if (round % 64 == 0) {
          rcu.offline(id);
          std::this_thread::yield();
          rcu.online(id);
        } else {
          rcu.quiescent(id);
        }
      }
      rcu.offline(id);
      rcu.unregister_reader(id);
    });
  }
  {
    Retired retired(rcu);
    for (int i = 0; i < kSwaps || finished < kReaders; ++i) {
      Snapshot* old = current.exchange(new Snapshot, std::memory_order_acq_rel);
      retired.defer([old] { delete old; });
      while (retired.poll() > 64) std::this_thread::yield();
    }
    while (retired.poll() > 0) std::this_thread::yield();
    stop = true;
    for (std::thread& reader : readers) reader.join();
  }
  delete current.load();
  EXPECT_EQ(wrong, 0u);
}

}  // namespace
}  // namespace ecmpd::dataplane
