// A large zero-filled array that costs memory only where it is touched.
//
// The FIB reserves address space for its limit and lets the kernel hand out pages, 2 MiB at a time where transparent
// huge pages are allowed (a lookup in a 64 MiB table would otherwise miss the TLB each time). Never moves.
// Construction and destruction: control thread. Throws std::bad_alloc as any container does.
#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <cstdint>
#include <new>
#include <type_traits>

namespace ecmpd::dataplane {

template <typename T>
class FibMemory {
  static_assert(std::is_trivial_v<T>, "pages come zeroed from the kernel, nothing is constructed");

 public:
  explicit FibMemory(size_t count) : bytes_(round_up(count * sizeof(T)) + kHugePage) {
    // NORESERVE: untouched pages must not count against the overcommit limit.
    base_ = mmap(nullptr, bytes_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (base_ == MAP_FAILED) throw std::bad_alloc();
    madvise(base_, bytes_, MADV_HUGEPAGE);  // a kernel without huge pages refuses; the FIB is then slower, not wrong
    data_ = reinterpret_cast<T*>(round_up(reinterpret_cast<uintptr_t>(base_)));
  }
  ~FibMemory() { munmap(base_, bytes_); }
  FibMemory(const FibMemory&) = delete;
  FibMemory& operator=(const FibMemory&) = delete;

  /// Has the kernel hand out the pages of the first `count` elements now. Best effort.
  void touch(size_t count) const { touch(0, count); }
  /// The same for `count` elements from `first` on.
  void touch(size_t first, size_t count) const {
#ifdef MADV_POPULATE_WRITE
    const uintptr_t begin = reinterpret_cast<uintptr_t>(data_ + first) & ~(kHugePage - 1);
    const uintptr_t end = round_up(reinterpret_cast<uintptr_t>(data_ + first + count));
    madvise(reinterpret_cast<void*>(begin), end - begin, MADV_POPULATE_WRITE);
#endif
  }

  T* data() const { return data_; }
  T& operator[](size_t index) const { return data_[index]; }

 private:
  static constexpr uintptr_t kHugePage = uintptr_t{2} << 20;
  static constexpr uintptr_t round_up(uintptr_t bytes) { return (bytes + kHugePage - 1) & ~(kHugePage - 1); }
  size_t bytes_;
  void* base_;
  T* data_;
};

}  // namespace ecmpd::dataplane
