// What is to be measured: one combination of everything that can be chosen. Values; any thread.
#pragma once

#include <cstdint>

#include "hash/address.h"
#include "hash/function.h"
#include "hash/key.h"
#include "hash/selector.h"

namespace ecmpd::bench {

struct Case {
  hash::Family family = hash::Family::kIpv4;
  uint32_t flows = 4096;
  uint32_t prefixes = 1;
  uint32_t groups = 1;
  uint32_t members = 8;  // of each group
  uint32_t egress = 2;   // ports that packets leave by
  uint32_t size = 0;     // of frames on the wire; 0: the least of the family
  hash::Selector selector = hash::Selector::kResilient;
  hash::HashFunction function = hash::HashFunction::kXxh32;
  hash::KeyFields key;
  uint64_t seed = 1;
};

}  // namespace ecmpd::bench
