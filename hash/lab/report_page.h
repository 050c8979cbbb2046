// The report: one HTML page that holds all it needs, readable without a network or scripts, on paper too. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "hash/lab/report_data.h"
#include "hash/lab/speed.h"

namespace ecmpd::hash::lab {

/// What is empty is left out of the page.
struct Report {
  std::string title = "Multipath hashing";
  std::vector<EvennessPoint> evenness;
  std::vector<Disruption> disruptions;
  std::vector<TierPair> pairs;
  std::vector<Speed> speeds;
};

std::string report_page(const Report& report);

}  // namespace ecmpd::hash::lab
