#include <fmt/core.h>

#include <algorithm>
#include <sstream>

#include "control/ctl/doctor.h"

namespace ecmpd::control::ctl {
namespace {

constexpr uint64_t kWanted = 512;  // MB: a router of some ports
constexpr uint64_t kShare = 4;     // --fix takes at most a quarter of what is available
const std::string kPages = "sys/kernel/mm/hugepages/";

struct Pages {
  uint64_t total = 0;
  uint64_t free = 0;
};

Pages pages_of(const Tree& tree, unsigned kilobytes) {
  const std::string folder = kPages + fmt::format("hugepages-{}kB/", kilobytes);
  return {tree.number(folder + "nr_hugepages").value_or(0), tree.number(folder + "free_hugepages").value_or(0)};
}

uint64_t available_megabytes(const Tree& tree) {
  for (const std::string& line : tree.lines("proc/meminfo")) {
    unsigned long long kilobytes = 0;
    if (std::sscanf(line.c_str(), "MemAvailable: %llu kB", &kilobytes) == 1) return kilobytes / 1024;
  }
  return 0;
}

bool is_mounted(const Tree& tree, const std::string& type) {
  for (const std::string& line : tree.lines("proc/mounts")) {
    std::istringstream words(line);
    std::string device, directory, filesystem;
    words >> device >> directory >> filesystem;
    if (filesystem == type) return true;
  }
  return false;
}

Finding hugepages(const Tree& tree) {
  const Pages small = pages_of(tree, 2048);
  const Pages large = pages_of(tree, 1048576);
  const uint64_t free = 2 * small.free + 1024 * large.free;
  Finding out{.check = "hugepages",
              .found = fmt::format("2 MB: {} of {} free; 1 GB: {} of {} free", small.free, small.total, large.free,
                                   large.total)};
  if (free >= kWanted) return out;
  const uint64_t room = available_megabytes(tree) / kShare;
  const uint64_t take = std::min(kWanted - free, room) / 2;
  out.health = Health::kMissing;
  out.why = fmt::format(
      "ecmpd wants about {} MB of them; without, it takes ordinary memory and real NICs (PCI) are slow or "
      "refuse to start",
      kWanted);
  const std::string file = kPages + "hugepages-2048kB/nr_hugepages";
  if (!tree.exists(file) || take == 0) {
    out.command = "more memory, or a kernel with hugepages";
    return out;
  }
  const std::string number = std::to_string(small.total + take);
  out.command = fmt::format("echo {} > /{}", number, file);
  // The kernel gives what is free, and pages in use stay as they are. It reports no error when it finds fewer.
  out.fix = [tree, file, number, before = small.total, take](const Hands& hands) {
    if (const std::string error = hands.write(file, number); !error.empty()) return error;
    const uint64_t now = tree.number(file).value_or(0);
    const uint64_t given = now - std::min(now, before);
    if (given < take) return fmt::format("the kernel gave {} of {} pages; after a reboot memory is whole", given, take);
    return fmt::format("reserved {} pages, and a quarter of the available memory is not enough", given);
  };
  return out;
}

Finding mounted(const Tree& tree, const std::string& type, const std::string& directory, const std::string& why) {
  Finding out{.check = type, .found = "mounted"};
  if (is_mounted(tree, type)) return out;
  out.health = Health::kAdvice;
  out.found = "not mounted";
  out.why = why;
  out.command =
      fmt::format("mkdir -p {0} && mount -t {1} -o nosuid,nodev,noexec,{2} {1} {0}", directory, type, kMountMode);
  out.fix = [type, directory](const Hands& hands) { return hands.mount(type, directory); };
  return out;
}

/// Of this process: what the shell that asks may lock.
Finding locked(const Tree& tree) {
  Finding out{.check = "locked memory", .found = "limit not readable"};
  for (const std::string& line : tree.lines("proc/self/limits")) {
    if (!line.starts_with("Max locked memory")) continue;
    const std::string soft = line.substr(26, line.find(' ', 26) - 26);
    out.found = soft == "unlimited" ? soft : fmt::format("{} kB", std::strtoull(soft.c_str(), nullptr, 10) / 1024);
    if (soft == "unlimited" || std::strtoull(soft.c_str(), nullptr, 10) >= kWanted << 20) return out;
    out.health = Health::kAdvice;
    out.why = "af_xdp and vfio lock packet memory; root may anyway, a service without CAP_IPC_LOCK may not";
    out.command = "ulimit -l unlimited; in a systemd unit: LimitMEMLOCK=infinity";
  }
  return out;
}

}  // namespace

Findings check_memory(const Tree& tree) {
  return {
      hugepages(tree),
      mounted(tree, "hugetlbfs", "/dev/hugepages", "ecmpd needs no mount; other DPDK programs (testpmd) do"),
      mounted(tree, "bpf", "/sys/fs/bpf", "af_xdp keeps its program there when several programs share an interface"),
      locked(tree)};
}

}  // namespace ecmpd::control::ctl
