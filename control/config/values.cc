#include "control/config/values.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <set>

namespace ecmpd::control {
namespace {

constexpr std::string_view kAllowedSubnet = R"(an address with its subnet's length, such as "10.0.1.1/24")";
constexpr std::string_view kAllowedPrefixRule = R"(a prefix such as "203.0.113.0/24 ge 25 le 32")";

template <typename T>
std::optional<T> number(std::string_view digits) {
  T value{};
  const char* end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, value);
  if (error != std::errc() || stop != end) return std::nullopt;
  return value;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> out;
  for (;;) {
    const size_t at = text.find(separator);
    out.push_back(text.substr(0, at));
    if (at == std::string_view::npos) return out;
    text.remove_prefix(at + 1);
  }
}

struct Reserved {
  const char* prefix;
  std::string_view why;
};
constexpr Reserved kReserved[] = {
    {"0.0.0.0/8", "is in 0.0.0.0/8, which names no host"},
    {"127.0.0.0/8", "is a loopback address"},
    {"224.0.0.0/4", "is a multicast address"},
    {"240.0.0.0/4", "is in 240.0.0.0/4, which is reserved"},
    {"::/128", "is the unspecified address"},
    {"::1/128", "is the loopback address"},
    {"::ffff:0.0.0.0/96", "is an IPv4 address written as IPv6"},
    {"ff00::/8", "is a multicast address"},
};

std::string_view why_reserved(const Prefix& prefix) {
  static const auto kParsed = [] {
    std::vector<std::pair<Prefix, std::string_view>> out;
    for (const Reserved& entry : kReserved) out.emplace_back(*Prefix::parse(entry.prefix), entry.why);
    return out;
  }();
  for (const auto& [reserved, why] : kParsed) {
    if (reserved.contains(prefix)) return why;
  }
  return {};
}

}  // namespace

bool is_proper_link_local(const IpAddress& address) {
  static const Prefix kProper = *Prefix::parse("fe80::/64");
  return !address.is_link_local() || kProper.contains(address);
}

std::string_view why_not_unicast(const IpAddress& address) { return why_reserved(Prefix(address, address.bits())); }

std::string_view why_not_host(const IpAddress& address, const Prefix& subnet) {
  // RFC 3021 (/31) and RFC 6164 (/127): both addresses are hosts.
  if (subnet.length() + 1 >= address.bits()) return {};
  if (address == subnet.address()) {
    return address.is_v4() ? "is the subnet's network address" : "is the subnet's anycast address (RFC 4291, 2.6.1)";
  }
  if (address.is_v4()) {
    const uint32_t host_bits = ~uint32_t{0} >> subnet.length();
    if ((address.v4_value() & host_bits) == host_bits) return "is the subnet's broadcast address";
  }
  return {};
}

std::optional<IpAddress> read_address(const Item& item, std::string_view allowed) {
  const auto text = item.string(allowed);
  if (!text) return std::nullopt;
  const auto address = IpAddress::parse(*text);
  const std::string_view why = address ? why_not_unicast(*address) : "is not an IP address";
  if (why.empty()) return address;
  item.fail(why, allowed);
  return std::nullopt;
}

std::optional<InterfaceAddress> read_interface_address(const Item& item) {
  const auto text = item.string(kAllowedSubnet);
  if (!text) return std::nullopt;
  const size_t slash = text->find('/');
  const auto address = IpAddress::parse(text->substr(0, slash));
  const auto subnet = Prefix::parse(*text);
  std::string_view why;
  if (address && slash == std::string_view::npos) {
    why = "has no subnet length";
  } else if (!address || !subnet) {
    why = "is not an address with a subnet length";
  } else if (subnet->length() == 0) {
    why = "has a subnet that is the whole address space";
  } else if (!is_proper_link_local(*address)) {
    why = "is not in fe80::/64, as every link-local address";
  } else if (why = why_not_unicast(*address); why.empty()) {
    why = why_not_host(*address, *subnet);
  }
  if (why.empty()) return InterfaceAddress{*address, subnet->length()};
  item.fail(why, kAllowedSubnet);
  return std::nullopt;
}

std::optional<Prefix> read_prefix(const Item& item, std::string_view text, std::string_view allowed) {
  const auto prefix = Prefix::parse(text);
  if (!prefix) {
    item.fail(IpAddress::parse(text) ? "has no prefix length" : "is not a prefix", allowed);
    return std::nullopt;
  }
  if (IpAddress::parse(text.substr(0, text.find('/'))) != prefix->address()) {
    item.fail("has host bits set", quoted(prefix->to_string()));
    return std::nullopt;
  }
  if (const std::string_view why = why_reserved(*prefix); !why.empty()) {
    item.fail(why, allowed);
    return std::nullopt;
  }
  return prefix;
}

namespace {
using Bounds = std::pair<std::optional<uint32_t>, std::optional<uint32_t>>;

/// "ge 25 le 32", in words.
std::optional<Bounds> read_ge_le(const Item& item, const std::vector<std::string_view>& words, std::string_view form,
                                 std::string_view allowed) {
  Bounds out;
  for (size_t i = 0; i < words.size(); i += 2) {
    auto* bound = words[i] == "ge" ? &out.first : words[i] == "le" ? &out.second : nullptr;
    const auto value = i + 1 < words.size() ? number<uint32_t>(words[i + 1]) : std::nullopt;
    if (bound == nullptr || *bound || !value) {
      item.fail(fmt::format("is not {}", form), allowed);
      return std::nullopt;
    }
    *bound = value;
  }
  return out;
}
}  // namespace

