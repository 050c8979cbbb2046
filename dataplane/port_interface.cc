#include "dataplane/port_interface.h"

#include <net/if.h>
#include <rte_ethdev.h>

namespace ecmpd::dataplane {

bool on_kernel_interface(const PortSpec& spec) {
  return spec.driver == DriverKind::kAfPacket || spec.driver == DriverKind::kAfXdp;
}

InterfaceState interface_state(const PortSpec& spec, uint16_t dpdk_port) {
  if (!on_kernel_interface(spec)) return InterfaceState::kThere;
  const unsigned here = if_nametoindex(spec.device.c_str());
  if (here == 0) return InterfaceState::kGone;
  rte_eth_dev_info info{};  // its index is that of the start
  if (rte_eth_dev_info_get(dpdk_port, &info) != 0 || info.if_index == 0) return InterfaceState::kThere;
  return here == info.if_index ? InterfaceState::kThere : InterfaceState::kMadeAnew;
}

}  // namespace ecmpd::dataplane
