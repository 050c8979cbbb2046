#include "dataplane/packet_filter.h"

// The second needs the first's types.
// clang-format off
#include <sys/types.h>
#include <pcap/bpf.h>
// clang-format on

#include <cstddef>

namespace ecmpd::dataplane {

static_assert(sizeof(FilterInstruction) == sizeof(bpf_insn) &&
              offsetof(FilterInstruction, operand) == offsetof(bpf_insn, k) &&
              offsetof(FilterInstruction, if_true) == offsetof(bpf_insn, jt));

bool PacketFilter::matches(std::span<const uint8_t> begin, unsigned length) const {
  if (program_.empty()) return true;
  const auto* program = reinterpret_cast<const bpf_insn*>(program_.data());
  return bpf_filter(program, begin.data(), length, static_cast<unsigned>(begin.size())) != 0;
}

}  // namespace ecmpd::dataplane
