// The one trace or capture that may go on at a time: published to the workers when it starts, taken from them when it
// stops.
//
// Control thread. Ending and stopping are two things: what is ended records no more and is still read to its last
// record, what is stopped is gone.
// What nobody reads any more is stopped as well, for whoever should stop it may have failed to.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <tl/expected.hpp>

#include "control/api/watch_view.h"
#include "control/daemon/machine.h"
#include "dataplane/watch.h"

namespace ecmpd::control {

class Watches {
 public:
  explicit Watches(Machine& machine) : machine_(machine) {}

  tl::expected<void, api::WatchRefusal> start(const api::WatchRequest& request);
  bool end(const std::string& name);
  void stop(const std::string& name);

  /// To be called every second: stops the one that goes on if it has not been read for kUnread.
  void stop_unread();

  /// The one of this name that goes on, to be read; null if there is none.
  dataplane::Watch* read(const std::string& name);
  /// ns since 1970 of a worker's time stamp.
  uint64_t time_of(uint64_t tsc) const;

 private:
  using Clock = std::chrono::steady_clock;
  // A reader looks many times a second, and gives up when the control thread or its client does not answer for 5 s.
  static constexpr std::chrono::seconds kUnread{30};

  dataplane::Watch* find(const std::string& name) { return watch_ != nullptr && name_ == name ? watch_ : nullptr; }

  Machine& machine_;
  dataplane::Watch* watch_ = nullptr;  // the publisher owns it
  std::string name_;
  bool capture_ = false;
  Clock::time_point last_read_;  // or started
  uint64_t start_tsc_ = 0;
  std::chrono::nanoseconds start_{0};  // since 1970
};

}  // namespace ecmpd::control
