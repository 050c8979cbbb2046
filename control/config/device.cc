// Port names and device strings (declared in values.h).
#include <algorithm>
#include <cctype>

#include "control/config/values.h"

namespace ecmpd::control {
namespace {

constexpr std::string_view kAllowedDevice =
    R"("af_packet:IFNAME", "af_xdp:IFNAME", "tap:IFNAME", "vdev:DEVARGS" or a PCI address such as "0000:3b:00.0")";

/// Narrower than the kernel's rule: what could mean something else in devargs or a file name is left out.
bool is_word(std::string_view text, size_t longest) {
  return !text.empty() && text.size() <= longest && text != "." && text != ".." &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '.' || c == '-';
         });
}

/// domain:bus:device.function, with the domain of four to eight digits (more than four behind Intel VMD).
bool is_pci_address(std::string_view text) {
  const size_t colon = text.find(':');
  if (colon < 4 || colon > 8 || text.size() != colon + 8) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (i == colon || i == colon + 3) {
      if (c != ':') return false;
    } else if (i == colon + 6) {
      if (c != '.') return false;
    } else if (std::isxdigit(static_cast<unsigned char>(c)) == 0) {
      return false;
    }
  }
  return text.back() >= '0' && text.back() <= '7';
}

std::string_view why_not_devargs(std::string_view text) {
  const std::string_view driver = text.substr(0, text.find(','));
  // RTE_DEV_NAME_MAX_LEN is 64 with the terminating zero.
  if (!is_word(driver, 63)) return "does not begin with a DPDK driver's name";
  for (const char c : text) {
    if (static_cast<unsigned char>(c) <= ' ' || c == 0x7f) return "has a space or control character";
  }
  return {};
}

}  // namespace

std::optional<std::string> read_port_name(const Item& item) {
  constexpr std::string_view kAllowed = "1 to 13 letters, digits, '_', '.' and '-'";
  const auto name = item.string(kAllowed);
  if (!name) return std::nullopt;
  if (is_word(*name, 13)) return std::string(*name);
  item.fail("is not a port name", kAllowed);
  return std::nullopt;
}

std::optional<std::pair<DeviceKind, std::string>> read_device(const Item& item) {
  const auto text = item.string(kAllowedDevice);
  if (!text) return std::nullopt;
  if (is_pci_address(*text)) {
    std::string address(*text);
    std::transform(address.begin(), address.end(), address.begin(),
                   [](char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); });
    return std::pair(DeviceKind::kPci, address);
  }
  constexpr std::pair<std::string_view, DeviceKind> kKinds[] = {
      {"af_packet:", DeviceKind::kAfPacket},
      {"af_xdp:", DeviceKind::kAfXdp},
      {"tap:", DeviceKind::kTap},
      {"vdev:", DeviceKind::kVdev},
  };
  for (const auto& [prefix, kind] : kKinds) {
    if (!text->starts_with(prefix)) continue;
    const std::string_view rest = text->substr(prefix.size());
    if (kind == DeviceKind::kVdev) {
      if (const std::string_view why = why_not_devargs(rest); !why.empty()) {
        item.fail(why, R"("vdev:DEVARGS" such as "vdev:net_pcap0,iface=eth1")");
        return std::nullopt;
      }
    } else if (!is_word(rest, 15)) {
      item.fail("does not name an interface", "an interface name of 1 to 15 letters, digits, '_', '.' and '-'");
      return std::nullopt;
    }
    return std::pair(kind, std::string(rest));
  }
  item.fail("is not a device", kAllowedDevice);
  return std::nullopt;
}

}  // namespace ecmpd::control
