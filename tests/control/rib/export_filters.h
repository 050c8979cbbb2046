// Export filters that tests use again and again.
#pragma once

#include "control/config/policy.h"

namespace ecmpd::control {

inline ExportFilter anything() {
  ExportFilter filter;
  filter.rules.emplace_back();
  return filter;
}

inline ExportFilter aggregate(const char* prefix) {
  ExportFilter filter;
  filter.rules.emplace_back().aggregate = hash::Prefix::parse(prefix).value();
  return filter;
}

}  // namespace ecmpd::control
