// The values of a configuration that are more than a number: addresses, prefixes, filters, CPU lists, devices.
//
// Each takes the item that holds the text; on a mistake it reports one line there and returns nothing. Control thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "control/config/config.h"
#include "control/config/reader.h"

namespace ecmpd::control {

inline constexpr std::string_view kAllowedAddress = "an IPv4 or IPv6 address of one host";
inline constexpr std::string_view kAllowedPrefix = R"(a prefix such as "203.0.113.0/24")";

/// A unicast address.
std::optional<IpAddress> read_address(const Item& item, std::string_view allowed = kAllowedAddress);
/// An address of a port with the length of its subnet; neither the network's nor the broadcast address.
std::optional<InterfaceAddress> read_interface_address(const Item& item);
/// A prefix without host bits. `text` is the part of the item's string to read.
std::optional<Prefix> read_prefix(const Item& item, std::string_view text, std::string_view allowed = kAllowedPrefix);
/// "PREFIX [ge N] [le N]". Without ge and le the length itself; with ge alone, any longer ones too.
std::optional<PrefixRule> read_prefix_rule(const Item& item);
/// A number, or "[ge N] [le N]".
std::optional<NumberRange> read_range(const Item& item, uint32_t most);
/// 1 to 4294967295, but not AS_TRANS (RFC 6793).
std::optional<uint32_t> read_asn(const Item& item);
std::optional<uint32_t> read_router_id(const Item& item);
/// "1-3,5": distinct CPUs, all of them in `available`; in ascending order.
std::optional<std::vector<unsigned>> read_cpus(const Item& item, const std::vector<unsigned>& available);
/// {0, 1, 2, 5} is "0-2,5"; `cpus` ascending.
std::string format_cpus(const std::vector<unsigned>& cpus);
/// A unicast MAC address, six pairs of hexadecimal digits with colons.
std::optional<MacAddress> read_mac(const Item& item);
/// "af_packet:veth1", "0000:3b:00.0", ..
std::optional<std::pair<DeviceKind, std::string>> read_device(const Item& item);
std::optional<std::string> read_port_name(const Item& item);

/// A link-local address has 54 zero bits behind its first ten (RFC 4291, 2.5.6); true for any other address.
bool is_proper_link_local(const IpAddress& address);
/// Why an address cannot be a host's ("is a multicast address"); empty when it can.
std::string_view why_not_unicast(const IpAddress& address);
/// Why an address of this subnet cannot be a host's ("is the subnet's network address"); empty when it can.
std::string_view why_not_host(const IpAddress& address, const Prefix& subnet);

}  // namespace ecmpd::control
