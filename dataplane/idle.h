// What an idle worker does: poll on, or sleep a little longer each time.
//
// Worker only. After kEmptyPolls polls without a packet the worker sleeps kFirstSleep, then twice as long each time up
// to kLongestSleep, which bounds the latency that it adds; one packet ends it.
#pragma once

#include <time.h>

#include <algorithm>
#include <cstdint>

namespace ecmpd::dataplane {

enum class IdlePolicy : uint8_t { kPoll, kSleep };

class IdleBackOff {
 public:
  static constexpr unsigned kEmptyPolls = 64;
  static constexpr long kFirstSleep = 20'000;     // ns
  static constexpr long kLongestSleep = 500'000;  // ns

  explicit IdleBackOff(IdlePolicy policy) : policy_(policy) {}
  void busy() {
    empty_polls_ = 0;
    sleep_ = kFirstSleep;
  }
  bool should_sleep() { return ++empty_polls_ >= kEmptyPolls && policy_ == IdlePolicy::kSleep; }
  void sleep() {
    const timespec duration{0, sleep_};
    nanosleep(&duration, nullptr);
    sleep_ = std::min(sleep_ * 2, kLongestSleep);
  }

 private:
  const IdlePolicy policy_;
  unsigned empty_polls_ = 0;
  long sleep_ = kFirstSleep;
};

}  // namespace ecmpd::dataplane
