#include <fmt/core.h>

#include <algorithm>
#include <charconv>

#include "control/ctl/doctor.h"

namespace ecmpd::control::ctl {
namespace {

constexpr uint64_t kNeighbors = 4096;
const std::string kNet = "proc/sys/net/ipv4/";

Finding forwarding(const Tree& tree) {
  Finding out{.check = "ip_forward", .found = "0"};
  if (tree.number(kNet + "ip_forward").value_or(0) == 0) return out;
  out.health = Health::kAdvice;
  out.found = "1";
  out.why = "the kernel forwards between its other interfaces; packets of ecmpd's ports never reach it";
  out.command = "sysctl -w net.ipv4.ip_forward=0";
  return out;
}

Finding reverse_path(const Tree& tree) {
  const uint64_t all = tree.number(kNet + "conf/all/rp_filter").value_or(0);
  Finding out{.check = "rp_filter", .found = fmt::format("all: {}", all)};
  if (all != 1) return out;
  out.health = Health::kMissing;
  out.why =
      "strict on all interfaces also counts for ecmpd's own: the router does not answer hosts that are not on its "
      "links";
  out.command = "sysctl -w net.ipv4.conf.all.rp_filter=0";
  return out;
}

Finding neighbors(const Tree& tree, const std::string& family) {
  const auto most = tree.number("proc/sys/net/" + family + "/neigh/default/gc_thresh3");
  Finding out{.check = "gc_thresh3 " + family, .found = most ? fmt::format("{} neighbors", *most) : "not readable"};
  if (!most || *most >= kNeighbors) return out;
  out.health = Health::kAdvice;
  out.why = "the kernel keeps no more hosts of all links together; beyond, nexthops do not resolve";
  out.command =
      fmt::format("sysctl -w net.{0}.neigh.default.gc_thresh3=16384 net.{0}.neigh.default.gc_thresh2=8192", family);
  return out;
}

bool is_number(const std::string& text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isdigit(c) != 0; });
}

std::vector<std::string> running(const Tree& tree) {
  std::vector<std::string> out;
  for (const std::string& process : tree.list("proc")) {
    if (is_number(process) && tree.read("proc/" + process + "/comm") == "ecmpd") out.push_back(process);
  }
  return out;
}

/// What a daemon that was killed leaves behind. Its interfaces and nftables tables go with the process, and its routing
/// rules are replaced by the next start.
Finding leftovers(const Tree& tree) {
  std::string found, command;
  const auto add = [&](const std::string& path) {
    found += (found.empty() ? "" : ", ") + ("/" + path);
    command += (command.empty() ? "rm -r" : "") + (" /" + path);
  };
  for (const std::string& name : tree.list("run/dpdk")) {
    const std::string pid = name.starts_with("ecmpd") ? name.substr(5) : "";
    if (is_number(pid) && !tree.exists("proc/" + pid)) add("run/dpdk/" + name);
  }
  const auto daemons = running(tree);
  if (daemons.empty() && tree.exists("run/ecmpd.sock")) add("run/ecmpd.sock");
  std::string pids;
  for (const std::string& pid : daemons) pids += " " + pid;
  Finding out{.check = "earlier runs", .found = daemons.empty() ? "nothing left" : "ecmpd runs: process" + pids};
  if (found.empty()) return out;
  out.health = Health::kAdvice;
  out.found = "left by a daemon that was killed: " + found;
  out.why = "harmless; the next start replaces the socket";
  out.command = command;
  return out;
}

}  // namespace

Findings check_kernel(const Tree& tree) {
  return {forwarding(tree), reverse_path(tree), neighbors(tree, "ipv4"), neighbors(tree, "ipv6"), leftovers(tree)};
}

}  // namespace ecmpd::control::ctl
