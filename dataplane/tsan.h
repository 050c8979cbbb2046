// What ThreadSanitizer cannot see by itself: order that passes through DPDK, whose libraries are not instrumented and
// whose rings use plain loads and stores between barriers. Nothing at all in other builds.
//
// Any thread. What happened before release(object) happens before what follows acquire(object), once that has read
// something that was published through the object.
#pragma once

#if defined(__SANITIZE_THREAD__)
#define ECMPD_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define ECMPD_TSAN 1
#endif
#endif

#ifdef ECMPD_TSAN
#include <sanitizer/tsan_interface.h>

extern "C" {  // of the run-time library, which declares them nowhere
void AnnotateIgnoreReadsBegin(const char* file, int line);
void AnnotateIgnoreReadsEnd(const char* file, int line);
void AnnotateIgnoreWritesBegin(const char* file, int line);
void AnnotateIgnoreWritesEnd(const char* file, int line);
}
#endif

namespace ecmpd::dataplane::tsan {

#ifdef ECMPD_TSAN
inline constexpr bool kOn = true;
inline void release(void* object) { __tsan_release(object); }
inline void acquire(void* object) { __tsan_acquire(object); }

/// For as long as it lives, accesses of this thread are not looked at: for DPDK's inline functions, and no more.
class Unwatched {
 public:
  Unwatched() {
    AnnotateIgnoreReadsBegin(__FILE__, __LINE__);
    AnnotateIgnoreWritesBegin(__FILE__, __LINE__);
  }
  ~Unwatched() {
    AnnotateIgnoreWritesEnd(__FILE__, __LINE__);
    AnnotateIgnoreReadsEnd(__FILE__, __LINE__);
  }
  Unwatched(const Unwatched&) = delete;
  Unwatched& operator=(const Unwatched&) = delete;
};
#else
inline constexpr bool kOn = false;
inline void release(void*) {}
inline void acquire(void*) {}
struct Unwatched {
  Unwatched() {}
};
#endif

}  // namespace ecmpd::dataplane::tsan
