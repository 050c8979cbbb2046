// Door 2: packets for the router itself go up to control, packets that it originates come down.
//
// Up: two lanes, so that a flood of one kind cannot keep the other waiting: neighbor discovery and priority traffic in
// the first, the rest in the second. Each class has a policer (token bucket) in packets a second, shared by all
// workers; neighbor discovery two for each port, questions and answers apart, so that a storm on one link neither
// silences the hosts of another nor, by questions, the answers on its own. A worker wakes control by one eventfd write
// when the lanes go from idle to busy, never per packet. Down: one ring of frames with the port to leave by in
// mbuf->port; the first worker sends them. Packets for hosts that are not on a port's link come down without one, and
// take the routes that everybody's packets take. What control gives up comes down as well, with the reason: only
// workers count.
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
#include "dataplane/drop_reason.h"
#include "dataplane/ids.h"
#include "dataplane/policer.h"

namespace ecmpd::dataplane {

enum class PuntResult : uint8_t { kTaken, kPoliced, kRingFull };

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
  /// An IP packet of the router itself, with room for an Ethernet header in front and one hop more than it shall have:
  /// it leaves as the FIB says. False as above.
  bool inject_to_route(rte_mbuf* packet);
  /// Hands a punted packet back to be dropped. False when the ring is full; the packet stays the caller's.
  bool give_up(rte_mbuf* packet, DropReason reason);

  /// Of a packet of class glean: the port that its host is at; mbuf->port is where it came in by, like everywhere.
  static void set_host_port(rte_mbuf* packet, PortIndex port) { packet->hash.fdir.hi = raw(port); }
  static PortIndex host_port(const rte_mbuf* packet) { return PortIndex{static_cast<uint16_t>(packet->hash.fdir.hi)}; }
  /// The class that a punted packet was given.
  static PuntClass class_of(const rte_mbuf* packet) { return static_cast<PuntClass>(packet->hash.usr); }
  /// Of a packet that came down: whether it has to find its way first.
  static bool to_route(const rte_mbuf* packet) { return packet->hash.usr == kToRoute; }
  /// Of one that has not: why it is to be dropped, if it is.
  static std::optional<DropReason> given_up(const rte_mbuf* packet) {
    if (packet->hash.usr == kToSend) return std::nullopt;
    return static_cast<DropReason>(packet->hash.usr);
  }

 private:
  static constexpr uint32_t kToSend = kDropReasonCount;
  static constexpr uint32_t kToRoute = kDropReasonCount + 1;
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
