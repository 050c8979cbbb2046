// Random frames through the generic path and through every kernel that this CPU has: the same packets must leave by the
// same ports in the same order, byte for byte, and every counter must be the same. One burst in four is all common
// packets of one family, which parse hands on whole.
//
//   classify_stress [--frames N] [--seed N]
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <optional>

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

/// Kernels that tell which packets of the last burst they found common.
uint64_t common4 = 0, common6 = 0;
const ClassifyKernels& telling(const ClassifyKernels& kernels) {
  static ClassifyKernels told, out;
  told = out = kernels;
  out.common4 = [](Burst& burst, const PortFacts& port, const classify::Frames& frames) {
    return common4 = told.common4(burst, port, frames);
  };
  out.common6 = [](Burst& burst, Burst6& burst6, const PortFacts& port, const classify::Frames& frames) {
    return common6 = told.common6(burst, burst6, port, frames);
  };
  return out;
}

/// Frames for one receive call.
struct Received {
  std::vector<Bytes> frames;
  std::optional<hash::Family> common;  // all of them are
  uint64_t mbufs;                      // seed of what the driver makes of them
};

Received receive(hash::Random& random) {
  Received out;
  if (random.below(4) == 0) {
    // None, one and two of every kernel's steps, with what is left over; or any.
    constexpr std::array<uint8_t, 9> kCounts{1, 7, 8, 9, 15, 16, 17, 63, 64};
    const uint32_t pick = random.below(2 * kCounts.size());
    out.frames.resize(pick < kCounts.size() ? kCounts[pick] : 1 + random.below(kBurst));
    out.common = random.below(2) == 0 ? hash::Family::kIpv4 : hash::Family::kIpv6;
    for (Bytes& frame : out.frames) frame = random_common_frame(random, *out.common);
  } else {
    out.frames.resize(random.below(4) == 0 ? 1 + random.below(kBurst) : kBurst);
    for (Bytes& frame : out.frames) frame = random_frame(random);
  }
  out.mbufs = random.next();
  return out;
}

std::vector<Sent> send(StageHarness& router, const Received& received) {
  std::vector<Sent> out;
  hash::Random random(received.mbufs);
  const auto sent = [&](const rte_mbuf* packet) {
    Bytes bytes(packet->pkt_len);
    const void* found = rte_pktmbuf_read(packet, 0, packet->pkt_len, bytes.data());
    if (found != bytes.data()) std::memcpy(bytes.data(), found, bytes.size());
    out.push_back({packet->port, std::move(bytes)});
  };
  router.run_burst(received.frames, sent, [&](size_t, rte_mbuf* packet) {
    received.common ? move_frame(random, packet) : random_mbuf(random, packet);
  });
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
  routers[1]->use(telling(kernels[1]));
  hash::Random random(seed);
  uint64_t done = 0, sent = 0, whole = 0;
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
    const Received burst = receive(random);
    const std::vector<Sent> expected = send(*routers[0], burst);
    common4 = common6 = 0;
    const std::vector<uint64_t> counted = numbers(routers[0]->counters());
    for (size_t i = 1; i < routers.size(); ++i) {
      if (send(*routers[i], burst) == expected && numbers(routers[i]->counters()) == counted) continue;
      fmt::print("{}: another result than the generic path in burst {} of seed {}\n", name_of(kernels[i]), round, seed);
      return 1;
    }
    if (burst.common) {
      const uint64_t all = first_slots(static_cast<unsigned>(burst.frames.size()));
      if ((burst.common == hash::Family::kIpv4 ? common4 : common6) != all) {
        fmt::print("burst {} of seed {} was made of common packets, and is not\n", round, seed);
        return 1;
      }
      whole += all == ~uint64_t{0};
    }
    done += burst.frames.size();
    sent += expected.size();
  }
  fmt::print("{} frames, {} of them sent, the same with", done, sent);
  for (const ClassifyKernels& one : kernels) fmt::print(" {},", name_of(one));
  fmt::print(" drops {}, punts {}, {} bursts of {} common packets\n", routers[0]->drops(), routers[0]->punts(), whole,
             kBurst);
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
  const int status = ecmpd::dataplane::test::compare(frames, seed);
  // What the harness expects (no packet leaked) fails in no test of GoogleTest's.
  return testing::UnitTest::GetInstance()->ad_hoc_test_result().Failed() ? 1 : status;
}
