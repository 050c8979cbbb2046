// Packets that wait for their host to be resolved: a few for each, bounded in all, and not for long.
//
// RFC 1122 section 2.3.2.2: save at least one packet of an unresolved destination and send it after the resolution.
// What does not fit or waits too long is given up. Control thread.
#pragma once

#include <rte_mbuf.h>

#include <cstdint>
#include <deque>
#include <functional>
#include <unordered_map>

#include "hash/address.h"

namespace ecmpd::control {

class Holding {
 public:
  static constexpr size_t kPerHost = 4;
  static constexpr size_t kInAll = 512;
  static constexpr unsigned kSeconds = 3;

  using GiveUp = std::function<void(rte_mbuf*)>;

  /// `give_up` takes over the packets that are not sent.
  explicit Holding(GiveUp give_up) : give_up_(std::move(give_up)) {}
  ~Holding();  // frees what is left
  Holding(const Holding&) = delete;
  Holding& operator=(const Holding&) = delete;

  /// Takes the packet. `now` in seconds of any clock.
  void hold(const hash::IpAddress& host, rte_mbuf* packet, uint64_t now);
  /// Hands over the packets that wait for `host`, oldest first.
  void release(const hash::IpAddress& host, const std::function<void(rte_mbuf*)>& send);
  /// Gives up what has waited for kSeconds.
  void expire(uint64_t now);

 private:
  struct Held {
    rte_mbuf* packet;
    uint64_t since;
  };

  GiveUp give_up_;
  std::unordered_map<hash::IpAddress, std::deque<Held>> hosts_;
  size_t count_ = 0;
};

}  // namespace ecmpd::control
