// The record of home layouts, which a restart needs to give every flow the member that it had.
//
// JSON text: {"version":1,"seed":..,"buckets":..,"layouts":[{"founders":[{"address","weight"}],"steps":[{"kind":
// "join|strike|reweigh","address","weight"}],"buckets":..,"prefixes":[..],"away":[..]}]}. Pure; atomic_file.h writes
// it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "hash/address.h"
#include "hash/lineage.h"

namespace ecmpd::control {

struct LayoutRecord {
  struct Layout {
    hash::Lineage lineage;
    std::vector<hash::Prefix> prefixes;  // sorted
    std::vector<hash::IpAddress> away;   // members that nobody announced then
    bool operator==(const Layout&) const = default;
  };
  uint64_t seed = 0;
  uint32_t buckets = 0;  // the setting: 0 is auto
  std::vector<Layout> layouts;
  bool operator==(const LayoutRecord&) const = default;
};

std::string serialize(const LayoutRecord& record);
/// The error says what is wrong with the text. Whether a lineage makes sense is for Home::replay to say.
tl::expected<LayoutRecord, std::string> parse_layout_record(std::string_view text);

}  // namespace ecmpd::control
