// Keys from packets: which of a packet's headers makes the key (declared in key.h).
#include <algorithm>
#include <cassert>
#include <utility>

#include "hash/icmp_error.h"
#include "hash/ip_layer.h"
#include "hash/key.h"
#include "hash/key_fill.h"
#include "hash/tunnel.h"

namespace ecmpd::hash {
namespace {

/// The fields of `layer`, as a view of the packet.
FlowView flow_of(const IpLayer& layer) {
  FlowView flow{.src = layer.src, .dst = layer.dst, .protocol = layer.protocol, .flow_label = layer.flow_label};
  if (has_ports(layer.protocol) && !layer.fragment && layer.payload.size() >= 4) {
    flow.sport = layer.payload.data();
    flow.dport = layer.payload.data() + 2;
  }
  return flow;
}

/// The packet in the innermost tunnel, or the packet itself.
IpLayer innermost(IpLayer layer, Length length) {
  for (unsigned entered = 0; entered < kMaxTunnels; ++entered) {
    const auto inside = inner_packet(layer);
    if (!inside) break;
    layer = read_ip(*inside, length);
  }
  return layer;
}

struct FamilyFlow {
  Family family;
  FlowView flow;
};

/// The flow that makes the key of a packet whose first header is `layer`.
FamilyFlow hashed_flow(IpLayer layer, bool inner) {
  if (inner) layer = innermost(layer, Length::kAsStated);
  const auto embedded = embedded_packet(layer);
  if (!embedded) return {layer.family, flow_of(layer)};
  IpLayer sent = read_ip(*embedded, Length::kAsPresent);
  if (inner) sent = innermost(sent, Length::kAsPresent);
  return {sent.family, reversed(flow_of(sent))};
}

}  // namespace

Key4 key4_from_packet(std::span<const uint8_t> packet, const KeyFields& fields) {
  return fill4(hashed_flow(read_ipv4(packet, Length::kAsStated), false).flow, fields);
}

Key6 key6_from_packet(std::span<const uint8_t> packet, const KeyFields& fields) {
  return fill6(hashed_flow(read_ipv6(packet, Length::kAsStated), false).flow, fields);
}

std::optional<PacketKey> key_from_packet(std::span<const uint8_t> packet, const KeyFields& fields) {
  if (!begins_with_ip(packet)) return std::nullopt;
  const auto [family, flow] = hashed_flow(read_ip(packet, Length::kAsStated), fields.inner);
  if (family == Family::kIpv4) return fill4(flow, fields);
  return fill6(flow, fields);
}

}  // namespace ecmpd::hash
