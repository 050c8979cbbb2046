#include "control/bgp/as_path.h"

#include <algorithm>

namespace ecmpd::control::bgp {

namespace {

constexpr uint8_t kConfederationSequence = 3, kConfederationSet = 4;  // RFC 5065

std::optional<std::vector<AsPathSegment>> decode(Bytes value, bool four_octet, bool skip_confederations) {
  std::vector<AsPathSegment> path;
  Reader reader(value);
  while (!reader.empty()) {
    uint8_t type = 0, count = 0;
    Bytes asns;
    const size_t width = four_octet ? 4 : 2;
    if (!reader.u8(type) || !reader.u8(count) || !reader.take(count * width, asns)) return std::nullopt;
    if (skip_confederations && (type == kConfederationSequence || type == kConfederationSet)) continue;
    if ((type != 1 && type != 2) || count == 0) return std::nullopt;
    AsPathSegment& segment = path.emplace_back();
    segment.type = static_cast<AsPathSegment::Type>(type);
    segment.asns.reserve(count);
    for (size_t at = 0; at < asns.size(); at += width) {
      const uint32_t asn = four_octet ? load_u32(&asns[at]) : load_u16(&asns[at]);
      if (asn == 0) return std::nullopt;
      segment.asns.push_back(asn);
    }
  }
  return path;
}

}  // namespace

std::optional<std::vector<AsPathSegment>> decode_as_path(Bytes value, bool four_octet) {
  return decode(value, four_octet, false);
}

std::optional<std::vector<AsPathSegment>> decode_as4_path(Bytes value) { return decode(value, true, true); }

std::vector<AsPathSegment> merge_as4_path(std::vector<AsPathSegment> as_path, std::vector<AsPathSegment> as4_path) {
  const unsigned length = as_path_length(as_path);
  const unsigned length4 = as_path_length(as4_path);
  // A path that is shorter than its AS4_PATH was changed by someone who knows nothing of it.
  if (length < length4) return as_path;
  unsigned lead = length - length4;
  std::vector<AsPathSegment> out;
  for (AsPathSegment& segment : as_path) {
    if (lead == 0) break;
    if (segment.type == AsPathSegment::Type::kSet) {
      --lead;
    } else {
      const unsigned taken = std::min<unsigned>(lead, static_cast<unsigned>(segment.asns.size()));
      segment.asns.resize(taken);
      lead -= taken;
    }
    out.push_back(std::move(segment));
  }
  for (AsPathSegment& segment : as4_path) {
    const bool joins = !out.empty() && out.back().type == AsPathSegment::Type::kSequence &&
                       segment.type == AsPathSegment::Type::kSequence;
    if (joins) {
      out.back().asns.insert(out.back().asns.end(), segment.asns.begin(), segment.asns.end());
    } else {
      out.push_back(std::move(segment));
    }
  }
  return out;
}

unsigned as_path_length(const std::vector<AsPathSegment>& path) {
  unsigned length = 0;
  for (const AsPathSegment& segment : path) {
    length += segment.type == AsPathSegment::Type::kSet ? 1 : static_cast<unsigned>(segment.asns.size());
  }
  return length;
}

uint32_t neighbor_as(const std::vector<AsPathSegment>& path) {
  if (path.empty() || path.front().type == AsPathSegment::Type::kSet || path.front().asns.empty()) return 0;
  return path.front().asns.front();
}

}  // namespace ecmpd::control::bgp
