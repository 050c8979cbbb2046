// The reader of capture files, and what takes packets out of frames: any bytes as a file.
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <string>

#include "hash/key.h"
#include "hash/lab/capture_file.h"

using namespace ecmpd::hash;  // NOLINT(google-build-using-namespace)

namespace {

void read_all(const std::string& path, size_t size) {
  auto file = lab::CaptureFile::open(path);
  if (!file) {
    if (!file.error().starts_with(path)) abort();
    return;
  }
  uint64_t number = 0;
  size_t seen = 0;
  while (true) {
    const auto frame = file->next();
    if (!frame) {
      if (!frame.error().starts_with(path + ": frame " + std::to_string(number + 1))) abort();
      return;
    }
    if (!*frame) return;
    if ((*frame)->number != ++number) abort();
    seen += (*frame)->bytes.size();
    if (seen > size) abort();  // a frame has no more bytes than the file
    const auto packet = lab::ip_in_frame(file->link_type(), (*frame)->bytes);
    if (!packet) continue;
    if (packet->data() + packet->size() != (*frame)->bytes.data() + (*frame)->bytes.size()) abort();
    (void)key_from_packet(*packet, {.inner = true});
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const int file = memfd_create("capture", 0);
  if (file < 0 || write(file, data, size) != static_cast<ssize_t>(size)) abort();
  read_all("/proc/self/fd/" + std::to_string(file), size);
  close(file);
  return 0;
}
