#include "tests/dataplane/packet_case.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "dataplane/explain.h"
#include "dataplane/icmp_error.h"
#include "tests/dataplane/packet6.h"
#include "tests/dataplane/packet_reference.h"
#include "tests/dataplane/world.h"

namespace ecmpd::dataplane::test {

namespace {

unsigned neighbor_of(unsigned port) {
  return std::ranges::find(world().hosts, port, [](const WorldHost& host) { return host.port; })->neighbor;
}

unsigned port_of(const Out& out, const ForwardingState& state) {
  if (out.port) return *out.port;
  const AdjacencyId adjacency = explain(state, *out.key).adjacency;
  return raw(state.adjacencies.load()->entries[raw(adjacency)].port);
}

std::vector<SentFrame> sent_frames(const Result& result) {
  std::vector<SentFrame> out;
  if (result.port) {
    for (const Bytes& piece : result.pieces) out.push_back({*result.port, piece});
  }
  if (result.error_port) out.push_back({*result.error_port, without_id(result.error), true});
  return out;
}

uint64_t errors_sent(const WorkerCounters& counters) {
  uint64_t sum = 0;
  for (const PortCounters& port : counters.port) {
    for (const Counter& kind : port.icmp.originated) sum += kind.get();
  }
  return sum;
}

uint64_t errors_not_allowed(const WorkerCounters& counters) {
  uint64_t sum = 0;
  for (const PortCounters& port : counters.port) sum += port.icmp.not_allowed.get();
  return sum;
}

}  // namespace

hash::Tuple flow(uint8_t protocol, const std::string& from, const std::string& to, uint16_t sport, uint16_t dport) {
  return {.src = *hash::IpAddress::parse(from),
          .dst = *hash::IpAddress::parse(to),
          .protocol = protocol,
          .sport = sport,
          .dport = dport};
}

std::vector<SentFrame> expected_frames(const Case& test, const ForwardingState& state) {
  std::vector<SentFrame> out;
  if (test.out.sent()) {
    const unsigned port = port_of(test.out, state);
    const Bytes whole = forwarded(test.in, port, neighbor_of(port));
    for (Bytes& piece : fragments_of(whole, world().ports[port].mtu)) out.push_back({port, std::move(piece)});
  }
  if (const auto& error = test.out.error) {
    const bool v4 = without_priority_tag(test.in)[14] >> 4 == 4;
    const std::string number = std::to_string(test.in_port);
    const std::string own = !error->from.empty() ? error->from
                            : v4                 ? "10.0." + number + ".1"
                                                 : "fd00:" + number + "::1";
    out.push_back({error->port,
                   icmp_error_about_frame(test.in, error->type, error->code, error->word, own, error->port,
                                          neighbor_of(error->port)),
                   true});
  }
  return out;
}

bool is_suppressed(const Case& test) {
  if (test.out.error || !test.out.dropped || !icmp_error_about(*test.out.dropped)) return false;
  const bool to_link_local = test.in.size() > 40 && test.in[38] == 0xfe && test.in[39] >> 6 == 2;
  return *test.out.dropped != DropReason::kIpv6Scope || !to_link_local;
}

std::string not_sendable(const Case& test) {
  if (test.in.size() < 14) return "a packet socket sends no frame without an Ethernet header";
  if (test.in.size() > 14u + world().ports[test.in_port].mtu) return "longer than the wire's MTU";
  return "";
}

void run_cases(const CaseTable& table, const ClassifyKernels& kernels) {
  StageHarness router;
  router.use(kernels);
  router.publisher().set_hash_settings(HashSettings(table.fields, {hash::HashFunction::kXxh32, kSeed}));
  const WorkerCounters& counters = router.counters();
  uint64_t errors = 0;
  uint64_t suppressed = 0;
  for (const Case& test : table.cases) {
    SCOPED_TRACE(table.name + ": " + test.why);
    const Result result = router.run(test.in, test.in_port);
    EXPECT_EQ(result.dropped, test.out.dropped)
        << (result.dropped ? std::string(describe(*result.dropped).name) : "not dropped");
    EXPECT_EQ(result.punted, test.out.punted);
    EXPECT_EQ(result.port.has_value(), test.out.sent());
    if (result.punted && result.punted != PuntClass::kGlean) {
      EXPECT_EQ(result.frame, test.in) << "a punted frame is as it came";
    }
    EXPECT_EQ(sent_frames(result), expected_frames(test, router.state()));
    errors += test.out.error.has_value();
    suppressed += is_suppressed(test);
    EXPECT_EQ(errors_sent(counters), errors);
    EXPECT_EQ(errors_not_allowed(counters), suppressed);
  }
  EXPECT_EQ(counters.injected.get(), errors);
  const auto sent = std::ranges::count_if(table.cases, [](const Case& test) { return test.out.sent(); });
  EXPECT_EQ(router.drops() + router.punts() + static_cast<uint64_t>(sent), table.cases.size());
}

}  // namespace ecmpd::dataplane::test
