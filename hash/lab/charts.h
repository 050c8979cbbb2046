// The report's charts, as SVG text. Each is readable in print: what colour says, a place or a label says as well. Pure.
#pragma once

#include <span>
#include <string>

#include "hash/lab/report_data.h"
#include "hash/lab/speed.h"

namespace ecmpd::hash::lab {

/// Points of one function and selector: a column for each number of members, in it a mark for each workload, from 5 to
/// 95 of 100 seeds, over the band where perfect hashing lies.
std::string evenness_chart(std::span<const EvennessPoint> points);

/// A bar for each event: what moved, and how much of it was unavoidable.
std::string disruption_chart(const Disruption& disruption);

/// First tiers down, second tiers across: how much of the second choice is known from the first.
std::string polarization_chart(std::span<const TierPair> pairs);

/// Nanoseconds for a key.
std::string speed_chart(std::span<const Speed> speeds);

}  // namespace ecmpd::hash::lab
