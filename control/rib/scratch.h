// Vectors that one batch fills and the next one uses again. Control thread.
#pragma once

#include <cstddef>
#include <vector>

namespace ecmpd::control {

/// Empties it; the memory of an unusually large batch (a full table) is given back, not kept for the rest of the run.
template <typename Element>
void clear_scratch(std::vector<Element>& scratch) {
  constexpr size_t kKeep = 65536;
  scratch.clear();
  if (scratch.capacity() > kKeep) scratch.shrink_to_fit();
}

}  // namespace ecmpd::control
