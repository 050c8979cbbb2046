#include "bench/ecmpbench/testbed.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstring>

#include "dataplane/eal.h"
#include "dataplane/eal_log.h"

namespace ecmpd::bench {

using dataplane::Port;
using dataplane::PortIndex;
using dataplane::PortSpec;

namespace {

constexpr unsigned kMbufsInFlight = 16384;

PortSpec spec_of(unsigned index, size_t workers, std::span<const std::string> captures) {
  PortSpec spec;
  spec.name = fmt::format("p{}", index);
  spec.driver = dataplane::DriverKind::kVdev;
  if (index < captures.size()) {
    spec.device = fmt::format("net_pcap{}", index);
    for (size_t i = 0; i < workers; ++i) spec.device += ",rx_pcap=" + captures[index];  // one for each queue
    spec.device += ",infinite_rx=1";
  } else {
    spec.device = fmt::format("net_null{},no-rx=1", index);
  }
  return spec;
}

}  // namespace

Mac input_mac(unsigned index) { return {0x02, 0x70, 0x63, 0x61, 0x70, static_cast<uint8_t>(index)}; }

tl::expected<std::unique_ptr<Testbed>, std::string> Testbed::create(const Case& plan, std::span<const unsigned> cpus,
                                                                    std::span<const std::string> captures) {
  std::unique_ptr<Testbed> testbed(new Testbed);
  if (auto opened = testbed->open(plan, cpus, captures); !opened) return tl::unexpected(opened.error());
  return testbed;
}

tl::expected<void, std::string> Testbed::open(const Case& plan, std::span<const unsigned> cpus,
                                              std::span<const std::string> captures) {
  const unsigned ports = std::max(kInputs, plan.egress);
  const auto queues = static_cast<unsigned>(cpus.size());
  std::vector<PortSpec> specs;
  // net_pcap keeps an mbuf for each packet of its file.
  dataplane::EalOptions options{.worker_cpus = {cpus.begin(), cpus.end()}, .vdevs = {}, .pci = {}, .mbufs = 0};
  options.mbufs = queues * (kMbufsInFlight + kInputs * plan.flows);
  for (unsigned i = 0; i < ports; ++i) {
    specs.push_back(spec_of(i, queues, captures));
    options.vdevs.push_back(dataplane::device_arguments(specs[i], PortIndex{static_cast<uint16_t>(i)}, queues).vdev);
  }
  dataplane::send_eal_log_to([](dataplane::EalLevel level, std::string_view text) {
    if (level != dataplane::EalLevel::kInfo) fmt::print(stderr, "ecmpbench: DPDK: {}\n", text);
  });
  const auto eal = dataplane::start_eal(options);
  if (!eal) return tl::unexpected(eal.error());
  eal_ = true;
  hugepages_ = eal->hugepages;
  const auto mempool = dataplane::create_mempool(options.mbufs, options.mbuf_room);
  if (!mempool) return tl::unexpected(mempool.error());
  for (unsigned i = 0; i < ports; ++i) {
    auto port = Port::open(specs[i], PortIndex{static_cast<uint16_t>(i)}, queues, *mempool, link_events_);
    if (!port) return tl::unexpected(port.error().text);
    ports_.push_back(std::move(*port));
  }
  for (unsigned i = 0; i < kInputs; ++i) {
    const Mac expected = input_mac(i);
    if (std::memcmp(ports_[i]->facts().mac.addr_bytes, expected.data(), expected.size()) != 0) {
      return tl::unexpected(fmt::format("port {} has another MAC address than the packets for it", specs[i].name));
    }
  }
  auto punts = dataplane::PuntRing::create("ecmpbench", ports);
  if (!punts) return tl::unexpected(punts.error());
  punts_ = std::move(*punts);
  icmp_limits_ = std::make_unique<dataplane::IcmpLimits>(ports, 0);

  const uint32_t fib6 = std::max(dataplane::Fib6::kDefaultCapacity, plan.prefixes);
  state_ = std::make_unique<dataplane::ForwardingState>(rcu_, dataplane::Fib4::kDefaultTbl8Limit, fib6);
  publisher_ = std::make_unique<dataplane::Publisher>(*state_, rcu_);
  std::vector<const dataplane::PortFacts*> facts;
  for (const auto& port : ports_) facts.push_back(&port->facts());
  context_.reset(new dataplane::WorkerContext{*state_, rcu_, *punts_, *icmp_limits_, std::move(facts),
                                              dataplane::IdlePolicy::kPoll});
  for (unsigned i = 0; i < queues; ++i) {
    if (!rcu_.register_reader(i)) return tl::unexpected(fmt::format("{} workers are too many", queues));
    workers_.push_back(std::make_unique<dataplane::Worker>(*context_, i, cpus[i]));
  }
  return {};
}

Testbed::~Testbed() {
  workers_.clear();
  publisher_.reset();
  punts_.reset();
  ports_.clear();
  if (eal_) dataplane::stop_eal();
}

}  // namespace ecmpd::bench
