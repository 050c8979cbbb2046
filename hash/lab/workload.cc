#include "hash/lab/workload.h"

#include <algorithm>
#include <array>

namespace ecmpd::hash::lab {
namespace {

constexpr uint8_t kTcp = 6;
constexpr uint8_t kUdp = 17;
constexpr uint8_t kEsp = 50;
constexpr uint32_t kFirstPort = 1024;
constexpr uint32_t kPorts = 65536 - kFirstPort;
// What Linux gives to outgoing connections, of which it prefers those of one parity.
constexpr uint32_t kFirstEphemeral = 32768;
constexpr uint32_t kEphemeral = 28232;

uint16_t port(uint32_t number) { return static_cast<uint16_t>(number); }

/// Where the clients are, and whom they talk to.
struct Place {
  uint32_t client;   // first address
  uint32_t service;  // address
  uint16_t sport;    // of a client that uses only one
  uint16_t dport;

  explicit Place(Random& random)
      : client(0x0a000000 + random.below(1u << 24)),
        service(0xc6120000 + random.below(1u << 17)),  // 198.18.0.0/15, RFC 2544
        sport(port(kFirstEphemeral + random.below(kEphemeral))),
        dport(std::array<uint16_t, 4>{80, 443, 5201, 8080}[random.below(4)]) {}

  Tuple flow(uint32_t src, uint32_t dst, uint32_t source_port, uint32_t destination_port) const {
    return {IpAddress::v4(src), IpAddress::v4(dst), kTcp, port(source_port), port(destination_port), 0};
  }
};

/// An address below 2001:db8::/32: the next 32 bits, and the interface identifier.
IpAddress v6_address(uint32_t network, uint64_t interface) {
  std::array<uint8_t, 16> bytes = {0x20, 0x01, 0x0d, 0xb8};
  for (unsigned i = 0; i < 4; ++i) bytes[4 + i] = static_cast<uint8_t>(network >> (24 - 8 * i));
  for (unsigned i = 0; i < 8; ++i) bytes[8 + i] = static_cast<uint8_t>(interface >> (56 - 8 * i));
  return IpAddress::v6(bytes.data());
}

FlowSource uniform(Random& random) {
  return [draw = Random(random.next())](uint32_t) mutable {
    const uint64_t addresses = draw.next();
    const uint64_t ports = draw.next();
    return Tuple{IpAddress::v4(static_cast<uint32_t>(addresses)),
                 IpAddress::v4(static_cast<uint32_t>(addresses >> 32)),
                 (ports >> 32) % 2 == 0 ? kTcp : kUdp,
                 port(static_cast<uint32_t>(ports)),
                 port(static_cast<uint32_t>(ports >> 16)),
                 0};
  };
}

FlowSource sequential_clients(Random& random) {
  return [at = Place(random)](uint32_t i) { return at.flow(at.client + i, at.service, at.sport, at.dport); };
}

FlowSource nat(Random& random) {
  return [at = Place(random)](uint32_t i) {
    return at.flow(at.client, at.service + i / kPorts, kFirstPort + i % kPorts, at.dport);
  };
}

FlowSource even_ports(Random& random) {
  return [at = Place(random)](uint32_t i) {
    constexpr uint32_t kEven = kEphemeral / 2;
    return at.flow(at.client + i / kEven, at.service, kFirstEphemeral + 2 * (i % kEven), at.dport);
  };
}

FlowSource port_stride(Random& random) {
  return [at = Place(random)](uint32_t i) {
    constexpr uint32_t kStride = 16;
    constexpr uint32_t kSteps = kPorts / kStride;
    return at.flow(at.client + i / kSteps, at.service, kFirstPort + kStride * (i % kSteps), at.dport);
  };
}

FlowSource paired(Random& random) {
  return [at = Place(random)](uint32_t i) { return at.flow(at.client + i, at.service + i, at.sport, at.dport); };
}

FlowSource stride_256(Random& random) {
  return [at = Place(random)](uint32_t i) {
    return at.flow((at.client & ~0xffu) + 1 + 256 * i, at.service + (i >> 24), at.sport, at.dport);
  };
}

FlowSource few_clients(Random& random) {
  return [at = Place(random)](uint32_t i) {
    constexpr uint32_t kClients = 16;
    const uint32_t turn = i / kClients;
    return at.flow(at.client + i % kClients, at.service + turn / kPorts, kFirstPort + turn % kPorts, at.dport);
  };
}

FlowSource all_increment(Random& random) {
  return [at = Place(random), first = random.below(kPorts)](uint32_t i) {
    return at.flow(at.client + i, at.service + i, kFirstPort + (first + i) % kPorts, 1 + (at.dport + i) % 65535);
  };
}

FlowSource grid(Random& random) {
  return [at = Place(random)](uint32_t i) {
    Tuple flow = at.flow(at.client + i % 256, at.service + i / 256, 0, 0);
    flow.protocol = kEsp;
    return flow;
  };
}

FlowSource customers(Random& random) {
  return [at = Place(random), network = static_cast<uint32_t>(random.next())](uint32_t i) {
    return Tuple{v6_address(network + i, 1), v6_address(network - 1, 0x80), kTcp, at.sport, at.dport, 0};
  };
}

FlowSource eui64(Random& random) {
  const auto vendor = uint64_t{random.below(1u << 22)} << 42 | uint64_t{0x02} << 56;  // with the universal bit flipped
  return [at = Place(random), network = static_cast<uint32_t>(random.next()), vendor,
          first = random.below(1u << 24)](uint32_t i) {
    const uint32_t serial = first + i;
    const uint64_t interface = vendor | uint64_t{0xfffe} << 24 | (serial & 0xffffff);
    return Tuple{v6_address(network + (i >> 24), interface), v6_address(network - 1, 0x80), kTcp, at.sport,
                 at.dport, 0};
  };
}

uint64_t same(uint32_t) { return 1500; }
/// Zipf's law with exponent 1: the largest of 100,000 flows carry 8 % of the bytes, and N_eff is 89.
uint64_t zipf(uint32_t i) { return std::max<uint64_t>(uint64_t{1} << 32, i + 1) / (i + 1); }

constexpr Workload kWorkloads[] = {
    {"uniform", "random addresses and ports, TCP and UDP", uniform, same},
    {"sequential-clients", "one connection from each of many clients in a row", sequential_clients, same},
    {"nat", "one address, one port after the other", nat, same},
    {"even-ports", "clients that use even ports only, as Linux prefers", even_ports, same},
    {"port-stride", "every 16th port", port_stride, same},
    {"paired", "client i talks to server i", paired, same},
    {"stride-256", "clients x.y.z.1", stride_256, same},
    {"few-clients", "16 clients with many connections each", few_clients, same},
    {"all-increment", "addresses and ports all go up together, as packet generators do", all_increment, same},
    {"grid", "256 clients to many servers without ports (ESP)", grid, same},
    {"customers", "IPv6: one client in each /64", customers, same},
    {"eui-64", "IPv6: one /64 of hosts with serial numbers of one vendor", eui64, same},
    {"zipf", "as uniform; flow i carries 1/i of the largest one's bytes", uniform, zipf},
};

}  // namespace

std::span<const Workload> workloads() { return kWorkloads; }

const Workload* find_workload(std::string_view name) {
  const auto* found = std::find_if(std::begin(kWorkloads), std::end(kWorkloads),
                                   [&](const Workload& workload) { return workload.name == name; });
  return found == std::end(kWorkloads) ? nullptr : found;
}

}  // namespace ecmpd::hash::lab
