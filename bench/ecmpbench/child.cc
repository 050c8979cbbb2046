#include "bench/ecmpbench/child.h"

#include <fmt/core.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <type_traits>
#include <vector>

namespace ecmpd::bench {

namespace {

/// What goes through the pipe first.
struct Header {
  bool fine = false;
  size_t size = 0;  // measurements, or characters of an error
};

/// Everything of a Measurement but its windows.
struct Rest {
  explicit Rest(const Measurement& from)
      : windows(from.windows.size()),
        tsc_hz(from.tsc_hz),
        core_hz(from.core_hz),
        waited(from.waited),
        packets(from.packets),
        drops(from.drops),
        checked(from.checked),
        hugepages(from.hugepages),
        fib6_avx512(from.fib6_avx512),
        has_stages(from.has_stages),
        stages(from.stages) {}
  Rest() = default;
  void store(Measurement& to) const {
    to.tsc_hz = tsc_hz;
    to.core_hz = core_hz;
    to.waited = waited;
    to.packets = packets;
    to.drops = drops;
    to.checked = checked;
    to.hugepages = hugepages;
    to.fib6_avx512 = fib6_avx512;
    to.has_stages = has_stages;
    to.stages = stages;
  }
  size_t windows = 0;
  double tsc_hz = 0, core_hz = 0, waited = 0;
  uint64_t packets = 0, drops = 0, checked = 0;
  bool hugepages = false, fib6_avx512 = false, has_stages = false;
  StageCosts stages;
};
static_assert(std::is_trivially_copyable_v<Rest> && std::is_trivially_copyable_v<Window>);

bool write_all(int fd, const void* data, size_t size) {
  const auto* at = static_cast<const char*>(data);
  while (size != 0) {
    const ssize_t written = write(fd, at, size);
    if (written <= 0) return false;
    at += written;
    size -= static_cast<size_t>(written);
  }
  return true;
}

bool read_all(int fd, void* data, size_t size) {
  auto* at = static_cast<char*>(data);
  while (size != 0) {
    const ssize_t got = read(fd, at, size);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    at += got;
    size -= static_cast<size_t>(got);
  }
  return true;
}

void answer(int fd, const MeasurementsOrError& result) {
  if (!result) {
    const Header header{false, result.error().size()};
    if (write_all(fd, &header, sizeof header)) write_all(fd, result.error().data(), header.size);
    return;
  }
  const Header header{true, result->size()};
  if (!write_all(fd, &header, sizeof header)) return;
  for (const Measurement& one : *result) {
    const Rest rest(one);
    if (!write_all(fd, &rest, sizeof rest)) return;
    if (!write_all(fd, one.windows.data(), rest.windows * sizeof(Window))) return;
  }
}

MeasurementsOrError receive(int fd) {
  const auto gone = tl::unexpected(std::string("the measuring process ended without an answer"));
  Header header;
  if (!read_all(fd, &header, sizeof header)) return gone;
  if (!header.fine) {
    std::string error(header.size, ' ');
    if (!read_all(fd, error.data(), error.size())) return gone;
    return tl::unexpected(error);
  }
  std::vector<Measurement> out(header.size);
  for (Measurement& one : out) {
    Rest rest;
    if (!read_all(fd, &rest, sizeof rest)) return gone;
    rest.store(one);
    one.windows.resize(rest.windows);
    if (!read_all(fd, one.windows.data(), rest.windows * sizeof(Window))) return gone;
  }
  return out;
}

}  // namespace

MeasurementsOrError in_child(const std::function<MeasurementsOrError()>& measure) {
  std::array<int, 2> ends{};
  if (pipe(ends.data()) != 0) return tl::unexpected(fmt::format("pipe: {}", std::strerror(errno)));
  const pid_t pid = fork();
  if (pid < 0) return tl::unexpected(fmt::format("fork: {}", std::strerror(errno)));
  if (pid == 0) {
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    close(ends[0]);
    answer(ends[1], measure());
    _exit(0);
  }
  close(ends[1]);
  MeasurementsOrError result = receive(ends[0]);
  close(ends[0]);
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (!result && WIFSIGNALED(status)) {
    return tl::unexpected(fmt::format("{} (signal {})", result.error(), WTERMSIG(status)));
  }
  return result;
}

}  // namespace ecmpd::bench
