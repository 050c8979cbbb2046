// Half of a worker of a stress test: takes bursts of its own packets of one family through lookup, select and rewrite,
// and has the script judge every single one.
//
// Made and asked for its totals by the main thread; run by a thread of its own, as a reader of RCU. What a drop frees
// comes back at once, since the reader holds a second reference to each packet: nothing leaves the set.
#pragma once

#include <rte_mempool.h>

#include <atomic>
#include <vector>

#include "dataplane/exits.h"
#include "dataplane/rcu.h"
#include "tests/dataplane/churn_family.h"
#include "tests/dataplane/churn_writer.h"
#include "tests/dataplane/progress.h"
#include "tests/dataplane/sent.h"

namespace ecmpd::dataplane {

/// What readers share.
struct ChurnScene {
  const ChurnScript& script;
  const ForwardingState& state;
  const Progress& progress;
  PuntRing& punts;
  rte_mempool* pool;
};

struct ChurnTotals {
  uint64_t lookups = 0;
  uint64_t sent = 0;
  uint64_t common = 0;  // of those sent
  uint64_t dropped = 0;
  uint64_t wrong = 0;
  uint64_t lost = 0;    // neither sent nor counted as dropped, or counted twice
  uint64_t states = 0;  // that each lookup may have seen, all together

  ChurnTotals& operator+=(const ChurnTotals& other);
};

template <typename Family>
class ChurnReader {
 public:
  static constexpr unsigned kPackets = 1024;        // a power of two
  static constexpr uint16_t kInPort = kChurnPorts;  // by which all came in, and none goes out

  /// Takes kPackets from the scene's pool, which is large enough.
  ChurnReader(const ChurnScene& scene, uint64_t seed);
  ~ChurnReader();
  ChurnReader(const ChurnReader&) = delete;
  ChurnReader& operator=(const ChurnReader&) = delete;

  /// One burst. The thread is online in RCU.
  void burst();
  ChurnTotals totals() const;

 private:
  struct Packet {
    ChurnScript::Packet known;
    rte_mbuf* mbuf;
    uint8_t* ip;
    std::array<uint8_t, Family::kHopsBytes> hops;  // as they were
  };
  void prepare(const Packet& packet, unsigned slot);
  void check(const Packet& packet, bool sent, uint64_t first, uint64_t last);

  const ChurnScene& scene_;
  hash::Random random_;
  std::vector<Packet> packets_;
  WorkerCounters counters_;
  IcmpLimits limits_{0, 0};  // no error: a packet that becomes one would leave the set
  IcmpOriginator errors_;
  Exits exits_;
  typename Family::PacketBurst burst_;
  test::Sent out_;
  ChurnTotals totals_;
};

extern template class ChurnReader<ChurnIpv4>;
extern template class ChurnReader<ChurnIpv6>;

}  // namespace ecmpd::dataplane
