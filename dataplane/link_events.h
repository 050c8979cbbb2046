// Tells control at once that a device has seen its link change: interrupts of DPDK's drivers (RTE_ETH_EVENT_INTR_LSC).
//
// Control makes it before the first port and destroys it after the last; the callback comes on EAL's interrupt thread
// and only makes a descriptor readable. What the link is then is Port::refresh_link()'s to ask.
#pragma once

#include <cstdint>

namespace ecmpd::dataplane {

class LinkEvents {
 public:
  LinkEvents();
  ~LinkEvents();
  LinkEvents(const LinkEvents&) = delete;
  LinkEvents& operator=(const LinkEvents&) = delete;

  /// Before the device starts, configured with intr_conf.lsc.
  void watch(uint16_t dpdk_port);
  /// While the callback of a device may run.
  void forget(uint16_t dpdk_port);
  /// Readable after a change.
  int fd() const { return fd_; }
  void acknowledge();
  void signal();

 private:
  int fd_ = -1;
};

}  // namespace ecmpd::dataplane
