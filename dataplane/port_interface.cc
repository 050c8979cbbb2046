#include "dataplane/port_interface.h"

#include <net/if.h>
#include <rte_ethdev.h>

namespace ecmpd::dataplane {

bool on_kernel_interface(const PortSpec& spec) {
  return spec.driver == DriverKind::kAfPacket || spec.driver == DriverKind::kAfXdp;
}

std::string interface_name(const PortSpec& spec, uint16_t dpdk_port) {
  rte_eth_dev_info info{};  // its index is that of the start
  if (rte_eth_dev_info_get(dpdk_port, &info) != 0 || info.if_index == 0) return spec.device;
  char name[IF_NAMESIZE];
  return if_indextoname(info.if_index, name) == nullptr ? "" : name;
}

}  // namespace ecmpd::dataplane
