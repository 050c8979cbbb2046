#include "hash/lab/parallel.h"

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <mutex>
#include <thread>
#include <vector>

namespace ecmpd::hash::lab {
namespace {

using Clock = std::chrono::steady_clock;
constexpr auto kTick = std::chrono::milliseconds(250);
constexpr size_t kWidth = 40;

void show(const std::string& what, double done, Clock::duration passed) {
  const double seconds = std::chrono::duration<double>(passed).count();
  const auto left = static_cast<unsigned>(done > 0 ? seconds * (1 - done) / done : 0);
  const auto full = static_cast<size_t>(done * kWidth);
  fmt::print(stderr, "\r{} [{}{}] {:3.0f} %  {}:{:02} left ", what, std::string(full, '#'),
             std::string(kWidth - full, '.'), done * 100, left / 60, left % 60);
  std::fflush(stderr);
}

void erase() { fmt::print(stderr, "\r\033[K"); }

}  // namespace

void run_parallel(size_t count, unsigned threads, const std::string& what, const std::function<void(size_t)>& task) {
  if (threads == 0) threads = std::max(1u, std::thread::hardware_concurrency());
  threads = static_cast<unsigned>(std::min<size_t>(threads, std::max<size_t>(count, 1)));
  std::atomic<size_t> next{0};
  std::atomic<size_t> done{0};
  std::mutex mutex;
  std::condition_variable ended;
  unsigned running = threads;
  const auto work = [&] {
    for (size_t i; (i = next.fetch_add(1)) < count;) {
      task(i);
      done.fetch_add(1);
    }
    const std::lock_guard lock(mutex);
    if (--running == 0) ended.notify_one();
  };
  std::vector<std::jthread> pool;
  for (unsigned i = 0; i < threads; ++i) pool.emplace_back(work);

  const bool terminal = isatty(STDERR_FILENO) != 0;
  const auto start = Clock::now();
  bool shown = false;
  std::unique_lock lock(mutex);
  while (!ended.wait_for(lock, kTick, [&] { return running == 0; })) {
    if (!terminal) continue;
    show(what, static_cast<double>(done.load()) / static_cast<double>(count), Clock::now() - start);
    shown = true;
  }
  if (shown) erase();
}

}  // namespace ecmpd::hash::lab
