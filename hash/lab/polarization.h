// Polarization: does a tier's choice depend on the choices that brought a flow to it?
//
// A router behind member m of another one sees only the flows that were sent to m. If its own choice follows from m, it
// spreads them over few of its members, whatever it has. Measured as the mutual information between a tier's choice and
// the path before it; independent choices of F flows give (paths before - 1)(members - 1) / (2 F ln 2) bits by chance.
// Sums run in a fixed order. Pure functions; any thread.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace ecmpd::hash::lab {

struct Tier {
  uint32_t members = 1;
  std::vector<uint16_t> choices;  // of each flow, below `members`
};

enum class PolarizationVerdict : uint8_t {
  kIndependent,
  kPolarized,
  kTooFewFlows,  // below five a path, with no more paths empty than chance leaves
};
/// "independent", "polarized" or "too few flows".
std::string_view to_string(PolarizationVerdict verdict);

struct Polarization {
  size_t tier = 1;  // the tier, from 0, that follows most from what is before it; the figures of bits are its own
  double mutual_information_bits = 0;
  double chance_bits = 0;
  double conditional_entropy_bits = 0;  // of the choice when the path before it is known
  double most_bits = 0;                 // what that would be if each path spread evenly: log2(members)
  double p = 1;                         // that independent choices look as dependent, by Pearson's chi-square test
  uint64_t paths_used = 0;
  uint64_t paths = 0;
  PolarizationVerdict verdict = PolarizationVerdict::kIndependent;
};

/// The largest product of the tiers' members that polarization() takes.
constexpr uint64_t kMostPaths = 1u << 22;

/// `tiers`: at least two, with the same number of flows, at least one.
Polarization polarization(std::span<const Tier> tiers);

}  // namespace ecmpd::hash::lab
