#include "control/host/holding.h"

namespace ecmpd::control {

Holding::~Holding() {
  for (auto& [host, packets] : hosts_) {
    for (const Held& held : packets) rte_pktmbuf_free(held.packet);
  }
}

void Holding::hold(const hash::IpAddress& host, rte_mbuf* packet, uint64_t now) {
  const auto waiting = hosts_.find(host);
  if (count_ >= kInAll || (waiting != hosts_.end() && waiting->second.size() >= kPerHost)) return give_up_(packet);
  hosts_[host].push_back({packet, now});
  ++count_;
}

void Holding::release(const hash::IpAddress& host, const std::function<void(rte_mbuf*)>& send) {
  auto waiting = hosts_.extract(host);
  if (!waiting) return;
  for (const Held& held : waiting.mapped()) send(held.packet);
  count_ -= waiting.mapped().size();
}

void Holding::expire(uint64_t now) {
  for (auto host = hosts_.begin(); host != hosts_.end();) {
    std::deque<Held>& packets = host->second;
    while (!packets.empty() && packets.front().since + kSeconds <= now) {
      give_up_(packets.front().packet);
      packets.pop_front();
      --count_;
    }
    host = packets.empty() ? hosts_.erase(host) : std::next(host);
  }
}

}  // namespace ecmpd::control
