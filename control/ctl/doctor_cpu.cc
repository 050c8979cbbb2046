#include <fmt/core.h>

#include <set>
#include <sstream>

#include "control/ctl/doctor.h"

namespace ecmpd::control::ctl {
namespace {

std::set<std::string> flags_of(const Tree& tree) {
  for (const std::string& line : tree.lines("proc/cpuinfo")) {
    if (!line.starts_with("flags")) continue;
    std::istringstream words(line.substr(line.find(':') + 1));
    std::set<std::string> out;
    for (std::string word; words >> word;) out.insert(word);
    return out;
  }
  return {};
}

/// Of a list like "0-3,8".
unsigned count(const std::string& list) {
  std::istringstream parts(list);
  unsigned out = 0;
  for (std::string part; std::getline(parts, part, ',');) {
    unsigned first = 0, last = 0;
    const int got = std::sscanf(part.c_str(), "%u-%u", &first, &last);
    out += got == 2 && last >= first ? last - first + 1 : got == 1 ? 1 : 0;
  }
  return out;
}

Finding instructions(const std::set<std::string>& flags) {
  Finding out{.check = "instructions", .found = ""};
  if (!flags.contains("sse4_2") || !flags.contains("ssse3")) {
    out.health = Health::kMissing;
    out.found = "no SSE 4.2";
    out.why = "ecmpd is built for x86-64-v2, every CPU since 2009; in a virtual machine the host may hide it";
    out.command = "qemu: -cpu host";
    return out;
  }
  const bool avx512 = flags.contains("avx512f");
  const char* hash = avx512 ? "AVX-512" : flags.contains("avx2") ? "AVX2" : "scalar";
  out.found = fmt::format("hash {}, IPv6 lookup {}", hash, avx512 ? "AVX-512" : "scalar");
  return out;
}

Finding clock(const std::set<std::string>& flags) {
  Finding out{.check = "time stamps", .found = "TSC at a constant rate"};
  if (flags.contains("constant_tsc")) return out;
  out.health = Health::kAdvice;
  out.found = "TSC changes its rate";
  out.why = "rate limits, and the times of traces and captures, follow the CPU's frequency";
  return out;
}

Finding cpus(const Tree& tree) {
  const unsigned online = count(tree.read("sys/devices/system/cpu/online"));
  const std::string isolated = tree.read("sys/devices/system/cpu/isolated");
  Finding out{.check = "CPUs",
              .found = fmt::format("{} online, isolated: {}", online, isolated.empty() ? "none" : isolated)};
  if (online < 2) {
    out.health = Health::kMissing;
    out.why = "a worker polls without end, and the control thread (BGP, ARP) needs a CPU beside it";
    out.command = "give the machine a second CPU, or [dataplane] idle = \"sleep\"";
  } else if (isolated.empty()) {
    out.health = Health::kAdvice;
    out.why = "other programs may interrupt a polling worker; with real NICs, keep them off its CPU";
    out.command =
        fmt::format("kernel command line: isolcpus={0} nohz_full={0}; [dataplane] workers = \"{0}\"", online - 1);
  }
  return out;
}

}  // namespace

Findings check_cpu(const Tree& tree) {
  const auto flags = flags_of(tree);
  return {instructions(flags), clock(flags), cpus(tree)};
}

}  // namespace ecmpd::control::ctl
