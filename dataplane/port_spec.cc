#include "dataplane/port_spec.h"

#include <algorithm>

namespace ecmpd::dataplane {

namespace {
constexpr unsigned kFrameOverhead = 128;  // Ethernet with tags, and the header of an AF_PACKET ring's frame
constexpr unsigned kFramesPerBlock = 4;   // of frame sizes in KiB: a block is whole pages

bool is_virtio_user(const std::string& devargs) {
  return devargs.starts_with("net_virtio_user") || devargs.starts_with("virtio_user");
}

/// Of virtual devices whose number of queues is an argument, as it is called there.
std::string queue_argument(const std::string& devargs, unsigned queues) {
  const bool takes = is_virtio_user(devargs) || devargs.starts_with("net_vhost") || devargs.starts_with("eth_vhost");
  if (!takes || queues == 1 || devargs.find(",queues=") != std::string::npos) return "";
  return ",queues=" + std::to_string(queues);
}
}  // namespace

unsigned frame_room(uint16_t mtu) { return std::max(2048u, (mtu + kFrameOverhead + 1023) / 1024 * 1024); }

DeviceArguments device_arguments(const PortSpec& spec, PortIndex index, unsigned queues) {
  const std::string number = std::to_string(raw(index));
  const std::string many = std::to_string(queues);
  std::string name;
  switch (spec.driver) {
    case DriverKind::kAfPacket:
      name = "net_af_packet" + number;
      // qdisc bypass sends without the kernel's queueing.
      return {name, name + ",iface=" + spec.device + ",qpairs=" + many +
                        ",blocksz=" + std::to_string(kFramesPerBlock * frame_room(spec.mtu)) +
                        ",framesz=" + std::to_string(frame_room(spec.mtu)) + ",framecnt=2048,qdisc_bypass=1"};
    case DriverKind::kAfXdp:
      name = "net_af_xdp" + number;
      return {name, name + ",iface=" + spec.device + ",start_queue=0,queue_count=" + many};
    case DriverKind::kTap:
      name = "net_tap" + number;
      return {name, name + ",iface=" + spec.device};
    case DriverKind::kVdev:
      return {spec.device.substr(0, spec.device.find(',')), spec.device + queue_argument(spec.device, queues)};
    case DriverKind::kPci:
      return {spec.device, ""};
  }
  return {};
}

bool waits_for_its_vhost(const PortSpec& spec) {
  return spec.driver == DriverKind::kVdev && is_virtio_user(spec.device) &&
         spec.device.find(",server=1") != std::string::npos;
}

}  // namespace ecmpd::dataplane
