#include "control/io/reactor.h"

#include <gtest/gtest.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <csignal>
#include <optional>
#include <thread>
#include <vector>

namespace ecmpd::control {
namespace {

using namespace std::chrono_literals;

TEST(Reactor, PostsRunInOrderAlsoFromAnotherThread) {
  Reactor reactor;
  std::vector<int> seen;
  std::thread other([&] {
    for (int i = 0; i < 100; ++i) reactor.post([&seen, i] { seen.push_back(i); });
    reactor.post([&] { reactor.stop(); });
  });
  reactor.run();
  other.join();
  ASSERT_EQ(seen.size(), 100u);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(seen[static_cast<size_t>(i)], i);
}

TEST(Reactor, TimersFireInOrderOfTimeAndRunMayBeCalledAgain) {
  Reactor reactor;
  std::vector<int> seen;
  const Handle late = reactor.after(20ms, [&] { seen.push_back(2), reactor.stop(); });
  const Handle early = reactor.after(1ms, [&] { seen.push_back(1); });
  reactor.run();
  EXPECT_EQ(seen, (std::vector{1, 2}));
  const Handle again = reactor.after(0ms, [&] { seen.push_back(3), reactor.stop(); });
  reactor.run();
  EXPECT_EQ(seen.back(), 3);
}

TEST(Reactor, EveryRepeatsUntilItCancelsItself) {
  Reactor reactor;
  int beats = 0;
  std::optional<Handle> handle = reactor.every(1ms, [&] {
    if (++beats == 3) {
      handle.reset();
      reactor.post([&] { reactor.stop(); });
    }
  });
  reactor.run();
  EXPECT_EQ(beats, 3);
}

TEST(Reactor, ACancelledCallbackThatIsAlreadyDueIsNotCalled) {
  Reactor reactor;
  Handle second;
  const Handle first = reactor.after(0ms, [&] {
    second.cancel();
    reactor.post([&] { reactor.stop(); });
  });
  second = reactor.after(0ms, [&] { FAIL(); });
  reactor.run();
  EXPECT_FALSE(second);
}

TEST(Reactor, ReadableIsLevelTriggeredAndLeavesTheDescriptorOpen) {
  Reactor reactor;
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  ASSERT_EQ(write(ends[1], "abc", 3), 3);
  std::string seen;
  Handle handle = reactor.on_readable(ends[0], [&] {
    char c = 0;
    ASSERT_EQ(read(ends[0], &c, 1), 1);
    seen += c;
    if (seen == "abc") reactor.stop();
  });
  ASSERT_TRUE(handle);
  reactor.run();
  EXPECT_EQ(seen, "abc");
  handle.cancel();
  EXPECT_EQ(write(ends[1], "d", 1), 1);
  char c = 0;
  EXPECT_EQ(read(ends[0], &c, 1), 1);  // neither closed nor consumed
  // The descriptor may be watched again after the first watch is gone.
  handle = reactor.on_readable(ends[0], [&] { reactor.stop(); });
  ASSERT_TRUE(handle);
  ASSERT_EQ(write(ends[1], "e", 1), 1);
  reactor.run();
  close(ends[0]);
  close(ends[1]);
}

TEST(Reactor, ReadableRefusesABadDescriptor) {
  Reactor reactor;
  EXPECT_FALSE(reactor.on_readable(-1, [] {}));
}

TEST(Reactor, AnEventfdWakesTheLoopFromAnotherThread) {
  Reactor reactor;
  const int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  uint64_t total = 0;
  const Handle handle = reactor.on_readable(fd, [&] {
    uint64_t count = 0;
    ASSERT_EQ(read(fd, &count, sizeof count), static_cast<ssize_t>(sizeof count));
    total += count;
    if (total == 1000) reactor.stop();
  });
  std::thread other([&] {
    const uint64_t one = 1;
    for (int i = 0; i < 1000; ++i) ASSERT_EQ(write(fd, &one, sizeof one), static_cast<ssize_t>(sizeof one));
  });
  reactor.run();
  other.join();
  EXPECT_EQ(total, 1000u);
  close(fd);
}

TEST(Reactor, SignalsArriveAsCallbacks) {
  Reactor reactor;
  std::vector<int> seen;
  Handle handle = reactor.on_signal([&](int number) {
    seen.push_back(number);
    if (seen.size() == 1) raise(SIGTERM);
    if (seen.size() == 2) reactor.stop();
  });
  ASSERT_TRUE(handle);
  raise(SIGHUP);
  reactor.run();
  EXPECT_EQ(seen, (std::vector{SIGHUP, SIGTERM}));
}

}  // namespace
}  // namespace ecmpd::control
