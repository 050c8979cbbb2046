// An array in chunks that never move: no copy of a million elements when one more comes, and references stay valid.
//
// Control thread; not synchronised.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace ecmpd::control {

template <typename Element>
class Chunks {
 public:
  Element& operator[](uint32_t index) { return chunks_[index / kChunk][index % kChunk]; }
  const Element& operator[](uint32_t index) const { return chunks_[index / kChunk][index % kChunk]; }
  /// Elements that are there, each default constructed at first.
  size_t size() const { return chunks_.size() * kChunk; }
  /// Makes all up to `index` be there.
  void reach(uint32_t index) {
    while (index >= size()) chunks_.push_back(std::make_unique<Element[]>(kChunk));
  }
  void prefetch(uint32_t index) const { __builtin_prefetch(&(*this)[index], 1); }
  /// Bytes held, elements' own allocations aside.
  size_t memory_bytes() const { return size() * sizeof(Element); }

 private:
  static constexpr size_t kChunk = 1024;
  std::vector<std::unique_ptr<Element[]>> chunks_;
};

}  // namespace ecmpd::control
