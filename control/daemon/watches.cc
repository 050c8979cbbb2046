#include "control/daemon/watches.h"

#include <fmt/format.h>
#include <rte_cycles.h>

#include <algorithm>

#include "control/log.h"

namespace ecmpd::control {

tl::expected<void, api::WatchRefusal> Watches::start(const api::WatchRequest& request) {
  if (watch_ != nullptr) {
    return tl::unexpected(api::WatchRefusal{
        true, fmt::format("a {} is going on ({}); one at a time", capture_ ? "capture" : "trace", name_)});
  }
  dataplane::WatchSpec spec{.filter = dataplane::PacketFilter(request.filter), .port = std::nullopt};
  std::string names;
  unsigned longest = 0;
  for (const auto& port : machine_.ports()) {
    if (port->spec().name == request.port) spec.port = port->facts().index;
    names += (names.empty() ? "" : ", ") + port->spec().name;
    longest = std::max(longest, dataplane::frame_room(port->spec().mtu));
  }
  if (!request.port.empty() && !spec.port) {
    return tl::unexpected(api::WatchRefusal{false, fmt::format("no port \"{}\"; one of: {}", request.port, names)});
  }
  spec.count = request.count;
  spec.snap_length = request.snap_length == 0 ? longest : std::min(request.snap_length, longest);
  spec.frames_out = request.capture;
  const auto workers = static_cast<unsigned>(machine_.workers().size());
  auto watch =
      std::make_unique<dataplane::Watch>(std::move(spec), workers, static_cast<unsigned>(machine_.ports().size()));
  watch_ = watch.get();
  name_ = request.name;
  capture_ = request.capture;
  last_read_ = Clock::now();
  start_tsc_ = rte_rdtsc();
  start_ = std::chrono::system_clock::now().time_since_epoch();
  machine_.publisher().set_watch(std::move(watch));
  return {};
}

dataplane::Watch* Watches::read(const std::string& name) {
  dataplane::Watch* const watch = find(name);
  if (watch != nullptr) last_read_ = Clock::now();
  return watch;
}

void Watches::stop_unread() {
  if (watch_ == nullptr || Clock::now() - last_read_ < kUnread) return;
  log::warn("daemon", "the {} \"{}\" is stopped: nobody has read it for {} s", capture_ ? "capture" : "trace", name_,
            kUnread.count());
  stop(name_);
}

bool Watches::end(const std::string& name) {
  if (find(name) == nullptr) return false;
  watch_->close();
  return true;
}

void Watches::stop(const std::string& name) {
  if (find(name) == nullptr) return;
  watch_ = nullptr;
  machine_.publisher().set_watch(nullptr);
}

uint64_t Watches::time_of(uint64_t tsc) const {
  const double seconds = static_cast<double>(tsc - start_tsc_) / static_cast<double>(rte_get_tsc_hz());
  return static_cast<uint64_t>(start_.count()) + static_cast<uint64_t>(seconds * 1e9);
}

}  // namespace ecmpd::control
