// Which packets somebody wants to see: a filter of the kind that tcpdump takes, compiled for the classic BPF machine.
//
// Compiled by control (control/api/filter.h), run by workers: no allocation, no system call, every program ends. An
// object does not change. Door 1.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace ecmpd::dataplane {

/// Laid out as libpcap's bpf_insn.
struct FilterInstruction {
  uint16_t code;
  uint8_t if_true;   // instructions to skip
  uint8_t if_false;  // likewise
  uint32_t operand;
};

class PacketFilter {
 public:
  /// Everything.
  PacketFilter() = default;
  /// A valid program for Ethernet frames; an empty one takes everything.
  explicit PacketFilter(std::vector<FilterInstruction> program) : program_(std::move(program)) {}

  /// `begin` is the first segment of a frame that is `length` bytes long. A program that looks beyond the segment does
  /// not match.
  bool matches(std::span<const uint8_t> begin, unsigned length) const;

 private:
  std::vector<FilterInstruction> program_;
};

}  // namespace ecmpd::dataplane
