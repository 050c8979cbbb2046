#include "control/daemon/machine.h"

#include <fmt/format.h>
#include <rte_errno.h>
#include <rte_launch.h>

#include <algorithm>

#include "control/log.h"
#include "dataplane/burst.h"
#include "dataplane/eal.h"
#include "dataplane/xdp_queues.h"

namespace ecmpd::control {

using dataplane::PortIndex;

namespace {

// For each port and worker: both descriptor rings full, a burst in hand; for the rest: punt lanes and caches.
constexpr unsigned kMbufsPerQueue = 2 * 1024 + 2 * dataplane::kBurst;
constexpr uint32_t kReservedTbl8 = 16384;  // with the writer's part and 262,144 leaves: 24 MiB
constexpr uint32_t kReservedFib6 = 16384;  // nodes and leaves: 22 MiB
constexpr unsigned kMbufsBase = 3 * dataplane::PuntRing::kLaneSize + 4096;

dataplane::PortSpec spec_of(const PortConfig& port) {
  dataplane::DriverKind driver{};
  switch (port.device_kind) {
    case DeviceKind::kAfPacket:
      driver = dataplane::DriverKind::kAfPacket;
      break;
    case DeviceKind::kAfXdp:
      driver = dataplane::DriverKind::kAfXdp;
      break;
    case DeviceKind::kTap:
      driver = dataplane::DriverKind::kTap;
      break;
    case DeviceKind::kVdev:
      driver = dataplane::DriverKind::kVdev;
      break;
    case DeviceKind::kPci:
      driver = dataplane::DriverKind::kPci;
      break;
  }
  dataplane::PortSpec spec{.name = port.name,
                           .driver = driver,
                           .device = port.device,
                           .mtu = port.mtu,
                           .vlan = port.vlan,
                           .trunk = false,
                           .addresses6 = {}};
  for (const InterfaceAddress& own : port.addresses) {
    if (!own.address.is_v4()) spec.addresses6.push_back(own.address);
  }
  return spec;
}

/// Of a port that is there.
size_t index_of(const std::vector<PortConfig>& ports, const std::string& name) {
  const auto found =
      std::find_if(ports.begin(), ports.end(), [&name](const PortConfig& port) { return port.name == name; });
  return static_cast<size_t>(found - ports.begin());
}

/// A lab shares its CPUs; a machine with real NICs gives them away.
dataplane::IdlePolicy idle_of(const Config& config) {
  if (config.dataplane.idle == Idle::kPoll) return dataplane::IdlePolicy::kPoll;
  if (config.dataplane.idle == Idle::kSleep) return dataplane::IdlePolicy::kSleep;
  const bool kernel_devices = std::all_of(config.ports.begin(), config.ports.end(), [](const PortConfig& port) {
    return port.device_kind != DeviceKind::kPci && port.device_kind != DeviceKind::kVdev;
  });
  return kernel_devices ? dataplane::IdlePolicy::kSleep : dataplane::IdlePolicy::kPoll;
}

hash::Hasher hasher_of(const EcmpConfig& ecmp) {
  if (hash::is_linear(ecmp.hash)) {
    log::warn(
        "dataplane",
        "hash = \"{}\" is linear: patterned traffic spreads unevenly, and with modulo or hash-threshold this router "
        "chooses as others in a row with it, whatever the seeds; \"xxh32\" does neither",
        hash::to_string(ecmp.hash));
  }
  if (ecmp.hash == hash::HashFunction::kToeplitz) return {ecmp.toeplitz_key, ecmp.seed};
  return {ecmp.hash, ecmp.seed};
}

/// Every queue has its worker: what comes in by one without would be lost.
tl::expected<void, StartError> check_xdp_queues(const dataplane::PortSpec& spec, unsigned workers) {
  const unsigned queues = dataplane::xdp_queues(spec.device);
  if (workers == queues) return {};
  if (workers > queues) {
    return tl::unexpected(StartError(fmt::format("port {}: {} workers need as many queues; {} has {} for AF_XDP",
                                                 spec.name, workers, spec.device, queues),
                                     true));
  }
  return tl::unexpected(StartError(
      fmt::format("port {}: {} has {} queues for AF_XDP and needs a worker for each; allowed: {} workers, or fewer "
                  "queues (ethtool -L {} combined {}; on a veth rx {} tx {})",
                  spec.name, spec.device, queues, queues, spec.device, workers, workers, workers),
      true));
}

int worker_main(void* worker) {
  static_cast<dataplane::Worker*>(worker)->run();
  return 0;
}

}  // namespace

tl::expected<std::unique_ptr<Machine>, StartError> Machine::create(const Config& config) {
  std::unique_ptr<Machine> machine(new Machine);
  if (auto opened = machine->open(config); !opened) return tl::unexpected(opened.error());
  return machine;
}

tl::expected<void, StartError> Machine::open(const Config& config) {
  const auto queues = static_cast<unsigned>(config.dataplane.workers.size());
  bool whole_pages = false;
  dataplane::EalOptions options{.worker_cpus = config.dataplane.workers, .vdevs = {}, .pci = {}, .mbufs = kMbufsBase};
  for (size_t i = 0; i < config.ports.size(); ++i) {
    const dataplane::PortSpec spec = spec_of(config.ports[i]);
    if (spec.vlan != 0) continue;  // its trunk has the device
    if (spec.driver == dataplane::DriverKind::kAfXdp) {
      if (auto fit = check_xdp_queues(spec, queues); !fit) return tl::unexpected(fit.error());
    }
    const auto arguments = device_arguments(spec, PortIndex{static_cast<uint16_t>(i)}, queues);
    if (dataplane::waits_for_its_vhost(spec)) {
      log::warn("port", "{}: {} listens (server=1): ecmpd goes on when a vhost has connected to it", spec.name,
                arguments.name);
    }
    whole_pages |= spec.driver == dataplane::DriverKind::kPci || spec.driver == dataplane::DriverKind::kAfXdp;
    if (spec.driver == dataplane::DriverKind::kPci) {
      options.pci.push_back(arguments.name);
    } else {
      options.vdevs.push_back(arguments.vdev);
    }
    options.mbufs += queues * kMbufsPerQueue;
    options.mbuf_room = std::max(options.mbuf_room, dataplane::frame_room(spec.mtu));
  }
  const auto eal = dataplane::start_eal(options);
  if (!eal) return tl::unexpected(eal.error());
  eal_ = true;
  log::info("dataplane", "{} MB of {} memory for {} packets", eal->megabytes, eal->hugepages ? "hugepage" : "ordinary",
            options.mbufs);

  const auto mempool = dataplane::create_mempool(options.mbufs, options.mbuf_room, whole_pages);
  if (!mempool) return tl::unexpected(mempool.error());
  mempool_ = *mempool;
  for (size_t i = 0; i < config.ports.size(); ++i) {
    const PortIndex index{static_cast<uint16_t>(i)};
    dataplane::PortSpec spec = spec_of(config.ports[i]);
    if (spec.vlan != 0) {
      dataplane::Port& trunk = *ports_[index_of(config.ports, config.ports[i].parent)];
      ports_.push_back(dataplane::Port::open_vlan(trunk, spec, index));
      continue;
    }
    spec.trunk = std::any_of(config.ports.begin(), config.ports.end(),
                             [&](const PortConfig& other) { return other.parent == spec.name; });
    auto port = dataplane::Port::open(spec, index, queues, mempool_, link_events_);
    if (!port) return tl::unexpected(StartError(port.error().text, port.error().misconfigured));
    for (const std::string& clamp : (*port)->clamps()) log::info("port", "{}: {}", config.ports[i].name, clamp);
    ports_.push_back(std::move(*port));
  }
  auto punts = dataplane::PuntRing::create("ecmpd", static_cast<unsigned>(config.ports.size()));
  if (!punts) return tl::unexpected(punts.error());
  punts_ = std::move(*punts);

  icmp_limits_ =
      std::make_unique<dataplane::IcmpLimits>(static_cast<unsigned>(config.ports.size()), config.dataplane.icmp_rate);

  rcu_ = std::make_unique<dataplane::Rcu>();
  state_ =
      std::make_unique<dataplane::ForwardingState>(*rcu_, config.dataplane.fib_tbl8, config.dataplane.fib6_prefixes);
  publisher_ = std::make_unique<dataplane::Publisher>(*state_, *rcu_);
  set_hash(config.ecmp);

  idle_ = idle_of(config);
  // A machine that gives its CPUs away gives memory too: routes then never wait for the kernel to find pages.
  if (idle_ == dataplane::IdlePolicy::kPoll) {
    state_->fib4.reserve(kReservedTbl8);
    state_->fib6.reserve(std::min(kReservedFib6, config.dataplane.fib6_prefixes));
  }
  std::vector<const dataplane::PortFacts*> facts;
  for (const auto& port : ports_) facts.push_back(&port->facts());
  context_.reset(new dataplane::WorkerContext{*state_, *rcu_, *punts_, *icmp_limits_, std::move(facts), idle_});
  for (unsigned i = 0; i < queues; ++i) {
    if (!rcu_->register_reader(i))
      return tl::unexpected(StartError(fmt::format("{} workers are too many", queues), true));
    workers_.push_back(std::make_unique<dataplane::Worker>(*context_, i, config.dataplane.workers[i]));
  }
  return {};
}

void Machine::set_hash(const EcmpConfig& ecmp) {
  publisher_->set_hash_settings(dataplane::HashSettings(ecmp.key, hasher_of(ecmp)));
}

tl::expected<void, std::string> Machine::start_workers() {
  for (size_t i = 0; i < workers_.size(); ++i) {
    const auto lcore = static_cast<unsigned>(i + 1);  // see EalOptions
    if (const int error = rte_eal_remote_launch(worker_main, workers_[i].get(), lcore)) {
      return tl::unexpected(
          fmt::format("worker on CPU {} did not start: {}", workers_[i]->lcore(), rte_strerror(-error)));
    }
  }
  return {};
}

Machine::~Machine() {
  for (const auto& worker : workers_) worker->stop();
  if (eal_) rte_eal_mp_wait_lcore();
  workers_.clear();
  publisher_.reset();
  state_.reset();
  rcu_.reset();
  ports_.clear();
  punts_.reset();
  if (eal_) dataplane::stop_eal();
}

}  // namespace ecmpd::control
