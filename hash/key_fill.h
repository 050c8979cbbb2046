// From the fields of one flow, wherever they lie, to its key.
//
// The one place where a key's bytes are put together for uncommon packets and for tuples. Pure functions; any thread.
#pragma once

#include <cstdint>

#include "hash/key.h"

namespace ecmpd::hash {

/// Fields of a flow where they lie, in network byte order; the ports are null when it has none that are usable.
struct FlowView {
  const uint8_t* src = nullptr;  // 4 or 16 bytes
  const uint8_t* dst = nullptr;
  const uint8_t* sport = nullptr;  // 2 bytes
  const uint8_t* dport = nullptr;
  uint8_t protocol = 0;
  uint32_t flow_label = 0;  // host byte order
};

/// The flow's other direction; the flow label stays.
FlowView reversed(FlowView flow);

Key4 fill4(const FlowView& flow, const KeyFields& fields);
Key6 fill6(const FlowView& flow, const KeyFields& fields);

}  // namespace ecmpd::hash
