// A speaker without a router behind it: prints what its sessions deliver, one JSON object a line, for the tests
// against real daemons.
//
//   speaker_probe ASN ROUTER_ID [listen=RANGE,ASN[,PASSWORD]] [neighbor=ADDRESS,ASN[,PASSWORD]] ...
//
// Words of their own: "passive", "port=N", "add_path", "ttl_security=HOPS", and "link=INTERFACE", which becomes the
// next zone ("neighbor=fe80::b%1,64512"). A line on standard input asks for the peers as `show bgp` sees them; one that
// begins with "refresh" asks every peer for its routes first. SIGTERM ends it as the router ends.
#include <fmt/core.h>
#include <net/if.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <sstream>

#include "control/io/bgp_speaker.h"

namespace {

using namespace ecmpd::control;
using Json = nlohmann::ordered_json;

void print(const Json& line) {
  const std::string text = line.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
  (void)!::write(STDOUT_FILENO, text.data(), text.size());
}

class Printer final : public bgp::SessionSink {
 public:
  void on_established(bgp::PeerId peer, const bgp::PeerInfo& info) override {
    print({{"event", "established"},
           {"peer", static_cast<uint32_t>(peer)},
           {"address", info.address.to_string()},
           {"asn", info.asn},
           {"ebgp", info.ebgp},
           {"dynamic", info.dynamic},
           {"ipv4", info.families.ipv4},
           {"ipv6", info.families.ipv6},
           {"add_path_ipv4", info.add_path.ipv4},
           {"graceful_restart", info.graceful_restart.families.any()},
           {"forwarding", info.graceful_restart.forwarding.any()}});
  }
  bgp::UpdateVerdict on_update(bgp::PeerId peer, const bgp::RouteUpdate& update) override {
    Json path = Json::array();
    for (const auto& segment : update.attributes.as_path) {
      for (const uint32_t asn : segment.asns) path.push_back(asn);
    }
    for (size_t i = 0; i < update.announced.size(); ++i) {
      Json line = {{"event", "announced"},
                   {"peer", static_cast<uint32_t>(peer)},
                   {"prefix", update.announced[i].to_string()},
                   {"nexthop", update.attributes.next_hop.to_string()},
                   {"as_path", path}};
      if (!update.announced_ids.empty()) line["path_id"] = update.announced_ids[i];
      print(line);
    }
    for (const Prefix& prefix : update.withdrawn) {
      print({{"event", "withdrawn"}, {"peer", static_cast<uint32_t>(peer)}, {"prefix", prefix.to_string()}});
    }
    return bgp::UpdateVerdict::kOk;
  }
  void on_end_of_rib(bgp::PeerId peer, bgp::Family family) override {
    print({{"event", "end_of_rib"},
           {"peer", static_cast<uint32_t>(peer)},
           {"family", family == bgp::Family::kIpv4 ? "ipv4" : "ipv6"}});
  }
  void on_down(bgp::PeerId peer, std::string_view reason, const bgp::Retain& retain) override {
    print({{"event", "down"},
           {"peer", static_cast<uint32_t>(peer)},
           {"reason", reason},
           {"retained_ipv4", retain.families.ipv4},
           {"retained_ipv6", retain.families.ipv6},
           {"restart_time", retain.restart_time.count()}});
  }
  void on_forgotten(bgp::PeerId peer) override {
    print({{"event", "forgotten"}, {"peer", static_cast<uint32_t>(peer)}});
  }
  bool on_policy(bgp::PeerId, const PeerPolicy&) override { return false; }
};

void print_peers(const BgpSpeaker& speaker) {
  Json peers = Json::array();
  for (const BgpPeerReport& report : speaker.peers()) {
    peers.push_back({{"address", report.address.to_string()},
                     {"state", bgp::to_string(report.status.state)},
                     {"side", bgp::to_string(report.status.side)},
                     {"hostname", report.status.remote ? report.status.remote->hostname : ""},
                     {"hold_time", report.status.parameters.hold_time},
                     {"updates", report.status.received[2]},
                     {"established_count", report.status.established_count},
                     {"last_down", report.status.last_down}});
  }
  print({{"event", "peers"}, {"peers", peers}});
}

[[noreturn]] void usage(std::string_view what) {
  fmt::print(stderr, "speaker_probe: {}\n", what);
  std::exit(2);
}

// "X,ASN[,PASSWORD]"
std::vector<std::string> fields(const std::string& text) {
  std::vector<std::string> out;
  std::istringstream stream(text);
  for (std::string field; std::getline(stream, field, ',');) out.push_back(field);
  if (out.size() < 2) usage(text);
  out.resize(3);
  return out;
}

BgpConfig parse(int argc, char** argv) {
  if (argc < 3) usage("ASN ROUTER_ID are missing");
  BgpConfig config;
  bool passive = false;
  SessionOptions session;
  const auto id = IpAddress::parse(argv[2]);
  if (!id) usage(argv[2]);
  config.router = {static_cast<uint32_t>(std::stoul(argv[1])), id->v4_value()};
  for (int i = 3; i < argc; ++i) {
    const std::string word = argv[i];
    const std::string value = word.substr(word.find('=') + 1);
    if (word == "passive") {
      passive = true;
    } else if (word == "add_path") {
      session.add_path = true;
    } else if (word.starts_with("ttl_security=")) {
      session.ttl_security_hops = static_cast<uint8_t>(std::stoul(value));
    } else if (word.starts_with("link=")) {
      config.interfaces.push_back(if_nametoindex(value.c_str()));
    } else if (word.starts_with("port=")) {
      config.port = static_cast<uint16_t>(std::stoul(value));
    } else if (word.starts_with("listen=")) {
      const auto part = fields(value);
      ListenConfig& listen = config.listens.emplace_back();
      listen.range = Prefix::parse(part[0]).value_or(Prefix());
      listen.remote_as = {static_cast<uint32_t>(std::stoul(part[1]))};
      listen.policy.password = part[2];
    } else if (word.starts_with("neighbor=")) {
      const auto part = fields(value);
      NeighborConfig& neighbor = config.neighbors.emplace_back();
      neighbor.address = IpAddress::parse_with_zone(part[0]).value_or(IpAddress());
      neighbor.remote_as = static_cast<uint32_t>(std::stoul(part[1]));
      neighbor.connect_retry = 1;
      neighbor.policy.password = part[2];
    } else {
      usage(word);
    }
  }
  for (NeighborConfig& neighbor : config.neighbors) {
    neighbor.passive = passive;
    neighbor.session = session;
  }
  for (ListenConfig& listen : config.listens) listen.session = session;
  return config;
}

}  // namespace

int main(int argc, char** argv) {
  const BgpConfig config = parse(argc, argv);
  Reactor reactor;
  Printer printer;
  BgpSpeaker speaker(reactor, printer);
  if (const auto applied = speaker.apply(config); !applied) usage(applied.error());
  const Handle signals = reactor.on_signal([&](int) { speaker.stop([&] { reactor.stop(); }); });
  Handle input = reactor.on_readable(STDIN_FILENO, [&] {
    char buffer[256];
    const ssize_t size = ::read(STDIN_FILENO, buffer, sizeof buffer);
    if (size <= 0) return input.cancel();
    if (std::string_view(buffer, static_cast<size_t>(size)).starts_with("refresh")) {
      for (const BgpPeerReport& peer : speaker.peers()) (void)speaker.request_refresh(peer.address);
    }
    print_peers(speaker);
  });
  print({{"event", "ready"}, {"port", speaker.port()}});
  reactor.run();
  return 0;
}
