// --workload with --flows, or --pcap: what traffic a subcommand looks at. Main thread.
#pragma once

#include <string>
#include <tl/expected.hpp>

#include "hash/lab/command.h"
#include "hash/lab/options.h"
#include "hash/lab/units.h"

namespace ecmpd::hash::lab {

constexpr uint32_t kMostFlows = 1u << 24;

class WorkloadOption {
 public:
  void declare(Options& options);
  /// The names, with what they are: for a subcommand's help.
  static std::string teaching();

  /// Of the workload, or the path of the capture.
  const std::string& name() const { return capture_.empty() ? name_ : capture_; }
  tl::expected<Units, Failure> units(const KeyFields& fields, uint64_t seed) const;

 private:
  std::string name_ = "uniform";
  uint32_t flows_ = 65536;
  std::string capture_;
};

/// Names that --workload takes.
std::vector<std::string> workload_names();

}  // namespace ecmpd::hash::lab
