// What a port is to be, before it is one: the device, by DPDK's name and arguments.
//
// Plain values and functions; any thread. frame_room() also sizes the packet pool.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "dataplane/ids.h"
#include "hash/address.h"

namespace ecmpd::dataplane {

enum class DriverKind : uint8_t { kAfPacket, kAfXdp, kTap, kVdev, kPci };

struct PortSpec {
  std::string name;
  DriverKind driver = DriverKind::kAfPacket;
  std::string device;  // interface, devargs or PCI address
  uint16_t mtu = 1500;
  uint16_t vlan = 0;                        // of a sub-port; 0: the port has the device for itself
  bool trunk = false;                       // it has sub-ports
  std::vector<hash::IpAddress> addresses6;  // the configured IPv6 addresses; none: the router is no IPv6 host here
};

/// Room that an mbuf needs for a port's frames: one segment for each. Also the frame size of net_af_packet's rings,
/// since that driver copies what it finds there without looking at the mbuf.
unsigned frame_room(uint16_t mtu);

/// The name that EAL knows the device by, and the arguments that create it; empty arguments for PCI.
struct DeviceArguments {
  std::string name;
  std::string vdev;
};
DeviceArguments device_arguments(const PortSpec& spec, PortIndex index, unsigned queues);

/// A virtio_user device that listens (server=1): EAL does not start before a vhost has connected to its path.
bool waits_for_its_vhost(const PortSpec& spec);

}  // namespace ecmpd::dataplane
