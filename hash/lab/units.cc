#include "hash/lab/units.h"

#include <bit>
#include <cstring>

#include "hash/lab/capture_file.h"
#include "hash/lab/frame.h"

namespace ecmpd::hash::lab {
namespace {

template <typename Key>
uint64_t digest(const Key& key) {
  uint64_t state = 0;
  for (size_t i = 0; i < sizeof key.bytes; i += 8) {
    uint64_t word;
    std::memcpy(&word, key.bytes.data() + i, sizeof word);
    state = mix64(state ^ word) + word;
  }
  return mix64(state);
}

}  // namespace

UnitCollector::UnitCollector(size_t flows_expected) {
  part4_.reserve(flows_expected);
  part6_.reserve(0);  // grows when it is used
}

bool UnitCollector::add(const PacketKey& key, uint64_t flows, uint64_t bytes) {
  if (const Key4* key4 = std::get_if<Key4>(&key)) return part4_.add(*key4, flows, bytes);
  return part6_.add(std::get<Key6>(key), flows, bytes);
}

Units UnitCollector::take() {
  Units units{.keys4 = std::move(part4_.keys),
              .keys6 = std::move(part6_.keys),
              .flows = std::move(part4_.flows),
              .bytes = std::move(part4_.bytes)};
  units.flows.insert(units.flows.end(), part6_.flows.begin(), part6_.flows.end());
  units.bytes.insert(units.bytes.end(), part6_.bytes.begin(), part6_.bytes.end());
  return units;
}

template <typename Key>
void UnitCollector::Part<Key>::reserve(size_t count) {
  keys.reserve(count);
  flows.reserve(count);
  bytes.reserve(count);
  slots.assign(std::bit_ceil(2 * count + 16), 0);
}

template <typename Key>
void UnitCollector::Part<Key>::grow() {
  slots.assign(2 * slots.size(), 0);
  for (size_t i = 0; i < keys.size(); ++i) slots[slot_of(keys[i])] = static_cast<uint32_t>(i + 1);
}

/// Where the key is, or the empty slot where it belongs.
template <typename Key>
size_t UnitCollector::Part<Key>::slot_of(const Key& key) const {
  size_t slot = digest(key) & (slots.size() - 1);
  while (slots[slot] != 0 && !(keys[slots[slot] - 1] == key)) slot = (slot + 1) & (slots.size() - 1);
  return slot;
}

template <typename Key>
bool UnitCollector::Part<Key>::add(const Key& key, uint64_t new_flows, uint64_t new_bytes) {
  if (2 * keys.size() >= slots.size()) grow();
  uint32_t& place = slots[slot_of(key)];
  const bool is_new = place == 0;
  if (is_new) {
    keys.push_back(key);
    flows.push_back(0);
    bytes.push_back(0);
    place = static_cast<uint32_t>(keys.size());
  }
  flows[place - 1] += new_flows;
  bytes[place - 1] += new_bytes;
  return is_new;
}

tl::expected<Units, std::string> capture_units(const std::string& path, const KeyFields& fields) {
  auto file = CaptureFile::open(path);
  if (!file) return tl::make_unexpected(file.error());
  KeyFields whole = KeyFields::five_tuple();
  whole.inner = fields.inner;
  UnitCollector flows(0), collector(0);
  uint64_t frames = 0, without_ip = 0;
  for (;;) {
    const auto frame = file->next();
    if (!frame) return tl::make_unexpected(frame.error());
    if (!*frame) break;
    ++frames;
    const auto packet = ip_in_frame(file->link_type(), (*frame)->bytes);
    const auto flow = packet ? key_from_packet(*packet, whole) : std::nullopt;
    const auto key = packet ? key_from_packet(*packet, fields) : std::nullopt;
    if (!flow || !key) {
      ++without_ip;
      continue;
    }
    const uint64_t new_flows = flows.add(*flow, 1, 0) ? 1 : 0;
    collector.add(*key, new_flows, (*frame)->length);
  }
  Units units = collector.take();
  units.frames = frames;
  units.without_ip = without_ip;
  units.warning = file->cut();
  if (units.size() == 0) {
    return tl::make_unexpected(units.warning.empty() ? path + ": no IP packet in it"
                                                     : units.warning + "; no IP packet in them");
  }
  return units;
}

Units make_units(const Workload& workload, uint32_t flows, const KeyFields& fields, uint64_t seed) {
  Random random(seed);
  const FlowSource source = workload.open(random);
  const bool whole = fields.protocol && fields.src && fields.dst && fields.sport && fields.dport && !fields.symmetric;
  if (!whole) {
    UnitCollector collector(flows);
    for (uint32_t i = 0; i < flows; ++i) collector.add(key_from_tuple(source(i), fields), 1, workload.bytes(i));
    return collector.take();
  }
  // Distinct flows have distinct keys: no need to look for equal ones, which takes longer than all the rest of a sweep.
  Units units;
  units.flows.assign(flows, 1);
  units.bytes.reserve(flows);
  for (uint32_t i = 0; i < flows; ++i) {
    const Tuple flow = source(i);
    if (flow.src.is_v4()) {
      units.keys4.push_back(key4_from_tuple(flow, fields));
    } else {
      units.keys6.push_back(key6_from_tuple(flow, fields));
    }
    units.bytes.push_back(workload.bytes(i));
  }
  return units;
}

}  // namespace ecmpd::hash::lab
