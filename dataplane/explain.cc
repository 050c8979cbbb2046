#include "dataplane/explain.h"

namespace ecmpd::dataplane {

Explanation explain(const ForwardingState& state, const hash::Tuple& tuple) {
  const HashSettings& settings = *state.hash_settings.load(std::memory_order_acquire);
  Explanation out;
  out.key = hash::key4_from_tuple(tuple, settings.fields);
  out.hash = settings.hasher(out.key);
  out.group = state.fib4.lookup(tuple.dst.v4_value());
  const Group& group = state.group(out.group);
  out.group_size = group.size();
  out.indexing = group.indexing();
  out.bucket = hash::bucket_index(out.hash, group.size(), out.indexing);
  out.adjacency = group.select(out.hash);
  return out;
}

}  // namespace ecmpd::dataplane
