#include "hash/lab/workload_option.h"

#include <fmt/core.h>

#include "hash/lab/mix.h"

namespace ecmpd::hash::lab {
namespace {

/// Made of packets, not of tuples as the others are.
constexpr std::string_view kMix = "mix";

}  // namespace

void WorkloadOption::declare(Options& options) {
  std::vector<std::string> names = workload_names();
  names.emplace_back(kMix);
  const Declared workload = options.choice("--workload", name_, names, "The traffic; see below");
  const Declared flows = options.number("--flows", flows_, {1, kMostFlows}, "Connections to make");
  options.text("--pcap", capture_, "FILE", "The traffic of a capture instead (pcap or pcapng, - for standard input)")
      .excludes(workload)
      .excludes(flows);
}

std::string WorkloadOption::teaching() {
  std::string text = "Workloads:\n";
  for (const Workload& workload : workloads()) text += fmt::format("  {:<20}  {}\n", workload.name, workload.what);
  text += fmt::format("  {:<20}  {}\n", kMix, "packets as they come: with fragments and ICMP errors, half of it IPv6");
  return text;
}

tl::expected<Units, Failure> WorkloadOption::units(const KeyFields& fields, uint64_t seed) const {
  if (!capture_.empty()) {
    auto captured = capture_units(capture_, fields);
    if (!captured) return failure("--pcap: " + captured.error());
    return *std::move(captured);
  }
  if (name_ == kMix) return mix_units(flows_, fields, seed);
  return make_units(*find_workload(name_), flows_, fields, seed);
}

std::vector<std::string> workload_names() {
  std::vector<std::string> names;
  for (const Workload& workload : workloads()) names.emplace_back(workload.name);
  return names;
}

}  // namespace ecmpd::hash::lab
