// The stages on any bytes as a frame, IPv4 and IPv6: parse, keys, rewrite, fragmentation, and the ICMP errors made of
// what is rejected. First byte: port, segments and hash settings; then the frame.
//
// Whatever comes in, nothing is lost (the sum of design: received + injected = sent + punted + dropped), and what
// leaves is, byte by byte, what the plain code of packet_reference.h makes of the frame.
#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "tests/dataplane/packet_reference.h"
#include "tests/dataplane/stage_harness.h"
#include "tests/dataplane/world.h"

using namespace ecmpd::dataplane;        // NOLINT(google-build-using-namespace)
using namespace ecmpd::dataplane::test;  // NOLINT(google-build-using-namespace)

namespace {

constexpr size_t kIp = 14;
constexpr size_t kSegments[] = {0, 7, 64, 600};  // bytes of each; 0: one segment

void check(bool holds) {
  if (!holds) abort();
}

unsigned neighbor_of(unsigned port) {
  return std::ranges::find(world().hosts, port, [](const WorldHost& host) { return host.port; })->neighbor;
}

uint64_t total(const StageHarness& router) { return router.drops() + router.punts(); }

uint32_t word_at(const Bytes& bytes, size_t at) {
  uint32_t word = 0;
  for (size_t i = 0; i < 4; ++i) word = word << 8 | bytes[at + i];
  return word;
}

void check_sent(const Bytes& in, const Result& result) {
  const unsigned port = *result.port;
  const Bytes whole = forwarded(in, port, neighbor_of(port));
  check(result.frame == whole);
  check(result.pieces == fragments_of(whole, world().ports[port].mtu));
}

/// Its type, code and source are taken from the error itself: that they are right is the packet cases' part.
void check_error(const Bytes& in, const Result& result) {
  const Bytes error = without_id(result.error);
  const bool v4 = error[kIp] >> 4 == 4;
  const size_t icmp = kIp + (v4 ? 20 : 40);
  const auto own =
      v4 ? ecmpd::hash::IpAddress::v4(word_at(error, kIp + 12)) : ecmpd::hash::IpAddress::v6(&error[kIp + 8]);
  const unsigned port = *result.error_port;
  Bytes expected = icmp_error_about_frame(in, error[icmp], error[icmp + 1], word_at(error, icmp + 4), own.to_string(),
                                          port, neighbor_of(port));
  // Beyond scope of source address: to the station that the frame came from.
  if (!v4 && error[icmp] == 1 && error[icmp + 1] == 2) std::copy_n(in.begin() + 6, 6, expected.begin());
  check(error == expected);
}

ecmpd::hash::KeyFields fields_of(unsigned choice) {
  return {.sport = choice != 1,
          .dport = choice != 1,
          .flow_label = choice == 4,
          .symmetric = choice == 2,
          .inner = choice == 3};
}

/// As it came, but for Ethernet padding, which need not be there any more.
void check_punted(const Bytes& in, const Result& result) {
  check(result.frame.size() <= in.size() && std::equal(result.frame.begin(), result.frame.end(), in.begin()));
  if (result.frame.size() == in.size()) return;
  const bool v4 = in[kIp] >> 4 == 4;
  const size_t stated = size_t{in[kIp + (v4 ? 2 : 4)]} << 8 | in[kIp + (v4 ? 3 : 5)];
  check(result.frame.size() == kIp + stated + (v4 ? 0 : 40));
}

struct Router {
  Router() { start_test_eal(); }
  StageHarness& under(unsigned choice) {
    if (choice != settings) {
      settings = choice;
      harness->publisher().set_hash_settings(
          HashSettings(fields_of(choice), {ecmpd::hash::HashFunction::kXxh32, kSeed}));
      harness->publisher().poll();
    }
    return *harness;
  }
  unsigned settings = 0;
  std::unique_ptr<StageHarness> harness;
};

StageHarness& router_under(unsigned choice) {
  static Router router;
  if (!router.harness) router.harness = std::make_unique<StageHarness>();
  return router.under(choice);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2 || size > 1 + kIp + 9000) return 0;
  const unsigned port = data[0] & 7u;
  const size_t segment = kSegments[data[0] >> 3 & 3u];
  if (port >= world().ports.size() || (segment != 0 && size / segment > 200)) return 0;
  StageHarness& router = router_under(data[0] >> 5);
  const Bytes in(data + 1, data + size);

  const uint64_t before = total(router);
  const uint64_t injected = router.counters().injected.get();
  const Bytes taken = without_priority_tag(in);
  const Result result = segment == 0 ? router.run(in, port) : router.run_segments(in, segment, port);
  const uint64_t came = 1 + router.counters().injected.get() - injected;
  const uint64_t left = total(router) - before + result.port.has_value() + result.error_port.has_value();
  check(came == left);
  if (result.port) check_sent(taken, result);
  if (result.error_port) check_error(taken, result);
  if (result.punted) check_punted(taken, result);
  return 0;
}
