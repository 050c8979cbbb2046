// UPDATE: the first byte chooses the kind of peer and what was negotiated, the rest is the body. A decoder that has
// seen the bytes before gives the same as a fresh one, and what is announced is usable.
#include <algorithm>
#include <cstdlib>
#include <optional>
#include <vector>

#include "control/bgp/update.h"

using namespace ecmpd::control::bgp;

namespace {

struct Outcome {
  bool reset = false;
  PathAttributes attributes{};
  std::vector<ecmpd::hash::Prefix> announced{}, mp_announced{}, withdrawn{};
  std::vector<uint32_t> announced_ids{}, mp_announced_ids{}, withdrawn_ids{};
  std::optional<Family> end_of_rib{};
  bool operator==(const Outcome&) const = default;
};

Outcome decode(UpdateDecoder& decoder, Bytes body) {
  const auto update = decoder.decode(body);
  if (!update) return {.reset = true};
  Outcome out;
  if (!update->announced.empty()) out.attributes = *update->attributes;
  out.announced.assign(update->announced.begin(), update->announced.end());
  out.mp_announced.assign(update->mp_announced.begin(), update->mp_announced.end());
  out.withdrawn.assign(update->withdrawn.begin(), update->withdrawn.end());
  out.announced_ids.assign(update->announced_ids.begin(), update->announced_ids.end());
  out.mp_announced_ids.assign(update->mp_announced_ids.begin(), update->mp_announced_ids.end());
  out.withdrawn_ids.assign(update->withdrawn_ids.begin(), update->withdrawn_ids.end());
  out.end_of_rib = update->end_of_rib;
  return out;
}

void check_ids(const std::vector<ecmpd::hash::Prefix>& prefixes, const std::vector<uint32_t>& ids) {
  if (!ids.empty() && ids.size() != prefixes.size()) abort();
}

bool has(const std::vector<ecmpd::hash::Prefix>& prefixes, Family family) {
  return std::any_of(prefixes.begin(), prefixes.end(), [=](const auto& one) { return one.family() == family; });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const AttributeContext context{.four_octet_as = (data[0] & 1) != 0,
                                 .ebgp = (data[0] & 2) != 0,
                                 .families = {.ipv4 = (data[0] & 4) == 0, .ipv6 = (data[0] & 8) == 0},
                                 .add_path = {.ipv4 = (data[0] & 16) != 0, .ipv6 = (data[0] & 32) != 0},
                                 .zone = uint16_t(data[0] >> 6)};
  const Bytes body(data + 1, size - 1);
  UpdateDecoder decoder;
  decoder.reset(context);
  const Outcome first = decode(decoder, body);
  if (!first.reset && decode(decoder, body) != first) abort();
  if (!first.announced.empty() && first.attributes.next_hop == ecmpd::hash::IpAddress()) abort();
  if (first.end_of_rib && !(first.announced.empty() && first.withdrawn.empty())) abort();
  check_ids(first.announced, first.announced_ids);
  check_ids(first.mp_announced, first.mp_announced_ids);
  check_ids(first.withdrawn, first.withdrawn_ids);
  for (const Family family : {Family::kIpv4, Family::kIpv6}) {
    if (context.families.contains(family)) continue;
    if (has(first.announced, family) || has(first.mp_announced, family) || has(first.withdrawn, family)) abort();
    if (first.end_of_rib == family) abort();
  }
  return 0;
}