std::optional<PrefixRule> read_prefix_rule(const Item& item) {
  const auto text = item.string(kAllowedPrefixRule);
  if (!text) return std::nullopt;
  std::vector<std::string_view> words = split(*text, ' ');
  std::erase(words, std::string_view());
  const auto prefix = read_prefix(item, words.empty() ? std::string_view() : words.front(), kAllowedPrefixRule);
  if (!prefix) return std::nullopt;
  words.erase(words.begin());
  const auto range = read_ge_le(item, words, "PREFIX [ge N] [le N]", kAllowedPrefixRule);
  if (!range) return std::nullopt;
  const unsigned bits = prefix->address().bits();
  const unsigned low = range->first.value_or(prefix->length());
  const unsigned high = range->second.value_or(range->first ? bits : prefix->length());
  if (low < prefix->length() || high < low || high > bits) {
    item.fail("has lengths out of order", fmt::format("{} <= ge <= le <= {}", prefix->length(), bits));
    return std::nullopt;
  }
  return PrefixRule{*prefix, static_cast<uint8_t>(low), static_cast<uint8_t>(high)};
}

std::optional<NumberRange> read_range(const Item& item, uint32_t most) {
  const std::string allowed = fmt::format(R"(a number to {}, or a range such as "ge 1 le 3")", most);
  if (item.node().kind == Node::Kind::kInteger) {
    const auto value = item.integer(0, most, allowed);
    if (!value) return std::nullopt;
    return NumberRange{static_cast<uint32_t>(*value), static_cast<uint32_t>(*value)};
  }
  const auto text = item.string(allowed);
  if (!text) return std::nullopt;
  std::vector<std::string_view> words = split(*text, ' ');
  std::erase(words, std::string_view());
  const auto range = read_ge_le(item, words, "[ge N] [le N]", allowed);
  if (!range) return std::nullopt;
  const NumberRange out{range->first.value_or(0), range->second.value_or(most)};
  if (words.empty() || out.ge > out.le || out.le > most) {
    item.fail("is an empty range", allowed);
    return std::nullopt;
  }
  return out;
}

std::optional<uint32_t> read_asn(const Item& item) {
  const auto asn = item.integer(1, 4294967295);
  if (!asn) return std::nullopt;
  if (*asn == 23456) {
    item.fail("is AS_TRANS (RFC 6793) and nobody's number", "1 to 4294967295 without 23456");
    return std::nullopt;
  }
  return static_cast<uint32_t>(*asn);
}

std::optional<uint32_t> read_router_id(const Item& item) {
  constexpr std::string_view kAllowed = R"(four numbers such as "10.0.0.1", not 0.0.0.0)";
  const auto text = item.string(kAllowed);
  if (!text) return std::nullopt;
  const auto id = IpAddress::parse(*text);
  if (id && id->is_v4() && id->v4_value() != 0) return id->v4_value();
  item.fail("is not a router id", kAllowed);
  return std::nullopt;
}

std::optional<std::vector<unsigned>> read_cpus(const Item& item, const std::vector<unsigned>& available) {
  constexpr std::string_view kForm = R"(CPU numbers such as "1-3,5")";
  const auto text = item.string(kForm);
  if (!text) return std::nullopt;
  std::set<unsigned> cpus;
  for (const std::string_view part : split(*text, ',')) {
    const size_t dash = part.find('-');
    const auto first = number<unsigned>(part.substr(0, dash));
    const auto last = dash == std::string_view::npos ? first : number<unsigned>(part.substr(dash + 1));
    if (!first || !last || *last < *first) {
      item.fail("is not a list of CPUs", kForm);
      return std::nullopt;
    }
    for (unsigned long cpu = *first; cpu <= *last; ++cpu) {
      const auto number = static_cast<unsigned>(cpu);
      if (std::find(available.begin(), available.end(), number) == available.end()) {
        item.fail(fmt::format("names CPU {}, which is not available", number),
                  fmt::format("CPUs that this process may run on: {}", format_cpus(available)));
        return std::nullopt;
      }
      if (!cpus.insert(number).second) {
        item.fail(fmt::format("names CPU {} twice", number), kForm);
        return std::nullopt;
      }
    }
  }
  return std::vector<unsigned>(cpus.begin(), cpus.end());
}

std::string format_cpus(const std::vector<unsigned>& cpus) {
  std::string out;
  for (size_t i = 0; i < cpus.size();) {
    size_t last = i;
    while (last + 1 < cpus.size() && cpus[last + 1] == cpus[last] + 1) ++last;
    if (!out.empty()) out += ',';
    out += std::to_string(cpus[i]);
    if (last > i) out += fmt::format("-{}", cpus[last]);
    i = last + 1;
  }
  return out;
}

std::optional<MacAddress> read_mac(const Item& item) {
  constexpr std::string_view kAllowed = R"(a unicast MAC address such as "02:00:00:00:01:0b")";
  const auto text = item.string(kAllowed);
  if (!text) return std::nullopt;
  const std::vector<std::string_view> parts = split(*text, ':');
  MacAddress mac;
  bool good = parts.size() == mac.bytes.size();
  for (size_t i = 0; good && i < parts.size(); ++i) {
    const char* end = parts[i].data() + parts[i].size();
    const auto [stop, error] = std::from_chars(parts[i].data(), end, mac.bytes[i], 16);
    good = parts[i].size() == 2 && error == std::errc() && stop == end;
  }
  std::string_view why;
  if (!good) {
    why = "is not a MAC address";
  } else if ((mac.bytes[0] & 1) != 0) {
    why = "is a group address";
  } else if (mac == MacAddress{}) {
    why = "is no station's address";
  } else {
    return mac;
  }
  item.fail(why, kAllowed);
  return std::nullopt;
}

}  // namespace ecmpd::control
