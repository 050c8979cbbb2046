// UPDATE: the first two bits choose the kind of peer, the rest is the body. A decoder that has seen the bytes before
// gives the same as a fresh one, and what is announced is usable.
#include <cstdlib>
#include <vector>

#include "control/bgp/update.h"

using namespace ecmpd::control::bgp;

namespace {

struct Outcome {
  bool reset = false;
  PathAttributes attributes{};
  std::vector<ecmpd::hash::Prefix> announced{}, mp_announced{}, withdrawn{};
  bool end_of_rib = false;
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
  out.end_of_rib = update->end_of_rib;
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const AttributeContext context{.four_octet_as = (data[0] & 1) != 0, .ebgp = (data[0] & 2) != 0};
  const Bytes body(data + 1, size - 1);
  UpdateDecoder decoder;
  decoder.reset(context);
  const Outcome first = decode(decoder, body);
  if (!first.reset && decode(decoder, body) != first) abort();
  if (!first.announced.empty() && first.attributes.next_hop == ecmpd::hash::IpAddress()) abort();
  if (first.end_of_rib && !(first.announced.empty() && first.withdrawn.empty())) abort();
  return 0;
}
