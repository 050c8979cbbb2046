// The keys that [[neighbor]] and [[listen]] share. Control thread.
#pragma once

#include <optional>
#include <string_view>

#include "control/config/config.h"
#include "control/config/reader.h"

namespace ecmpd::control {

void read_policy(const Table& table, PeerPolicy& out);
/// `families`, `add_path`, `graceful_restart`, `ttl_security_hops`, `ebgp_multihop`.
void read_session(const Table& table, SessionOptions& out);
/// "64512:100", or a name of a well-known one; a mistake is reported at `item`.
std::optional<uint32_t> read_community(const Item& item, std::string_view text);

}  // namespace ecmpd::control
