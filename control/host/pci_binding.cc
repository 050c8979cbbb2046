#include "control/host/pci_binding.h"

#include <array>
#include <fstream>
#include <string_view>
#include <utility>
#include <vector>

#include "control/host/pci_device.h"
#include "control/log.h"

namespace ecmpd::control {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kVfio = "vfio-pci";
constexpr std::array<std::string_view, 2> kUio = {"igb_uio", "uio_pci_generic"};  // in order of preference
constexpr std::string_view kNetworkClass = "0x02";
constexpr std::string_view kBridgeClass = "0x06";

bool for_dpdk(const std::string& driver) { return is_user_space_driver(driver) || works_beside(driver); }

std::string first_word(const fs::path& file) {
  std::ifstream in(file);
  std::string out;
  in >> out;
  return out;
}

std::string target_name(const fs::path& link) {
  std::error_code ignored;
  return fs::read_symlink(link, ignored).filename();
}

std::vector<std::string> names_in(const fs::path& folder) {
  std::vector<std::string> out;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder, ignored)) out.push_back(entry.path().filename());
  return out;
}

}  // namespace

PciBinding::PciBinding(std::string address, PciSystem system)
    : address_(std::move(address)), system_(std::move(system)) {}

std::string PciBinding::current_driver() const { return pci_driver(device()); }

std::string PciBinding::why_not() const {
  std::error_code ignored;
  if (!fs::exists(device(), ignored)) return "there is no PCI device " + address_;
  const std::string device_class = first_word(device() / "class");
  if (!device_class.starts_with(kNetworkClass)) return address_ + " is no network device (class " + device_class + ")";
  const std::string why = why_pci_in_use(device(), system_.proc, system_.why_in_use);
  return why.empty() ? "" : address_ + " " + why;
}

tl::expected<std::string, std::string> PciBinding::choose_driver() const {
  const auto there = [this](std::string_view driver) {
    const fs::path folder = system_.sys / "bus/pci/drivers" / driver;
    std::error_code ignored;
    if (!fs::exists(folder, ignored)) system_.load_module(std::string(driver));
    return fs::exists(folder, ignored);
  };
  std::error_code ignored;
  const bool iommu = fs::exists(device() / "iommu_group", ignored);
  const bool without = first_word(system_.sys / "module/vfio/parameters/enable_unsafe_noiommu_mode") == "Y";
  if ((iommu || without) && there(kVfio)) return std::string(kVfio);
  if (iommu) return tl::unexpected(address_ + " needs the kernel module vfio-pci, which cannot be loaded");
  for (const std::string_view uio : kUio) {
    if (there(uio)) return std::string(uio);
  }
  return tl::unexpected(address_ +
                        " is behind no IOMMU and needs the kernel module igb_uio or uio_pci_generic, or vfio-pci with "
                        "enable_unsafe_noiommu_mode=1; none can be used");
}

/// The IOMMU tells devices of a group apart no more than the kernel lets drivers share one.
std::string PciBinding::why_not_its_group(const std::set<std::string>& taken) const {
  const fs::path group = device() / "iommu_group";
  for (const std::string& other : names_in(group / "devices")) {
    const fs::path neighbor = system_.sys / "bus/pci/devices" / other;
    const std::string driver = pci_driver(neighbor);
    if (other == address_ || driver.empty() || driver == kVfio) continue;
    if (first_word(neighbor / "class").starts_with(kBridgeClass)) continue;
    if (taken.contains(other) && !for_dpdk(driver)) continue;  // its turn comes, or all are given back
    return address_ + " shares IOMMU group " + target_name(group) + " with " + other + ", which is bound to " + driver;
  }
  return "";
}

bool PciBinding::move_to(const std::string& driver) {
  const std::string now = current_driver();
  // The override keeps every other driver from it in between.
  system_.write(device() / "driver_override", driver + "\n");
  if (!now.empty()) system_.write(device() / "driver/unbind", address_);
  system_.write(system_.sys / "bus/pci/drivers_probe", address_);
  return current_driver() == driver;
}

tl::expected<std::unique_ptr<PciBinding>, std::string> PciBinding::bind(const std::string& address, PciSystem system,
                                                                        const std::set<std::string>& taken) {
  std::unique_ptr<PciBinding> out(new PciBinding(address, std::move(system)));
  if (const std::string why = out->why_not(); !why.empty()) return tl::unexpected(why);
  out->driver_ = out->current_driver();
  if (for_dpdk(out->driver_)) return out;
  const auto driver = out->choose_driver();
  if (!driver) return tl::unexpected(driver.error());
  if (*driver == kVfio) {
    if (const std::string why = out->why_not_its_group(taken); !why.empty()) return tl::unexpected(why);
  }
  out->lender_ = std::exchange(out->driver_, *driver);
  out->lent_ = true;  // what follows is undone even when it fails half-way
  if (!out->move_to(*driver)) return tl::unexpected(address + " cannot be bound to " + *driver);
  return out;
}

PciBinding::~PciBinding() {
  if (!lent_) return;
  if (!lender_.empty()) {
    if (!move_to(lender_)) {
      const std::string now = current_driver();
      log::warn("port", "{}: {} did not take it back; {} has it now", address_, lender_,
                now.empty() ? "no driver" : now);
    }
  } else if (!current_driver().empty()) {
    system_.write(device() / "driver/unbind", address_);
  }
  system_.write(device() / "driver_override", "\n");
}

tl::expected<PciBindings, std::string> bind_ports(const std::vector<PortConfig>& ports, const PciSystem& system) {
  std::set<std::string> taken;
  for (const PortConfig& port : ports) {
    if (port.device_kind == DeviceKind::kPci) taken.insert(port.device);
  }
  PciBindings out;
  for (const PortConfig& port : ports) {
    if (port.device_kind != DeviceKind::kPci || port.vlan != 0) continue;
    auto binding = PciBinding::bind(port.device, system, taken);
    if (!binding) return tl::unexpected("port " + port.name + ": " + binding.error());
    const std::string& lender = (*binding)->lender();
    log::info("port", "{}: {} is bound to {}{}", port.name, port.device, (*binding)->driver(),
              lender.empty() ? "" : ", and goes back to " + lender);
    out.push_back(std::move(*binding));
  }
  return out;
}

}  // namespace ecmpd::control
