// AS_PATH on the wire, in two- and four-octet form, and how the two are joined (RFC 4271 4.3 b, RFC 6793). Pure.
#pragma once

#include <optional>
#include <vector>

#include "control/bgp/attributes.h"
#include "control/bgp/wire.h"

namespace ecmpd::control::bgp {

/// Nullopt when malformed (RFC 7606 section 7.2): an unknown segment type, a confederation segment, a segment of
/// length zero or one that overruns or leaves a byte over, or AS 0 (RFC 7607).
std::optional<std::vector<AsPathSegment>> decode_as_path(Bytes value, bool four_octet);

/// AS4_PATH, always four octets wide. Confederation segments in it are left out (RFC 6793 section 6); otherwise like
/// the former.
std::optional<std::vector<AsPathSegment>> decode_as4_path(Bytes value);

/// RFC 6793 section 4.2.3: the two-octet path, with its tail replaced by what AS4_PATH knows.
std::vector<AsPathSegment> merge_as4_path(std::vector<AsPathSegment> as_path, std::vector<AsPathSegment> as4_path);

}  // namespace ecmpd::control::bgp
