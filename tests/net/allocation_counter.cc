// Counts the calls of malloc and its kin, for each thread: preloaded into ecmpd by test_worker_alone.py.
//
// The counts are in the file that $ALLOCATION_COUNTS names, which is large enough and all zeros before: a record for
// each thread that has made a call, its id and the number of its calls. glibc's own names of the functions do the work.
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstdlib>

extern "C" {
void* __libc_malloc(size_t size);
void* __libc_calloc(size_t count, size_t size);
void* __libc_realloc(void* old, size_t size);
void* __libc_memalign(size_t alignment, size_t size);
void __libc_free(void* old);
}

namespace {

struct Record {
  std::atomic<uint64_t> thread;
  std::atomic<uint64_t> calls;
};
constexpr unsigned kRecords = 256;

struct Counts {
  std::atomic<uint64_t> threads;
  uint64_t unused;
  Record record[kRecords];
};

Counts* open_counts() {
  const char* path = getenv("ALLOCATION_COUNTS");
  const int file = path == nullptr ? -1 : open(path, O_RDWR | O_CLOEXEC);
  if (file < 0) _exit(126);
  void* at = mmap(nullptr, sizeof(Counts), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (at == MAP_FAILED) _exit(126);
  close(file);
  return static_cast<Counts*>(at);
}

// No thread-local storage that would itself be allocated on first use.
[[gnu::tls_model("initial-exec")]] thread_local Record* own = nullptr;

Record* new_record() {
  static Counts* const counts = open_counts();
  const uint64_t number = counts->threads.fetch_add(1);
  if (number >= kRecords) _exit(126);
  counts->record[number].thread = static_cast<uint64_t>(gettid());
  return &counts->record[number];
}

void count() {
  if (own == nullptr) own = new_record();
  own->calls.fetch_add(1, std::memory_order_relaxed);
}

}  // namespace

extern "C" {

void* malloc(size_t size) {
  count();
  return __libc_malloc(size);
}
void* calloc(size_t number, size_t size) {
  count();
  return __libc_calloc(number, size);
}
void* realloc(void* old, size_t size) {
  count();
  return __libc_realloc(old, size);
}
void* memalign(size_t alignment, size_t size) {
  count();
  return __libc_memalign(alignment, size);
}
void* aligned_alloc(size_t alignment, size_t size) { return memalign(alignment, size); }
int posix_memalign(void** out, size_t alignment, size_t size) {
  *out = memalign(alignment, size);
  return *out == nullptr ? ENOMEM : 0;
}
void free(void* old) {
  count();
  __libc_free(old);
}

}  // extern "C"
