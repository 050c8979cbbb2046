// ROUTE-REFRESH: four octets and nothing else are one, and what we ask for is what a peer would read.
#include <cstdlib>

#include "control/bgp/message.h"
#include "control/bgp/route_refresh.h"

using namespace ecmpd::control::bgp;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto refresh = decode_route_refresh(Bytes(data, size));
  if (refresh.has_value() != (size == 4)) abort();
  if (!refresh) return 0;
  const auto family = routed_family(refresh->family);
  if (!family) return 0;
  const auto message = encode_route_refresh(*family);
  const auto again = decode_route_refresh((*next_frame(message))->body);
  if (!again || again->family != refresh->family || again->subtype != 0) abort();
  return 0;
}
