// The packets of a capture as units, for evenness and sweeps. Any one thread.
#pragma once

#include <cstdint>
#include <string>
#include <tl/expected.hpp>

#include "hash/key.h"
#include "hash/lab/units.h"

namespace ecmpd::hash::lab {

struct CaptureUnits {
  Units units;          // flows are distinct 5-tuples (a fragmented datagram's has no ports); bytes those of the frames
  uint64_t frames = 0;  // in the file
  uint64_t others = 0;  // of these, without an IP packet
};

/// Keys as the router makes them of the packets. The error names the file and, once reading has begun, the frame.
tl::expected<CaptureUnits, std::string> capture_units(const std::string& path, const KeyFields& fields);

}  // namespace ecmpd::hash::lab
