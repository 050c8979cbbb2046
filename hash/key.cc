#include "hash/key.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "hash/ip_layer.h"
#include "hash/key_common.h"
#include "hash/key_fill.h"

namespace ecmpd::hash {
namespace {

/// A tuple's ports in network byte order, to be looked at by the view.
class TupleView {
 public:
  explicit TupleView(const Tuple& tuple)
      : ports_{static_cast<uint8_t>(tuple.sport >> 8), static_cast<uint8_t>(tuple.sport),
               static_cast<uint8_t>(tuple.dport >> 8), static_cast<uint8_t>(tuple.dport)},
        flow_{.src = tuple.src.bytes(),
              .dst = tuple.dst.bytes(),
              .protocol = tuple.protocol,
              .flow_label = tuple.flow_label} {
    if (!has_ports(tuple.protocol)) return;
    flow_.sport = &ports_[0];
    flow_.dport = &ports_[2];
  }
  TupleView(const TupleView&) = delete;
  TupleView& operator=(const TupleView&) = delete;
  const FlowView& flow() const { return flow_; }

 private:
  std::array<uint8_t, 4> ports_;
  FlowView flow_;
};

template <typename Key>
void set(Key& mask, size_t at, size_t bytes, bool counts) {
  std::fill_n(mask.bytes.begin() + static_cast<ptrdiff_t>(at), bytes, counts ? uint8_t{0xff} : uint8_t{0});
}

template <typename Key>
Key finish(const Key& key, const Key& mask, const KeyFields& fields) {
  return masked(fields.symmetric ? sort_endpoints(key) : key, mask);
}

}  // namespace

bool has_ports(uint8_t protocol) {
  return protocol == protocol::kTcp || protocol == protocol::kUdp || protocol == protocol::kSctp ||
         protocol == protocol::kDccp;
}

Key4 mask4(const KeyFields& fields, bool ports) {
  Key4 mask;
  set(mask, 1, 1, fields.protocol);
  set(mask, 4, 4, fields.src);
  set(mask, 8, 4, fields.dst);
  set(mask, 12, 2, fields.sport && ports);
  set(mask, 14, 2, fields.dport && ports);
  return mask;
}

Key6 mask6(const KeyFields& fields, bool ports) {
  Key6 mask;
  set(mask, 0, 2, fields.flow_label);
  set(mask, 2, 1, fields.protocol);
  mask.bytes[3] = fields.flow_label ? 0x0f : 0;
  set(mask, 4, 16, fields.src);
  set(mask, 20, 16, fields.dst);
  set(mask, 36, 2, fields.sport && ports);
  set(mask, 38, 2, fields.dport && ports);
  return mask;
}

FlowView reversed(FlowView flow) {
  std::swap(flow.src, flow.dst);
  std::swap(flow.sport, flow.dport);
  return flow;
}

Key4 fill4(const FlowView& flow, const KeyFields& fields) {
  Key4 key;
  key.bytes[1] = flow.protocol;
  std::memcpy(&key.bytes[4], flow.src, 4);
  std::memcpy(&key.bytes[8], flow.dst, 4);
  if (flow.sport != nullptr) {
    std::memcpy(&key.bytes[12], flow.sport, 2);
    std::memcpy(&key.bytes[14], flow.dport, 2);
  }
  return finish(key, mask4(fields, flow.sport != nullptr), fields);
}

Key6 fill6(const FlowView& flow, const KeyFields& fields) {
  Key6 key;
  key.bytes[0] = static_cast<uint8_t>(flow.flow_label >> 8);
  key.bytes[1] = static_cast<uint8_t>(flow.flow_label);
  key.bytes[2] = flow.protocol;
  key.bytes[3] = static_cast<uint8_t>(flow.flow_label >> 16);
  std::memcpy(&key.bytes[4], flow.src, 16);
  std::memcpy(&key.bytes[20], flow.dst, 16);
  if (flow.sport != nullptr) {
    std::memcpy(&key.bytes[36], flow.sport, 2);
    std::memcpy(&key.bytes[38], flow.dport, 2);
  }
  return finish(key, mask6(fields, flow.sport != nullptr), fields);
}

Key4 key4_from_tuple(const Tuple& tuple, const KeyFields& fields) {
  assert(tuple.src.is_v4() && tuple.dst.is_v4());
  return fill4(TupleView(tuple).flow(), fields);
}

Key6 key6_from_tuple(const Tuple& tuple, const KeyFields& fields) {
  assert(!tuple.src.is_v4() && !tuple.dst.is_v4());
  return fill6(TupleView(tuple).flow(), fields);
}

PacketKey key_from_tuple(const Tuple& tuple, const KeyFields& fields) {
  if (tuple.src.is_v4()) return key4_from_tuple(tuple, fields);
  return key6_from_tuple(tuple, fields);
}

std::span<const uint8_t> bytes_of(const PacketKey& key) {
  if (const auto* v4 = std::get_if<Key4>(&key)) return v4->bytes;
  return std::get<Key6>(key).bytes;
}

std::string to_hex(std::span<const uint8_t> bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  for (const uint8_t byte : bytes) {
    if (!out.empty()) out += ' ';
    out += kDigits[byte >> 4];
    out += kDigits[byte & 15];
  }
  return out;
}

}  // namespace ecmpd::hash
