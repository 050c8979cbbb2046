#include "dataplane/explain.h"

#include <algorithm>

namespace ecmpd::dataplane {

namespace {

template <typename Key>
void hash_key(Explanation& out, const Key& key, const HashSettings& settings) {
  std::copy(key.bytes.begin(), key.bytes.end(), out.key_bytes.begin());
  out.key_size = static_cast<uint8_t>(key.bytes.size());
  out.hash = settings.hasher(key);
}

}  // namespace

Explanation explain(const ForwardingState& state, const hash::Tuple& tuple) {
  const HashSettings& settings = *state.hash_settings.load(std::memory_order_acquire);
  Explanation out;
  if (tuple.dst.is_v4()) {
    hash_key(out, hash::key4_from_tuple(tuple, settings.fields), settings);
    out.group = state.fib4.lookup(tuple.dst.v4_value());
  } else {
    hash_key(out, hash::key6_from_tuple(tuple, settings.fields), settings);
    out.group = state.fib6.lookup(tuple.dst.bytes());
  }
  const Group& group = state.group(out.group);
  out.group_size = group.size();
  out.indexing = group.indexing();
  out.bucket = group.bucket(out.hash);
  out.adjacency = group.select(out.hash);
  return out;
}

}  // namespace ecmpd::dataplane
