// Text of addresses and prefixes: whatever parses prints as text that parses to the same value.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "hash/address.h"

using ecmpd::hash::IpAddress;
using ecmpd::hash::Prefix;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto address = IpAddress::parse(text)) {
    if (IpAddress::parse_with_zone(address->to_string()) != address) abort();
  }
  if (const auto prefix = Prefix::parse(text)) {
    if (Prefix::parse(prefix->to_string()) != prefix) abort();
    if (!prefix->contains(prefix->address())) abort();
  }
  return 0;
}
