// Frames of every link type: what stands before the packet. Tests only.
#pragma once

#include <vector>

#include "hash/lab/frame.h"
#include "hash/lab/packet_bytes.h"

namespace ecmpd::hash::lab {

inline const Bytes kMacs = {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2};

inline Bytes joined(std::initializer_list<Bytes> parts) {
  Bytes out;
  for (const Bytes& part : parts) out.insert(out.end(), part.begin(), part.end());
  return out;
}
inline Bytes zeros(size_t count) { return Bytes(count); }

struct Case {
  const char* why;
  LinkType type;
  Bytes before4;  // IPv4
  Bytes before6;  // IPv6
};

/// Link types that many captures have.
inline std::vector<Case> common_cases() {
  const Bytes v4 = {0x08, 0x00}, v6 = {0x86, 0xdd};
  const Bytes tag = {0x81, 0x00, 0x00, 0x05}, outer = {0x88, 0xa8, 0x00, 0x07}, old_outer = {0x91, 0x00, 0x00, 0x07};
  const Bytes snap = {0xaa, 0xaa, 3, 0, 0, 0};
  const Bytes pppoe = {0x88, 0x64, 0x11, 0, 0, 1, 0, 50};
  const Bytes session = {0x11, 0, 0, 1, 0, 50};
  const Bytes ppp4 = {0x00, 0x21}, ppp6 = {0x00, 0x57};
  return {
      {"Ethernet", 1, joined({kMacs, v4}), joined({kMacs, v6})},
      {"a VLAN tag", 1, joined({kMacs, tag, v4}), joined({kMacs, tag, v6})},
      {"two", 1, joined({kMacs, outer, tag, v4}), joined({kMacs, old_outer, tag, v6})},
      {"PPPoE", 1, joined({kMacs, pppoe, ppp4}), joined({kMacs, pppoe, ppp6})},
      {"tagged PPPoE", 1, joined({kMacs, tag, pppoe, ppp4}), joined({kMacs, tag, pppoe, ppp6})},
      {"BSD loopback, little-endian", 0, {2, 0, 0, 0}, {30, 0, 0, 0}},
      {"BSD loopback, big-endian", 0, {0, 0, 0, 2}, {0, 0, 0, 24}},
      {"OpenBSD loopback", 108, {0, 0, 0, 2}, {0, 0, 0, 24}},
      {"raw IP", 12, {}, {}},
      {"raw IP, the number in files", 101, {}, {}},
      {"Linux cooked", 113, joined({zeros(14), v4}), joined({zeros(14), v6})},
      {"Linux cooked, tagged", 113, joined({zeros(14), tag, v4}), joined({zeros(14), tag, v6})},
      {"Linux cooked v2", 276, joined({v4, zeros(18)}), joined({v6, zeros(18)})},
      {"PPP", 9, ppp4, ppp6},
      {"PPP, number compressed", 9, {0x21}, {0x57}},
      {"PPP in HDLC", 50, joined({{0xff, 0x03}, ppp4}), joined({{0xff, 0x03}, ppp6})},
      {"PPPoE without Ethernet", 51, joined({session, ppp4}), joined({session, ppp6})},
      {"Cisco HDLC", 104, joined({{0x0f, 0x00}, v4}), joined({{0x0f, 0x00}, v6})},
      {"802.11 data", 105, joined({{0x08, 0x01}, zeros(22), snap, v4}), joined({{0x08, 0x02}, zeros(22), snap, v6})},
      {"802.11 QoS data, four addresses", 105, joined({{0x88, 0x03}, zeros(30), snap, v4}),
       joined({{0x88, 0x03}, zeros(30), snap, v6})},
      {"802.11 QoS data with HT control", 105, joined({{0x88, 0x81}, zeros(28), snap, v4}),
       joined({{0x88, 0x81}, zeros(28), snap, v6})},
      {"radiotap", 127, joined({{0, 0, 12, 0}, zeros(8), {0x08, 0x01}, zeros(22), snap, v4}),
       joined({{0, 0, 8, 0}, zeros(4), {0x08, 0x01}, zeros(22), snap, v6})},
  };
}

/// Link types that few captures have, with what stands before the packet in them.
inline std::vector<Case> rare_cases() {
  const Bytes v4 = {0x08, 0x00}, v6 = {0x86, 0xdd};
  const Bytes snap = {0xaa, 0xaa, 3, 0, 0, 0}, bridged = {0xaa, 0xaa, 3, 0, 0x80, 0xc2, 0, 7, 0, 0};
  const Bytes ppp4 = {0x00, 0x21}, ppp6 = {0x00, 0x57};
  const Bytes ring = {0x10, 0x40}, ring_macs = {2, 0, 0, 0, 0, 1, 0x82, 0, 0, 0, 0, 2},
              route = {0x06, 0x30, 0, 1, 0, 2};
  const Bytes fiber = {0x57}, data = {0x08, 0x01};
  const Bytes avs = joined({{0x80, 0x21, 0x10, 0x01, 0, 0, 0, 64}, zeros(56)});
  const Bytes ham = {0x96, 0x98, 0x9a, 0x40, 0x40, 0x40, 0x60, 0x96, 0x98, 0x9a, 0x40, 0x40, 0x40, 0x61};
  const Bytes repeater = {0x96, 0x98, 0x9a, 0x40, 0x40, 0x40, 0x60, 0x96, 0x98, 0x9a, 0x40,
                          0x40, 0x40, 0x60, 0x96, 0x98, 0x9a, 0x40, 0x40, 0x40, 0x61};
  const Bytes ethernet4 = joined({kMacs, v4}), ethernet6 = joined({kMacs, v6});
  const auto erf = [](uint8_t type, const Bytes& rest) { return joined({zeros(8), {type}, zeros(7), rest}); };
  return {
      {"Ethernet with a length and LLC", 1, joined({kMacs, {0, 60}, snap, v4}), joined({kMacs, {0, 80}, snap, v6})},
      {"Ethernet, Broadcom's tag", 281, joined({kMacs, zeros(4), v4}), joined({kMacs, zeros(4), v6})},
      {"Broadcom's tag before Ethernet", 282, joined({zeros(4), ethernet4}), joined({zeros(4), ethernet6})},
      {"Marvell's tag", 284, joined({kMacs, {0x40, 0, 0, 1}, v4}), joined({kMacs, {0x40, 0, 0, 1}, v6})},
      {"Marvell's tag with an ethertype", 285, joined({kMacs, {0xda, 0xda}, zeros(6), v4}),
       joined({kMacs, {0xda, 0xda}, zeros(6), v6})},
      {"netANALYZER", 240, joined({zeros(4), ethernet4}), joined({zeros(4), ethernet6})},
      {"netANALYZER with preamble", 241, joined({zeros(12), ethernet4}), joined({zeros(12), ethernet6})},
      {"token ring with a route", 6, joined({ring, ring_macs, route, snap, v4}),
       joined({ring, ring_macs, route, snap, v6})},
      {"token ring", 6, joined({ring, kMacs, snap, v4}), joined({ring, kMacs, snap, v6})},
      {"FDDI", 10, joined({fiber, kMacs, snap, v4}), joined({fiber, kMacs, snap, v6})},
      {"ARCNET", 7, {1, 2, 0xd4, 0, 0, 9}, {1, 2, 0xc4, 1, 0, 9}},
      {"ARCNET, a padded packet",
       7,
       {1, 2, 0xd4, 0xff, 0xff, 0xff, 0xd4, 0, 0, 9},
       {1, 2, 0xc4, 0xff, 0, 0, 0, 0, 0, 9}},
      {"ARCNET as Linux captures it", 129, {1, 2, 0, 0, 0xf0}, {1, 2, 0, 0, 0xc4, 0, 0, 9}},
      {"ATM", 11, joined({snap, v4}), joined({snap, v6})},
      {"bridged over ATM", 11, joined({bridged, ethernet4}), joined({bridged, ethernet6})},
      {"classical IP over ATM", 19, joined({snap, v4}), joined({snap, v6})},
      {"SunATM", 123, joined({{0x82, 0, 0, 32}, snap, v4}), joined({{0x02, 0, 0, 32}, snap, v6})},
      {"SunATM, LAN emulation", 123, joined({{0x81, 0, 0, 32, 0, 1}, ethernet4}),
       joined({{0x01, 0, 0, 32, 0, 1}, ethernet6})},
      {"Fibre Channel", 122, joined({zeros(16), snap, v4}), joined({zeros(16), snap, v6})},
      {"IEEE 1394", 138, joined({zeros(16), v4}), joined({zeros(16), v6})},
      {"InfiniBand", 242, joined({zeros(40), v4, zeros(2)}), joined({zeros(40), v6, zeros(2)})},
      {"DOCSIS", 143, joined({{0, 0, 0, 90, 1, 2}, ethernet4}), joined({{0, 0, 0, 90, 1, 2}, ethernet6})},
      {"DOCSIS, extended", 143, joined({{1, 3, 0, 93, 7, 8, 9, 1, 2}, ethernet4}),
       joined({{1, 1, 0, 91, 7, 1, 2}, ethernet6})},
      {"MPLS, one label", 219, {0, 1, 0x01, 64}, {0, 1, 0x01, 64}},
      {"MPLS, three labels", 219, {0, 1, 0x00, 64, 0, 2, 0x00, 64, 0, 3, 0x01, 64}, {0, 1, 0x00, 64, 0, 0, 0x21, 64}},
      {"PPP of pppd", 166, joined({{0x01, 0x03}, ppp4}), joined({{0x00, 0x03}, ppp6})},
      {"PPP with a direction", 204, joined({{0x01, 0xff, 0x03}, ppp4}), joined({{0x00}, ppp6})},
      {"Cisco HDLC with a direction", 205, joined({{0x01, 0x0f, 0x00}, v4}), joined({{0x00, 0x0f, 0x00}, v6})},
      {"frame relay", 107, {0x18, 0x41, 0x03, 0xcc}, {0x18, 0x41, 0x03, 0x8e}},
      {"frame relay, address of four bytes, padding",
       107,
       {0x18, 0x40, 0x00, 0x01, 0x03, 0x00, 0xcc},
       joined({{0x18, 0x41, 0x03, 0x00, 0x80, 0, 0, 0}, v6})},
      {"frame relay, Cisco's", 107, joined({{0x18, 0x41}, v4}), joined({{0x18, 0x41}, v6})},
      {"frame relay with a direction", 206, {0x01, 0x18, 0x41, 0x03, 0xcc}, {0x00, 0x18, 0x41, 0x03, 0x8e}},
      {"SLIP", 8, joined({{0, 0x40}, zeros(14)}), joined({{1, 0x60}, zeros(14)})},
      {"AX.25", 3, joined({ham, {0x03, 0xcc}}), {}},
      {"AX.25 by KISS, over a repeater", 202, joined({{0}, repeater, {0x03, 0xcc}}), {}},
      {"AVS", 163, joined({avs, data, zeros(22), snap, v4}), joined({avs, data, zeros(22), snap, v6})},
      {"Prism", 119, joined({{0x44, 0, 0, 0, 144, 0, 0, 0}, zeros(136), data, zeros(22), snap, v4}),
       joined({avs, data, zeros(22), snap, v6})},
      {"ERF", 197, erf(2, joined({zeros(2), ethernet4})),
       erf(0x8b, joined({{0x83}, zeros(7), zeros(8), zeros(2), ethernet6}))},
      {"ERF, bare", 197, erf(22, {}), erf(23, {})},
      {"pf's log", 117, joined({{61, 2}, zeros(62)}), joined({{61, 30}, zeros(62)})},
      {"BSD enc", 109, joined({{2, 0, 0, 0}, zeros(8)}), joined({{30, 0, 0, 0}, zeros(8)})},
      {"Solaris ipnet", 226, joined({{1, 2}, zeros(22)}), joined({{1, 26}, zeros(22)})},
      {"NFLOG",
       239,
       {2, 0, 0, 5, 8, 0, 1, 0, 8, 0, 1, 0, 5, 0, 10, 0, 'x', 0, 0, 0, 44, 0, 9, 0},
       {10, 0, 0, 5, 64, 0, 9, 0}},
      {"Symantec firewall", 99, joined({zeros(6), v4, zeros(36)}), joined({zeros(6), v6, zeros(36)})},
      {"TZSP", 128, joined({{1, 0, 0, 1, 10, 2, 7, 7, 0, 1}, ethernet4}),
       joined({{1, 0, 0, 18, 1}, data, zeros(22), snap, v6})},
      {"PPI", 192, joined({{0, 0, 12, 0, 105, 0, 0, 0}, zeros(4), data, zeros(22), snap, v4}),
       joined({{0, 0, 8, 0, 1, 0, 0, 0}, ethernet6})},
      {"PKTAP", 258, joined({{20, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0}, zeros(8), ethernet4}),
       joined({{12, 0, 0, 0, 1, 0, 0, 0, 12, 0, 0, 0}})},
  };
}

inline std::vector<Case> all_cases() {
  std::vector<Case> out = common_cases();
  const std::vector<Case> rare = rare_cases();
  out.insert(out.end(), rare.begin(), rare.end());
  return out;
}

}  // namespace ecmpd::hash::lab
