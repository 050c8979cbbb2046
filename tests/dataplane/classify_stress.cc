// Random frames through the generic path and through every kernel that this CPU has: the same packets must leave by the
// same ports in the same order, byte for byte, and every counter must be the same.
//
//   classify_stress [--frames N] [--seed N]
#include <fmt/format.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "tests/dataplane/every_kernel.h"
#include "tests/dataplane/number_options.h"
#include "tests/dataplane/random_frame.h"
#include "tests/dataplane/stage_harness.h"
#include "tests/dataplane/world.h"

namespace ecmpd::dataplane::test {
namespace {

struct Sent {
  uint16_t port;
  Bytes frame;
  bool operator==(const Sent&) const = default;
};

std::vector<Sent> send(StageHarness& router, const std::vector<Bytes>& frames, uint64_t seed) {
  std::vector<Sent> out;
  hash::Random random(seed);
  const auto sent = [&](const rte_mbuf* packet) {
    Bytes bytes(packet->pkt_len);
    const void* found = rte_pktmbuf_read(packet, 0, packet->pkt_len, bytes.data());
    if (found != bytes.data()) std::memcpy(bytes.data(), found, bytes.size());
    out.push_back({packet->port, std::move(bytes)});
  };
  router.run_burst(frames, sent, [&](size_t, rte_mbuf* packet) { random_mbuf(random, packet); });
  return out;
}

/// Every number that may not depend on time. How many punts the policers let pass does.
std::vector<uint64_t> numbers(const WorkerCounters& counters) {
  std::vector<uint64_t> out;
  uint64_t punts = 0;
  for (const Counter& punted : counters.punted) punts += punted.get();
  for (unsigned i = 0; i < kDropReasonCount; ++i) {
    const uint64_t drops = counters.drops[i].get();
    const auto reason = static_cast<DropReason>(i);
    const bool punt = reason == DropReason::kPuntPoliced || reason == DropReason::kPuntRingFull;
    (punt ? punts : out.emplace_back()) += drops;
  }
  out.push_back(punts);
  for (const TrafficCounter& one : counters.adjacency) out.insert(out.end(), {one.packets.get(), one.bytes.get()});
  for (const PortCounters& port : counters.port) {
    out.insert(out.end(), {port.icmp.rate_limited.get(), port.icmp.not_allowed.get()});
  }
  return out;
}

int compare(uint64_t frames, uint64_t seed) {
  start_test_eal();
  const std::vector<ClassifyKernels> kernels = every_kernel();
  std::vector<std::unique_ptr<StageHarness>> routers;
  for (const ClassifyKernels& one : kernels) {
    routers.push_back(std::make_unique<StageHarness>(0));
    routers.back()->use(one);
  }
  hash::Random random(seed);
  uint64_t done = 0, sent = 0;
  for (unsigned round = 0; done < frames; ++round) {
    if (round % 4096 == 0) {  // other keys
      hash::KeyFields fields = hash::KeyFields::five_tuple();
      fields.symmetric = random.below(2) != 0;
      fields.inner = random.below(3) == 0;
      fields.flow_label = !fields.symmetric && random.below(3) == 0;
      for (auto& router : routers) {
        router->publisher().set_hash_settings(HashSettings(fields, {hash::HashFunction::kXxh32, kSeed}));
      }
    }
    std::vector<Bytes> burst(random.below(4) == 0 ? 1 + random.below(kBurst) : kBurst);
    for (Bytes& frame : burst) frame = random_frame(random);
    const uint64_t mbufs = random.next();
    const std::vector<Sent> expected = send(*routers[0], burst, mbufs);
    const std::vector<uint64_t> counted = numbers(routers[0]->counters());
    for (size_t i = 1; i < routers.size(); ++i) {
      if (send(*routers[i], burst, mbufs) == expected && numbers(routers[i]->counters()) == counted) continue;
      fmt::print("{}: another result than the generic path in burst {} of seed {}\n", name_of(kernels[i]), round, seed);
      return 1;
    }
    done += burst.size();
    sent += expected.size();
  }
  fmt::print("{} frames, {} of them sent, the same with", done, sent);
  for (const ClassifyKernels& one : kernels) fmt::print(" {},", name_of(one));
  fmt::print(" drops {}, punts {}\n", routers[0]->drops(), routers[0]->punts());
  const bool balanced = sent + routers[0]->drops() + routers[0]->punts() == done;
  if (!balanced || sent < done / 4) {
    fmt::print("packets are missing, or hardly any was sent\n");
    return 1;
  }
  return 0;
}

}  // namespace
}  // namespace ecmpd::dataplane::test

int main(int argc, char** argv) {
  uint64_t frames = 200'000, seed = 1;
  if (!ecmpd::dataplane::read_numbers(argc, argv, {{"--frames", &frames}, {"--seed", &seed}})) {
    fmt::print(stderr, "usage: classify_stress [--frames N] [--seed N]\n");
    return 2;
  }
  return ecmpd::dataplane::test::compare(frames, seed);
}
