#include "hash/lab/units.h"

#include <bit>
#include <cstring>

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

void UnitCollector::add(const PacketKey& key, uint64_t flows, uint64_t bytes) {
  if (const Key4* key4 = std::get_if<Key4>(&key)) {
    part4_.add(*key4, flows, bytes);
  } else {
    part6_.add(std::get<Key6>(key), flows, bytes);
  }
}

Units UnitCollector::take() {
  Units units{std::move(part4_.keys), std::move(part6_.keys), std::move(part4_.flows), std::move(part4_.bytes)};
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
void UnitCollector::Part<Key>::add(const Key& key, uint64_t new_flows, uint64_t new_bytes) {
  if (2 * keys.size() >= slots.size()) grow();
  uint32_t& place = slots[slot_of(key)];
  if (place == 0) {
    keys.push_back(key);
    flows.push_back(0);
    bytes.push_back(0);
    place = static_cast<uint32_t>(keys.size());
  }
  flows[place - 1] += new_flows;
  bytes[place - 1] += new_bytes;
}

Units make_units(const Workload& workload, uint32_t flows, const KeyFields& fields, uint64_t seed) {
  Random random(seed);
  const FlowSource source = workload.open(random);
  UnitCollector collector(flows);
  for (uint32_t i = 0; i < flows; ++i) collector.add(key_from_tuple(source(i), fields), 1, workload.bytes(i));
  return collector.take();
}

}  // namespace ecmpd::hash::lab
