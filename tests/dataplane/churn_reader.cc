#include "tests/dataplane/churn_reader.h"

#include <fmt/format.h>
#include <rte_ether.h>

#include <cstdlib>
#include <cstring>

namespace ecmpd::dataplane {

namespace {
constexpr unsigned kMostReported = 5;
constexpr unsigned kMacsBytes = 12;
constexpr uint16_t kNoPort = UINT16_MAX;  // parse leaves it open for common packets

template <typename Family>
hash::Tuple random_tuple(const hash::IpAddress& destination, hash::Random& random) {
  return {.src = Family::random_source(random),
          .dst = destination,
          .protocol = 6,
          .sport = static_cast<uint16_t>(random.next()),
          .dport = 443};
}

/// The probes of a family, by their numbers in the script.
std::vector<uint16_t> probes_of(const ChurnPool& pool, hash::Family family) {
  std::vector<uint16_t> out;
  for (uint16_t i = 0; i < pool.probes.size(); ++i) {
    if (pool.probes[i].family() == family) out.push_back(i);
  }
  return out;
}
}  // namespace

ChurnTotals& ChurnTotals::operator+=(const ChurnTotals& other) {
  lookups += other.lookups;
  sent += other.sent;
  common += other.common;
  dropped += other.dropped;
  wrong += other.wrong;
  lost += other.lost;
  states += other.states;
  return *this;
}

template <typename Family>
ChurnReader<Family>::ChurnReader(const ChurnScene& scene, uint64_t seed)
    : scene_(scene),
      random_(seed),
      counters_(kInPort + 1, kMaxCountedAdjacencies),
      errors_(scene.state, limits_, counters_),
      exits_(counters_, scene.punts, errors_) {
  const std::vector<uint16_t> probes = probes_of(scene_.script.pool(), Family::kFamily);
  for (unsigned i = 0; i < kPackets; ++i) {
    const uint16_t probe = probes[(i + seed) % probes.size()];
    const hash::Tuple tuple = random_tuple<Family>(scene_.script.pool().probes[probe], random_);
    Packet packet{
        .known = {.probe = probe, .hash = {}}, .mbuf = rte_pktmbuf_alloc(scene_.pool), .ip = nullptr, .hops = {}};
    if (packet.mbuf == nullptr) std::abort();
    for (uint8_t n = 0; n < ChurnScript::kSettings; ++n) {
      packet.known.hash[n] = Family::hash(tuple, ChurnScript::settings(n));
    }
    const test::Bytes frame = Family::frame(tuple);
    std::memcpy(rte_pktmbuf_append(packet.mbuf, static_cast<uint16_t>(frame.size())), frame.data(), frame.size());
    packet.ip = rte_pktmbuf_mtod_offset(packet.mbuf, uint8_t*, sizeof(rte_ether_hdr));
    std::memcpy(packet.hops.data(), packet.ip + Family::kHopsAt, Family::kHopsBytes);
    packets_.push_back(packet);
  }
}

template <typename Family>
ChurnReader<Family>::~ChurnReader() {
  for (const Packet& packet : packets_) {
    rte_mbuf_refcnt_set(packet.mbuf, 1);
    rte_pktmbuf_free(packet.mbuf);
  }
}

/// As it comes out of parse, which finds every second one common; nothing of an earlier burst is left that could pass
/// for an answer.
template <typename Family>
void ChurnReader<Family>::prepare(const Packet& packet, unsigned slot) {
  std::memset(rte_pktmbuf_mtod(packet.mbuf, void*), 0, kMacsBytes);
  std::memcpy(packet.ip + Family::kHopsAt, packet.hops.data(), Family::kHopsBytes);
  const bool common = slot % 2 != 0;
  packet.mbuf->port = common ? kNoPort : kInPort;
  burst_.common |= uint64_t{common} << slot;
  burst_.key[slot] = common ? Family::common_key(packet.ip) : decltype(Family::common_key(packet.ip)){};
  rte_mbuf_refcnt_set(packet.mbuf, 2);
  burst_.mbuf[slot] = packet.mbuf;
  burst_.ip[slot] = packet.ip;
  burst_.destination[slot] = Family::destination(packet.ip);
}

template <typename Family>
void ChurnReader<Family>::burst() {
  // Any of the packets, each at most once.
  const uint64_t chance = random_.next();
  const auto start = static_cast<unsigned>(chance);
  const auto step = static_cast<unsigned>(chance >> 32) | 1;
  std::array<const Packet*, kBurst> packets;
  burst_.common = 0;
  burst_.in = PortIndex{kInPort};
  for (unsigned i = 0; i < kBurst; ++i) {
    packets[i] = &packets_[(start + i * step) % kPackets];
    prepare(*packets[i], i);
  }
  burst_.count = kBurst;

  const uint64_t first = scene_.progress.before_lookup();
  lookup(burst_, scene_.state);
  select(burst_, scene_.state);
  out_ = {};
  rewriting::rewrite_as<typename Family::Rewriting>(burst_, scene_.state, counters_, exits_, out_);
  const uint64_t last = scene_.progress.after_lookup();

  unsigned kept = 0;
  for (const Packet* packet : packets) {
    const bool sent = kept < out_.packets.size() && out_.packets[kept] == packet->mbuf;
    kept += sent;
    check(*packet, sent, first, last);
  }
  totals_.lookups += kBurst;
  totals_.sent += kept;
  totals_.dropped += kBurst - kept;
  totals_.common += out_.common;
  totals_.wrong += out_.wrong_bytes;
  totals_.lost += out_.packets.size() - kept;  // packets that are not ours, or out of order
  totals_.states += (last - first + 1) * kBurst;
}

template <typename Family>
void ChurnReader<Family>::check(const Packet& packet, bool sent, uint64_t first, uint64_t last) {
  std::optional<ChurnScript::Sent> found;
  bool whole = true;
  if (sent) {
    MacPair macs;
    std::memcpy(macs.data(), rte_pktmbuf_mtod(packet.mbuf, const void*), kMacsBytes);
    found = read_tag(macs);
    whole = found && packet.mbuf->port == raw(churn_port(found->adjacency));
  }
  if (whole && scene_.script.legal(packet.known, found, first, last)) return;
  if (totals_.wrong++ >= kMostReported) return;
  const std::string address = scene_.script.pool().probes[packet.known.probe].to_string();
  if (found) {
    fmt::print(stderr, "{}: adjacency {} as written by change {}, port {}, between states {} and {}\n", address,
               found->adjacency, found->written, packet.mbuf->port, first, last);
  } else {
    fmt::print(stderr, "{}: {} between states {} and {}\n", address, sent ? "no adjacency's addresses" : "dropped",
               first, last);
  }
}

template <typename Family>
ChurnTotals ChurnReader<Family>::totals() const {
  ChurnTotals out = totals_;
  uint64_t counted_drops = 0;
  uint64_t counted = 0;
  for (const Counter& counter : counters_.drops) counted_drops += counter.get();
  for (const TrafficCounter& counter : counters_.adjacency) counted += counter.packets.get();
  const auto difference = [](uint64_t a, uint64_t b) { return a > b ? a - b : b - a; };
  const auto drops = [this](DropReason reason) { return counters_.drops[static_cast<size_t>(reason)].get(); };
  out.lost += difference(counted, out.sent) + difference(counted_drops, out.dropped);
  out.lost += counted_drops - drops(DropReason::kNoRoute) - drops(DropReason::kUnresolved);  // for any other reason
  return out;
}

template class ChurnReader<ChurnIpv4>;
template class ChurnReader<ChurnIpv6>;

}  // namespace ecmpd::dataplane
