#include "control/daemon/exports.h"

#include "control/config/topology.h"
#include "control/log.h"
#include "control/zone_names.h"

namespace ecmpd::control {

Exports::NextHops Exports::next_hops(const bgp::PeerInfo& peer) const {
  NextHops out;
  const PortConfig* port = nullptr;
  if (peer.address.zone() != 0) {
    const size_t index = port_of_zone(peer.address.zone());
    port = &config_.ports.at(index);
    out.link_local = link_locals_.at(index);
  } else if (const Attachment here = attachment_of(config_.ports, peer.address); here.port != nullptr) {
    port = here.port;
    for (const InterfaceAddress& own : port->addresses) {
      if (own.subnet() == here.subnet) out.addresses.try_emplace(peer.address.family(), own.address);
    }
  } else if (peer.local_address && !peer.local_address->is_link_local()) {
    // Multihop: what the neighbor sends to where its session ends finds us.
    out.addresses.try_emplace(peer.local_address->family(), *peer.local_address);
    port = attachment_of(config_.ports, *peer.local_address).port;
  }
  if (port == nullptr) return out;
  for (const InterfaceAddress& own : port->addresses) {
    if (!own.address.is_link_local()) out.addresses.try_emplace(own.address.family(), own.address);
  }
  return out;
}

void Exports::established(bgp::PeerId id, const bgp::PeerInfo& info) {
  peers_.erase(id);
  infos_[id] = info;
  policy_changed(id, info.policy);
  if (const auto peer = peers_.find(id); peer != peers_.end()) peer->second.owes_end_of_rib = true;
}

void Exports::policy_changed(bgp::PeerId id, const PeerPolicy& policy) {
  if (!infos_.contains(id)) return;  // without a session
  const auto known = peers_.find(id);
  if (known != peers_.end()) {
    known->second.out.set_filter(policy.export_filter);
    known->second.everything = true;
    return;
  }
  if (policy.export_filter.rules.empty()) return;
  const bgp::PeerInfo& info = infos_[id];
  ExportTarget target{.peer = id,
                      .own_asn = config_.router.asn,
                      .router_id = config_.router.router_id,
                      .ebgp = info.ebgp,
                      .families = info.families};
  const auto hops = next_hops(info);
  for (const hash::Family family : {hash::Family::kIpv4, hash::Family::kIpv6}) {
    if (!target.families.contains(family) || hops.addresses.contains(family)) continue;
    log::warn("bgp", "{}: no {} prefix is announced: the port towards it has no address for a nexthop",
              zoned_text(info.address), family == hash::Family::kIpv4 ? "IPv4" : "IPv6");
    (family == hash::Family::kIpv4 ? target.families.ipv4 : target.families.ipv6) = false;
  }
  for (const auto& [family, hop] : hops.addresses) {
    if (attachment_of(config_.ports, hop).port != nullptr) continue;
    log::warn("bgp", "{}: is told {} as nexthop, which is on no port: packets to it have to find a port by another way",
              zoned_text(info.address), zoned_text(hop));
  }
  Peer& peer = peers_.try_emplace(id, target, policy.export_filter).first->second;
  peer.next_hops = hops;
}

bool Exports::refresh(bgp::PeerId id, bgp::Family family) {
  const auto peer = peers_.find(id);
  if (peer != peers_.end()) peer->second.out.repeat(family);
  return peer != peers_.end();
}

void Exports::send(std::span<const Prefix> changed, bgp::Announcer& sessions) {
  for (auto& [id, peer] : peers_) {
    const auto look = [&out = peer.out, this](const Prefix& prefix) {
      const auto best = installer_.reachable(prefix) ? rib_.best(prefix) : std::nullopt;
      out.route_changed(prefix, best ? &*best : nullptr);
    };
    for (const Prefix& prefix : changed) look(prefix);
    if (std::exchange(peer.everything, false)) rib_.for_each_prefix(look);
    AdjRibOut::Changes changes = peer.out.take();
    for (const hash::Family family : {hash::Family::kIpv4, hash::Family::kIpv6}) {
      const auto of_family = [family](std::vector<Prefix>& from) {
        std::vector<Prefix> out;
        for (const Prefix& prefix : from) {
          if (prefix.family() == family) out.push_back(prefix);
        }
        return out;
      };
      if (const auto gone = of_family(changes.withdrawn); !gone.empty()) sessions.withdraw(id, family, gone);
      for (AdjRibOut::Announcement& one : changes.announced) {
        const auto prefixes = of_family(one.prefixes);
        if (prefixes.empty()) continue;
        one.attributes.next_hop = peer.next_hops.addresses.at(family);
        const auto beside = family == hash::Family::kIpv6 ? peer.next_hops.link_local : std::nullopt;
        sessions.announce(id, one.attributes, beside, prefixes);
      }
    }
    if (std::exchange(peer.owes_end_of_rib, false)) sessions.finish_table(id);
  }
}

std::set<Prefix> Exports::aggregates() const {
  std::set<Prefix> out;
  for (const auto& [id, peer] : peers_) peer.out.add_aggregates(out);
  return out;
}

uint32_t Exports::announced(bgp::PeerId id, hash::Family family) const {
  const auto peer = peers_.find(id);
  return peer == peers_.end() ? 0 : static_cast<uint32_t>(peer->second.out.announced(family));
}

}  // namespace ecmpd::control
