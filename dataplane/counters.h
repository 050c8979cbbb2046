// Door 3: what a worker counts. One block per lcore, written by that worker only, read by control at any time.
//
// A reader may see a sum that is some packets old, never a torn number. At rest, over all workers:
//   rx + injected + fragments = tx + punted + sum of drops.
#pragma once

#include <emmintrin.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "dataplane/drop_reason.h"
#include "dataplane/icmp_error_kind.h"
#include "dataplane/ids.h"
#include "dataplane/tsan.h"

namespace ecmpd::dataplane {

/// A number with one writer: plain load and store, no locked instruction.
class Counter {
 public:
  void add(uint64_t n) { value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed); }
  uint64_t get() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<uint64_t> value_{0};
};

/// Adjacencies beyond this many share the last counter.
inline constexpr unsigned kMaxCountedAdjacencies = 8192;

struct alignas(16) TrafficCounter {
  Counter packets;
  Counter bytes;

  /// `count` packets of `size` bytes in all.
  void add(uint64_t count, uint64_t size) {
    packets.add(count);
    bytes.add(size);
  }
  /// One packet of `size` bytes by a single store of both, of which no processor tears either.
  void add_packet(uint32_t size) {
    if constexpr (tsan::kOn) {
      packets.add(1);
      bytes.add(size);
    } else {
      auto* const both = reinterpret_cast<__m128i*>(this);
      _mm_store_si128(both, _mm_add_epi64(_mm_load_si128(both), _mm_set_epi64x(size, 1)));
    }
  }
};

/// ICMP errors about packets that came in by a port.
struct IcmpCounters {
  std::array<Counter, kIcmpErrorKindCount> originated;
  Counter rate_limited;  // not sent: more than the port may cause
  Counter not_allowed;   // not sent: about an error, a later fragment, a broadcast ..., or no address to send it from
};

struct PortCounters {
  TrafficCounter rx;
  TrafficCounter tx;
  IcmpCounters icmp;
};

/// Which policer a punted packet passed; the first two travel in the priority lane.
enum class PuntClass : uint8_t { kNeighborDiscovery, kPriority, kOther, kGlean };
inline constexpr unsigned kPuntClassCount = 4;

struct alignas(64) WorkerCounters {
  WorkerCounters(unsigned ports, unsigned adjacencies) : port(ports), adjacency(adjacencies) {}

  std::array<Counter, kDropReasonCount> drops;
  std::array<Counter, kPuntClassCount> punted;
  Counter injected;                       // originated by the router: from control, and ICMP errors
  Counter fragments;                      // packets made by fragmentation, beyond the one that each was
  Counter polls;                          // rounds over all of the worker's queues
  Counter busy_polls;                     // of those, with at least one packet
  Counter bursts;                         // non-empty receive bursts
  Counter busy_cycles;                    // TSC cycles spent in busy polls
  Counter sleeps;                         // times that an idle worker gave up its CPU
  std::vector<PortCounters> port;         // by PortIndex
  std::vector<TrafficCounter> adjacency;  // by AdjacencyId: packets sent by it
};

}  // namespace ecmpd::dataplane
