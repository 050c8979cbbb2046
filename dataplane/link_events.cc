#include "dataplane/link_events.h"

#include <rte_ethdev.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace ecmpd::dataplane {

namespace {
int on_change(uint16_t, rte_eth_event_type, void* events, void*) {
  static_cast<LinkEvents*>(events)->signal();
  return 0;
}
}  // namespace

LinkEvents::LinkEvents() : fd_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {}

LinkEvents::~LinkEvents() {
  if (fd_ >= 0) close(fd_);
}

void LinkEvents::watch(uint16_t dpdk_port) {
  rte_eth_dev_callback_register(dpdk_port, RTE_ETH_EVENT_INTR_LSC, on_change, this);
}

void LinkEvents::forget(uint16_t dpdk_port) {
  rte_eth_dev_callback_unregister(dpdk_port, RTE_ETH_EVENT_INTR_LSC, on_change, this);
}

void LinkEvents::acknowledge() {
  uint64_t count;
  [[maybe_unused]] const ssize_t got = read(fd_, &count, sizeof count);
}

void LinkEvents::signal() {
  const uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = write(fd_, &one, sizeof one);
}

}  // namespace ecmpd::dataplane
