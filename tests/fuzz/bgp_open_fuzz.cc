// OPEN: what is accepted can be encoded, and decodes to the same values again.
#include <cstdlib>

#include "control/bgp/message.h"
#include "control/bgp/open.h"

using namespace ecmpd::control::bgp;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto open = decode_open(Bytes(data, size));
  if (!open) return 0;
  if (open->asn == 0 || open->router_id == 0 || open->hold_time == 1 || open->hold_time == 2) abort();
  if (open->families.size() > 30) return 0;  // more than one classic parameter holds
  const auto bytes = encode_open(*open);
  const auto again = decode_open((*next_frame(bytes))->body);
  if (!again || again->asn != open->asn || again->hold_time != open->hold_time || again->router_id != open->router_id ||
      again->families != open->families) {
    abort();
  }
  return 0;
}
