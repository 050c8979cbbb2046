// Which TCP MD5 keys a listening socket needs, so that every peer is asked for its own password and nobody else's.
//
// The kernel takes the key of the longest prefix that holds an address, and knows no "without": a peer without a
// password inside a range with one is left out by covering the rest of the range in pieces. Pure.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "hash/address.h"

namespace ecmpd::control {

/// A key for everybody in a range; an empty password: none is asked for.
struct TcpKey {
  hash::Prefix peers;
  std::string password;
  bool operator==(const TcpKey&) const = default;
};

/// The keys of one family, with passwords, that together say what `wanted` says when the longest prefix counts.
std::vector<TcpKey> kernel_keys(std::span<const TcpKey> wanted, hash::Family family);

}  // namespace ecmpd::control
