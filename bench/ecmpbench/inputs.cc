#include "bench/ecmpbench/inputs.h"

#include <fmt/core.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "bench/ecmpbench/testbed.h"
#include "bench/ecmpbench/traffic.h"

namespace ecmpd::bench {

Inputs::~Inputs() {
  std::error_code ignored;
  if (!folder_.empty()) std::filesystem::remove_all(folder_, ignored);
}

tl::expected<std::unique_ptr<Inputs>, std::string> make_inputs(const Case& plan) {
  auto out = std::make_unique<Inputs>();
  out->prefixes_ = make_prefixes(plan.family, plan.prefixes, plan.seed);
  const std::vector<hash::Tuple> flows = make_flows(out->prefixes_, plan.flows, plan.seed);
  const unsigned size = plan.size == 0 ? least_size(plan.family) : plan.size;
  std::string folder = std::filesystem::temp_directory_path() / "ecmpbench.XXXXXX";
  if (mkdtemp(folder.data()) == nullptr) {
    return tl::unexpected(fmt::format("cannot make a folder {}: {}", folder, std::strerror(errno)));
  }
  out->folder_ = folder;
  for (unsigned port = 0; port < kInputs; ++port) {
    out->frames_.clear();
    for (uint32_t i = 0; i < flows.size(); ++i) {
      out->frames_.push_back(make_frame(flows[i], i, size, input_mac(port)));
    }
    const std::string path = fmt::format("{}/in{}.pcap", folder, port);
    if (!write_capture(path, out->frames_)) {
      return tl::unexpected(fmt::format("cannot write {}: {}", path, std::strerror(errno)));
    }
    out->captures_.push_back(path);
  }
  return out;
}

}  // namespace ecmpd::bench
