#include "dataplane/watch.h"

#include <algorithm>
#include <limits>

namespace ecmpd::dataplane {

namespace {
// Room for what comes while the control thread does something else, within a bounded memory for each worker.
constexpr size_t kBytesOfWorker = 16 << 20;
constexpr size_t kMostSlots = 8192;

unsigned slots_for(unsigned snap_length) {
  return static_cast<unsigned>(std::min(kMostSlots, kBytesOfWorker / (snap_length + sizeof(WatchRecord))));
}
}  // namespace

Watch::Watch(WatchSpec spec, unsigned workers, unsigned ports)
    : spec_(std::move(spec)),
      wanted_(static_cast<int64_t>(std::min<uint64_t>(spec_.count, std::numeric_limits<int64_t>::max()))) {
  for (unsigned i = 0; i < workers; ++i) {
    recorders_.push_back(std::make_unique<Recorder>(spec_, wanted_, closed_, i, ports, slots_for(spec_.snap_length)));
  }
}

uint64_t Watch::lost() const {
  uint64_t sum = 0;
  for (const auto& recorder : recorders_) sum += recorder->lost();
  return sum;
}

}  // namespace ecmpd::dataplane
