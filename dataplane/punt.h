// Door 2: packets for the router itself go up to control, packets that it originates come down.
//
// Up: two lanes, so that a flood of one kind cannot keep the other waiting: neighbor discovery and priority traffic in
// the first, the rest in the second. Each class has a policer (token bucket) in packets a second, shared by all
// workers; neighbor discovery two for each port, questions and answers apart, so that a storm on one link neither
// silences the hosts of another nor, by questions, the answers on its own. A worker wakes control by one eventfd write
// when the lanes go from idle to busy, never per packet. Down: one ring of frames with the port to leave by in
// mbuf->port; the first worker sends them. What control gives up comes down as well, with the reason: only workers
// count.
#pragma once

#include <rte_mbuf.h>
#include <rte_ring.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "dataplane/counters.h"

namespace ecmpd::dataplane {

enum class PuntResult : uint8_t { kTaken, kPoliced, kRingFull };

/// Token bucket in packets; lock-free, any number of threads. Loses accuracy, never safety, when they race.
class Policer {
 public:
  Policer(uint64_t packets_per_second, uint64_t burst);
  bool admit(uint64_t now_cycles);

 private:
  const uint64_t cycles_per_packet_;
  const uint64_t window_cycles_;
  std::atomic<uint64_t> next_{0};  // virtual scheduling: the time at which the bucket would be full again
};

class PuntRing {
 public:
  static constexpr unsigned kLanes = 2;
  static constexpr unsigned kLaneSize = 8192;

  /// `name` is unique in the process. Needs EAL.
  static tl::expected<std::unique_ptr<PuntRing>, std::string> create(const std::string& name, unsigned ports);
  ~PuntRing();
  PuntRing(const PuntRing&) = delete;
  PuntRing& operator=(const PuntRing&) = delete;

  // Workers.
  /// mbuf->port is the port that it came in by, below the `ports` of create().
  PuntResult put(rte_mbuf* packet, PuntClass punt_class);
  unsigned take_injected(std::span<rte_mbuf*> packets);

  // Control.
  /// Readable when packets wait; reading is acknowledge()'s work.
  int event_fd() const { return event_fd_; }
  /// To be called before taking packets until the lanes are empty, or packets could wait unseen.
  void acknowledge();
  unsigned take(unsigned lane, std::span<rte_mbuf*> packets);
  /// Wakes control again, when it leaves packets for later.
  void signal();
  /// mbuf->port is the port to leave by. False when the ring is full; the packet stays the caller's.
  bool inject(rte_mbuf* packet);
  /// Hands a punted packet back to be dropped. False when the ring is full; the packet stays the caller's.
  bool give_up(rte_mbuf* packet, DropReason reason);

  /// The class that a punted packet was given.
  static PuntClass class_of(const rte_mbuf* packet) { return static_cast<PuntClass>(packet->hash.usr); }
  /// Of a packet that came down: why it is to be dropped, if it is.
  static std::optional<DropReason> given_up(const rte_mbuf* packet) {
    if (packet->hash.usr == kToSend) return std::nullopt;
    return static_cast<DropReason>(packet->hash.usr);
  }

 private:
  static constexpr uint32_t kToSend = kDropReasonCount;
  PuntRing() = default;
  Policer& policer(const rte_mbuf* packet, PuntClass punt_class);
  std::array<rte_ring*, kLanes> lanes_{};
  rte_ring* down_ = nullptr;
  std::array<std::unique_ptr<Policer>, kPuntClassCount> policers_;  // but for neighbor discovery
  std::vector<std::unique_ptr<Policer>> discovery_;                 // two for each port: questions, answers
  int event_fd_ = -1;
  std::atomic<bool> signalled_{false};
};

}  // namespace ecmpd::dataplane
