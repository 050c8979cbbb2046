#include "dataplane/icmp_originator.h"

#include <rte_byteorder.h>
#include <rte_cycles.h>
#include <rte_ether.h>
#include <rte_ip.h>

#include <algorithm>
#include <cassert>
#include <utility>

#include "dataplane/icmp_error.h"
#include "dataplane/ipv6.h"
#include "dataplane/originated.h"

namespace ecmpd::dataplane {

namespace {
constexpr uint32_t kBurstShare = 10;  // the bucket holds a tenth of a second
constexpr uint32_t kLeastBurst = 10;
}  // namespace

IcmpLimits::IcmpLimits(unsigned ports, uint32_t per_second) : ports_(ports) {
  if (per_second == 0) return;
  for (unsigned i = 0; i < 2 * (ports + 1); ++i) {
    buckets_.push_back(std::make_unique<Policer>(per_second, std::max(kLeastBurst, per_second / kBurstShare)));
  }
}

bool IcmpLimits::admit(unsigned port, IcmpErrorKind kind, uint64_t now) {
  const size_t bucket = 2 * port + (kind == IcmpErrorKind::kTooBig ? 1 : 0);
  return bucket < buckets_.size() && buckets_[bucket]->admit(now);
}

IcmpOriginator::~IcmpOriginator() {
  for (unsigned i = 0; i < count_; ++i) rte_pktmbuf_free(waiting_[i].packet);
  rte_pktmbuf_free_bulk(complete_.data(), complete_count_);
}

namespace {

/// Makes the error about a link-local sender's packet one to the station that sent the frame: there is no route to ask,
/// and the sender is on that link. Its address and the port's are those of the old frame, the other way round.
void turn_back(rte_mbuf* packet, uint8_t* ip, const rte_ether_hdr& old) {
  auto* ethernet = rte_pktmbuf_mtod(packet, rte_ether_hdr*);
  ethernet->dst_addr = old.src_addr;
  ethernet->src_addr = old.dst_addr;
  --reinterpret_cast<rte_ipv6_hdr*>(ip)->hop_limits;  // as rewrite would
}

}  // namespace

void IcmpOriginator::answer(rte_mbuf* packet, const uint8_t* ip, DropReason reason, uint16_t mtu) {
  const rte_ether_hdr old = *rte_pktmbuf_mtod(packet, const rte_ether_hdr*);
  uint8_t* header = make(packet, ip, reason, mtu);
  if (header == nullptr) {
    rte_pktmbuf_free(packet);
  } else if (reason == DropReason::kIpv6Scope) {
    turn_back(packet, header, old);
    complete_[complete_count_++] = packet;
  } else {
    waiting_[count_++] = {packet, header};
  }
}

uint8_t* IcmpOriginator::make(rte_mbuf* packet, const uint8_t* ip, DropReason reason, uint16_t mtu) {
  const auto kind = icmp_error_about(reason);
  if (!kind) return nullptr;
  IcmpCounters& counters = counters_.port[packet->port].icmp;
  const auto suppressed = [](Counter& counter) {
    counter.add(1);
    return nullptr;
  };
  if (!may_be_answered(packet, ip, *kind)) return suppressed(counters.not_allowed);
  const PortAddresses& own = *state_.port_addresses.load(std::memory_order_acquire);
  const PortIndex port{packet->port};
  const bool v4 = ip[0] >> 4 == 4;
  const uint32_t sender4 = v4 ? rte_be_to_cpu_32(reinterpret_cast<const rte_ipv4_hdr*>(ip)->src_addr) : 0;
  const uint8_t* sender6 = v4 ? nullptr : reinterpret_cast<const rte_ipv6_hdr*>(ip)->src_addr;
  if (!(v4 ? own.any4() : own.any6())) return suppressed(counters.not_allowed);
  const auto admitted = [&](uint64_t now) {
    const bool to_ourselves = v4 ? own.is_own4(sender4) : own.is_own6(sender6);
    return to_ourselves ? limits_.admit_own(*kind, now) : limits_.admit(packet->port, *kind, now);
  };
  if (count_ + complete_count_ == kBurst || !admitted(rte_rdtsc())) return suppressed(counters.rate_limited);

  const auto source4 = v4 ? own.source4(port, sender4) : std::nullopt;
  const uint8_t* source6 = v4 ? nullptr : own.source6(port, sender6);
  assert(source4 || source6 != nullptr);  // ports without an address of the family borrow one, and there is one
  uint8_t* header = v4 ? make_icmp_error4(packet, ip, *kind, *source4, mtu, next_id_++)
                       : make_icmp_error6(packet, ip, *kind, source6, mtu);
  if (header == nullptr) return suppressed(counters.not_allowed);
  counters.originated[static_cast<size_t>(*kind)].add(1);
  counters_.injected.add(1);
  return header;
}

void IcmpOriginator::take(Burst& burst, Burst6& burst6) {
  burst.count = burst6.count = 0;
  for (unsigned i = 0; i < count_; ++i) add_originated(burst, burst6, waiting_[i].packet, waiting_[i].ip);
  count_ = 0;
}

void IcmpOriginator::take_complete(Burst6& burst) {
  std::copy_n(complete_.begin(), complete_count_, burst.mbuf.begin());
  burst.count = std::exchange(complete_count_, 0);
}

}  // namespace ecmpd::dataplane
