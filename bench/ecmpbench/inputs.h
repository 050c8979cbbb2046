// What goes into the router in a case: prefixes, a frame for each flow, and the capture files that net_pcap reads.
//
// Main thread. The files live as long as the object; net_pcap has read them when its device is open.
#pragma once

#include <memory>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "bench/ecmpbench/frames.h"
#include "bench/ecmpbench/plan.h"

namespace ecmpd::bench {

class Inputs {
 public:
  Inputs() = default;
  ~Inputs();
  Inputs(const Inputs&) = delete;
  Inputs& operator=(const Inputs&) = delete;

  const std::vector<hash::Prefix>& prefixes() const { return prefixes_; }
  /// Number i has the number i. Their destination address is that of the last port.
  const std::vector<Frame>& frames() const { return frames_; }
  /// A file for each of kInputs ports.
  const std::vector<std::string>& captures() const { return captures_; }

 private:
  friend tl::expected<std::unique_ptr<Inputs>, std::string> make_inputs(const Case& plan);
  std::vector<hash::Prefix> prefixes_;
  std::vector<Frame> frames_;
  std::vector<std::string> captures_;
  std::string folder_;
};

tl::expected<std::unique_ptr<Inputs>, std::string> make_inputs(const Case& plan);

}  // namespace ecmpd::bench
