#include "control/daemon/daemon.h"

#include <csignal>
#include <optional>
#include <vector>

#include "control/api/server.h"
#include "control/daemon/host_side.h"
#include "control/daemon/machine.h"
#include "control/daemon/reload.h"
#include "control/daemon/route_side.h"
#include "control/daemon/state_source.h"
#include "control/host/guard.h"
#include "control/host/pci_binding.h"
#include "control/io/reactor.h"
#include "control/log.h"
#include "control/zone_names.h"
#include "hash/count_text.h"

namespace ecmpd::control {

// In the order of construction; destroyed in the reverse order.
struct Daemon::Parts {
  Parts(Config from, std::string path) : config(std::move(from)), file(std::move(path)) {}
  // The callbacks into the host side, which goes first, end here.
  ~Parts() {
    if (routes) routes->installer().on_nexthop_in_use({});
  }
  tl::expected<std::vector<ConfigChange>, std::string> reload() {
    return control::reload(file, cpus, {.config = config, .machine = *machine, .host = *host, .routes = *routes});
  }

  Config config;  // as it runs; changes at a reload
  const std::string file;
  const std::vector<unsigned> cpus = available_cpus();  // before EAL pins this thread
  Reactor reactor;
  Guards guards;
  PciBindings bindings;
  std::unique_ptr<Machine> machine;
  std::unique_ptr<RouteSide> routes;
  std::unique_ptr<HostSide> host;
  std::unique_ptr<DaemonState> state;
  std::unique_ptr<api::ApiServer> api;
  Handle signals;
  Handle grace;
  Handle history;
  bool stopping = false;
};

namespace {

/// Of each port; a port with IPv6 has it from its MAC address, before all others.
std::vector<std::optional<IpAddress>> link_locals(const Machine& machine) {
  std::vector<std::optional<IpAddress>> out;
  for (const auto& port : machine.ports()) {
    const auto& own = port->facts().addresses6;
    out.push_back(own.empty() ? std::nullopt : std::optional(IpAddress::v6(own.front().data())));
  }
  return out;
}

}  // namespace

Daemon::Daemon(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

tl::expected<std::unique_ptr<Daemon>, StartError> Daemon::create(Config config, std::string file) {
  std::unique_ptr<Daemon> daemon(new Daemon(std::make_unique<Parts>(std::move(config), std::move(file))));
  Parts& parts = *daemon->parts_;

  std::vector<std::string> zones;
  for (const PortConfig& port : parts.config.ports) zones.push_back(port.name);
  name_zones(std::move(zones));

  // First of all: a signal during the start waits until run(), and what was set up by then is undone in order.
  parts.signals = parts.reactor.on_signal([&parts](int signal) {
    if (signal == SIGHUP) {
      if (!parts.stopping) (void)parts.reload();
      return;
    }
    if (std::exchange(parts.stopping, true)) return;
    log::info("daemon", "stopping");
    parts.routes->stop([&parts] { parts.reactor.stop(); });
  });
  // What another daemon may have comes before all that would disturb it.
  auto socket = api::UnixListener::open(parts.config.api_socket);
  if (!socket) return tl::unexpected(socket.error());
  if (const auto checked = check_interfaces(parts.config.ports); !checked) {
    return tl::unexpected(StartError(checked.error(), true));
  }
  auto guards = guard_ports(parts.config.ports);
  if (!guards) return tl::unexpected(guards.error());
  parts.guards = std::move(*guards);
  auto bindings = bind_ports(parts.config.ports, PciSystem::real());
  if (!bindings) return tl::unexpected(StartError(bindings.error(), true));
  parts.bindings = std::move(*bindings);
  auto machine = Machine::create(parts.config);
  if (!machine) return tl::unexpected(machine.error());
  parts.machine = std::move(*machine);
  parts.machine->publisher().set_priority_traffic(priority_traffic(parts.config));
  parts.routes =
      std::make_unique<RouteSide>(parts.config, parts.reactor, parts.machine->publisher(), link_locals(*parts.machine));

  auto host = HostSide::create(parts.config, parts.reactor, *parts.machine, parts.routes->installer());
  if (!host) return tl::unexpected(host.error());
  parts.host = std::move(*host);
  if (const auto started = parts.routes->start(); !started) return tl::unexpected(started.error());
  // Last: the first packet already finds the static routes.
  if (const auto started = parts.machine->start_workers(); !started) return tl::unexpected(started.error());

  parts.state = std::make_unique<DaemonState>(parts.config, *parts.machine, *parts.host, *parts.routes,
                                              [&parts] { return parts.reload(); });
  parts.api = api::ApiServer::start(std::move(*socket), *parts.state,
                                    [&parts](std::function<void()> task) { parts.reactor.post(std::move(task)); });

  parts.state->remember_counters();
  parts.history = parts.reactor.every(std::chrono::seconds(1), [&parts] {
    parts.state->remember_counters();
    parts.state->stop_unread_watch();
  });
  parts.grace = parts.reactor.every(std::chrono::milliseconds(20), [&parts] { parts.machine->publisher().poll(); });
  log::info("daemon", "{}, {}, BGP AS {}; ecmpctl --socket {} show ports",
            hash::count_text(parts.config.ports.size(), "port"),
            hash::count_text(parts.config.dataplane.workers.size(), "worker"), parts.config.router.asn,
            parts.config.api_socket);
  return daemon;
}

Daemon::~Daemon() = default;

void Daemon::run() { parts_->reactor.run(); }

}  // namespace ecmpd::control
