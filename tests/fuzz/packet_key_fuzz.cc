// Keys of packets: first byte which fields count, then any bytes as a packet.
#include <cstdint>
#include <cstdlib>
#include <span>

#include "hash/icmp_error.h"
#include "hash/ip_layer.h"
#include "hash/key_common.h"
#include "hash/lab/packet_bytes.h"

using namespace ecmpd::hash;  // NOLINT(google-build-using-namespace)

namespace {

using Packet = std::span<const uint8_t>;

void check(bool holds) {
  if (!holds) abort();
}

template <typename Key>
void check_fields(const Key& key, const Key& full, const Key& mask, const KeyFields& fields) {
  check(masked(key, mask) == key);                                             // what does not count is zero
  check(key == masked(fields.symmetric ? sort_endpoints(full) : full, mask));  // and what counts is the packet's
  check(key_from_tuple(tuple_of(PacketKey(full)), fields) == PacketKey(key));  // a tuple says as much as a key
}

PacketKey full_key(Packet packet, bool inner) {
  const KeyFields all{.flow_label = true, .inner = inner};
  const auto key = key_from_packet(packet, all);
  check(key.has_value());
  return *key;
}

/// What the header says is behind the packet's end is padding.
void check_padding(Packet packet, const KeyFields& fields) {
  const bool v4 = packet[0] >> 4 == 4;
  const size_t stated = (v4 ? 0 : kIpv6Header) + (size_t{packet[v4 ? 2 : 4]} << 8 | packet[v4 ? 3 : 5]);
  if (stated < (v4 ? kMinIpv4Header : kIpv6Header) || stated > packet.size()) return;
  check(key_from_packet(packet.first(stated), fields) == key_from_packet(packet, fields));
}

/// An error about a packet, unless that is an error itself, has the reverse of the packet's key.
void check_error(Packet packet, const PacketKey& full) {
  const bool v4 = packet[0] >> 4 == 4;
  if (packet.size() > 2000 || embedded_packet(read_ip(packet, Length::kAsPresent))) return;
  lab::Bytes whole(packet.begin(), packet.end());
  const size_t length = whole.size() - (v4 ? 0 : kIpv6Header);
  whole[v4 ? 2 : 4] = static_cast<uint8_t>(length >> 8);
  whole[v4 ? 3 : 5] = static_cast<uint8_t>(length);
  if (embedded_packet(read_ip(whole, Length::kAsStated))) return;
  const PacketKey of_whole = full_key(whole, false);
  const IpAddress router = *IpAddress::parse(v4 ? "198.51.100.1" : "2001:db8::1");
  const PacketKey of_error = full_key(lab::icmp_error(v4 ? 3 : 2, router, whole), false);
  check(tuple_of(of_error) == lab::reversed(tuple_of(of_whole)));
  check(of_whole.index() == full.index());
}

void check_common(Packet packet, const KeyFields& fields, const PacketKey& key) {
  if (packet[0] >> 4 == 4 && is_common4(packet.data(), packet.size(), fields.inner)) {
    check(PacketKey(key4_common(packet.data(), mask4(fields, true), fields.symmetric)) == key);
  }
  if (packet[0] >> 4 == 6 && is_common6(packet.data(), packet.size(), fields.inner)) {
    check(PacketKey(key6_common(packet.data(), mask6(fields, true), fields)) == key);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const auto flag = [bits = data[0]](unsigned bit) { return (bits >> bit & 1) != 0; };
  const KeyFields fields{.protocol = flag(0),
                         .src = flag(1),
                         .dst = flag(2),
                         .sport = flag(3),
                         .dport = flag(4),
                         .flow_label = flag(5),
                         .symmetric = flag(6),
                         .inner = flag(7)};
  const Packet packet(data + 1, size - 1);
  // The callers of these two check the version, not the functions.
  if (packet.size() >= kMinIpv4Header) {
    const Key4 key = key4_from_packet(packet, fields);
    check(masked(key, mask4(fields, true)) == key);
  }
  if (packet.size() >= kIpv6Header) {
    const Key6 key = key6_from_packet(packet, fields);
    check(masked(key, mask6(fields, true)) == key);
  }
  const auto key = key_from_packet(packet, fields);
  check(key.has_value() == begins_with_ip(packet));
  if (!key) return 0;
  const PacketKey full = full_key(packet, fields.inner);
  check(full.index() == key->index());
  if (const auto* key4 = std::get_if<Key4>(&*key)) {
    check_fields(*key4, std::get<Key4>(full), mask4(fields, true), fields);
  } else {
    check_fields(std::get<Key6>(*key), std::get<Key6>(full), mask6(fields, true), fields);
  }
  check_padding(packet, fields);
  if (!fields.inner) check_error(packet, full);
  check_common(packet, fields, *key);
  return 0;
}
