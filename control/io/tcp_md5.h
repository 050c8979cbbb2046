// TCP MD5 signatures (RFC 2385) on a socket. Control thread.
#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "hash/address.h"

namespace ecmpd::control {

/// Requires the key of every segment to and from the addresses in `peers`; of several prefixes the longest counts. An
/// empty password removes the key. At most 80 bytes. The error is one line of text.
tl::expected<void, std::string> set_tcp_md5(int fd, const hash::Prefix& peers, std::string_view password);

}  // namespace ecmpd::control
