// export_packet_cases FILE: every packet case as JSON, for tests/net/test_packet_cases.py to run through a daemon.
//
//   world     ports, hosts, routes, session ranges and seed (world.h)
//   setups    one for each hash setting: `key` and `symmetric` as in the configuration, and `cases`, each with
//             table, why, port (that it comes in by), frame (hex), not_sendable (a reason, or empty), drop, punt
//             (null, or the reason's and class's names), icmp (an error is sent about it), not_allowed (one is not,
//             and counted), and frames: what leaves, {port, hex, any_id}
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/dataplane/cases/tables.h"
#include "tests/dataplane/packet6.h"
#include "tests/dataplane/world.h"

namespace ecmpd::dataplane::test {
namespace {

using Json = nlohmann::ordered_json;

std::string hex(const Bytes& bytes) {
  static const char* kDigits = "0123456789abcdef";
  std::string out;
  for (const uint8_t byte : bytes) {
    out.push_back(kDigits[byte >> 4]);
    out.push_back(kDigits[byte & 0xf]);
  }
  return out;
}

std::string mac_text(const Bytes& mac) {
  std::string out;
  for (const uint8_t byte : mac) out += (out.empty() ? "" : ":") + hex({byte});
  return out;
}

Json world_json() {
  Json out{{"seed", kSeed}, {"sessions", world().sessions}};
  for (size_t n = 0; n < world().ports.size(); ++n) {
    const WorldPort& port = world().ports[n];
    out["ports"].push_back({{"name", port.name},
                            {"mac", mac_text(port_mac(static_cast<unsigned>(n)))},
                            {"mtu", port.mtu},
                            {"addresses", port.addresses}});
  }
  for (const WorldHost& host : world().hosts) {
    out["hosts"].push_back(
        {{"address", host.address}, {"port", host.port}, {"mac", mac_text(neighbor_mac(host.neighbor))}});
  }
  for (const WorldRoute& route : world().routes) {
    out["routes"].push_back({{"prefix", route.prefix}, {"nexthops", route.nexthops}});
  }
  return out;
}

Json key_json(const hash::KeyFields& fields) {
  Json out = Json::array();
  const std::pair<bool, const char*> names[] = {
      {fields.src, "src"},     {fields.dst, "dst"},     {fields.protocol, "protocol"},     {fields.sport, "sport"},
      {fields.dport, "dport"}, {fields.inner, "inner"}, {fields.flow_label, "flow-label"},
  };
  for (const auto& [counts, name] : names) {
    if (counts) out.push_back(name);
  }
  return out;
}

const char* class_name(PuntClass punt_class) {
  switch (punt_class) {
    case PuntClass::kNeighborDiscovery:
      return "neighbor_discovery";
    case PuntClass::kPriority:
      return "priority";
    case PuntClass::kGlean:
      return "glean";
    case PuntClass::kOther:
      break;
  }
  return "other";
}

Json case_json(const std::string& table, const Case& test, const ForwardingState& state) {
  Json out{{"table", table},
           {"why", test.why},
           {"port", test.in_port},
           {"frame", hex(test.in)},
           {"drop", nullptr},
           {"punt", nullptr},
           {"icmp", test.out.error.has_value()},
           {"not_allowed", false},
           {"frames", Json::array()}};
  out["not_sendable"] = not_sendable(test);
  if (test.out.dropped) out["drop"] = describe(*test.out.dropped).name;
  out["not_allowed"] = is_suppressed(test);
  if (test.out.punted) out["punt"] = class_name(*test.out.punted);
  for (const SentFrame& sent : expected_frames(test, state)) {
    const bool any_id = sent.own && sent.frame[14] >> 4 == 4;
    out["frames"].push_back({{"port", sent.port}, {"hex", hex(sent.frame)}, {"any_id", any_id}});
  }
  return out;
}

Json setups_json() {
  StageHarness router;
  Json out = Json::array();
  for (const CaseTable& table : case_tables()) {
    const Json key = key_json(table.fields);
    auto found = std::find_if(out.begin(), out.end(), [&](const Json& setup) {
      return setup["key"] == key && setup["symmetric"] == table.fields.symmetric;
    });
    if (found == out.end()) {
      out.push_back({{"key", key}, {"symmetric", table.fields.symmetric}, {"cases", Json::array()}});
      found = out.end() - 1;
    }
    router.publisher().set_hash_settings(HashSettings(table.fields, {hash::HashFunction::kXxh32, kSeed}));
    for (const Case& test : table.cases) (*found)["cases"].push_back(case_json(table.name, test, router.state()));
  }
  return out;
}

}  // namespace
}  // namespace ecmpd::dataplane::test

int main(int argc, char** argv) {
  using namespace ecmpd::dataplane::test;  // NOLINT(google-build-using-namespace)
  if (argc != 2) {
    std::fprintf(stderr, "usage: %s FILE\n", argv[0]);
    return 2;
  }
  start_test_eal();
  std::ofstream file(argv[1]);
  file << Json{{"world", world_json()}, {"setups", setups_json()}}.dump(1) << "\n";
  file.close();
  if (!file) std::fprintf(stderr, "%s: cannot be written\n", argv[1]);
  return file ? 0 : 1;
}
