#include "hash/lab/parallel.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "hash/lab/progress.h"

namespace ecmpd::hash::lab {
namespace {

constexpr auto kTick = std::chrono::milliseconds(250);

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

  Progress progress(what);
  std::unique_lock lock(mutex);
  while (!ended.wait_for(lock, kTick, [&] { return running == 0; })) {
    progress.at(static_cast<double>(done.load()) / static_cast<double>(count));
  }
}

}  // namespace ecmpd::hash::lab
