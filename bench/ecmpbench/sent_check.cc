#include "bench/ecmpbench/sent_check.h"

#include <fmt/core.h>
#include <rte_ethdev.h>

#include <cstring>

#include "dataplane/burst.h"
#include "hash/key.h"

namespace ecmpd::bench {

using dataplane::Adjacency;

namespace {

constexpr unsigned kEthernet = 14;

struct Judge {
  const dataplane::ForwardingState& state;
  const std::vector<std::unique_ptr<dataplane::Port>>& ports;
  hash::Hasher hasher;  // without vector instructions
  std::span<const Frame> frames;
  std::vector<bool> seen;
  size_t missing;
  SentCheck result;
};

const Adjacency& adjacency_for(const Judge& judge, const Frame& frame) {
  const std::span<const uint8_t> ip(&frame[kEthernet], frame.size() - kEthernet);
  const auto& settings = *judge.state.hash_settings.load();
  const auto key = hash::key_from_packet(ip, settings.fields);
  const uint32_t hash = std::visit([&](const auto& one) { return judge.hasher(one); }, *key);
  uint32_t destination = 0;
  std::memcpy(&destination, &ip[16], sizeof destination);
  const dataplane::GroupId group =
      ip[0] >> 4 == 4 ? judge.state.fib4.lookup(__builtin_bswap32(destination)) : judge.state.fib6.lookup(&ip[24]);
  return judge.state.adjacencies.load()->entries[raw(judge.state.group(group).select(hash))];
}

void compare(Judge& judge, uint16_t dpdk_port, std::span<const uint8_t> sent) {
  ++judge.result.frames;
  if (!judge.result.problem.empty()) return;
  const uint32_t number = number_of(sent);
  if (number >= judge.frames.size()) {
    judge.result.problem = fmt::format("a frame with the number {} left; there is no such flow", number);
    return;
  }
  const Adjacency& adjacency = adjacency_for(judge, judge.frames[number]);
  const dataplane::PortFacts& port = judge.ports[raw(adjacency.port)]->facts();
  const Frame expected = forwarded(judge.frames[number], adjacency.destination_mac, adjacency.source_mac);
  if (port.dpdk_port != dpdk_port) {
    judge.result.problem = fmt::format("flow {} left by another port than port {}", number, raw(adjacency.port));
  } else if (!std::equal(sent.begin(), sent.end(), expected.begin(), expected.end())) {
    size_t at = 0;
    while (at < sent.size() && at < expected.size() && sent[at] == expected[at]) ++at;
    judge.result.problem = fmt::format("the frame of flow {} left with a wrong byte {}", number, at);
  }
  if (!judge.seen[number]) --judge.missing;
  judge.seen[number] = true;
}

uint16_t look(uint16_t port, uint16_t, rte_mbuf** packets, uint16_t count, void* judge) {
  for (unsigned i = 0; i < count; ++i) {
    compare(*static_cast<Judge*>(judge), port, {rte_pktmbuf_mtod(packets[i], const uint8_t*), packets[i]->data_len});
  }
  return count;
}

}  // namespace

SentCheck check_sent(Testbed& testbed, unsigned worker, std::span<const Frame> frames) {
  const auto& settings = *testbed.state().hash_settings.load();
  Judge judge{testbed.state(),
              testbed.ports(),
              hash::Hasher(settings.hasher.function(), settings.hasher.seed(), hash::SimdLevel::kScalar),
              frames,
              std::vector<bool>(frames.size()),
              frames.size(),
              {}};
  const auto queue = static_cast<uint16_t>(worker);
  std::vector<const rte_eth_rxtx_callback*> callbacks;
  for (const auto& port : testbed.ports()) {
    callbacks.push_back(rte_eth_add_tx_callback(port->facts().dpdk_port, queue, look, &judge));
  }
  // Twice as often as it takes: whoever is missing then is lost.
  const size_t rounds = 2 * (frames.size() / dataplane::kBurst + 1);
  for (size_t i = 0; i < rounds; ++i) testbed.worker(worker).round();
  for (size_t i = 0; i < callbacks.size(); ++i) {
    rte_eth_remove_tx_callback(testbed.ports()[i]->facts().dpdk_port, queue, callbacks[i]);
  }
  if (judge.result.problem.empty() && judge.missing != 0) {
    judge.result.problem = fmt::format("{} of {} flows did not leave", judge.missing, frames.size());
  }
  return judge.result;
}

}  // namespace ecmpd::bench
