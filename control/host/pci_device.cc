#include "control/host/pci_device.h"

#include <cstdlib>
#include <fstream>

namespace ecmpd::control {

namespace fs = std::filesystem;

std::string pci_driver(const fs::path& device) {
  std::error_code ignored;
  return fs::read_symlink(device / "driver", ignored).filename();
}

std::vector<fs::path> pci_interfaces(const fs::path& device) {
  std::vector<fs::path> out;
  std::error_code ignored;
  const auto add = [&](const fs::path& folder) {
    for (const auto& entry : fs::directory_iterator(folder, ignored)) out.push_back(entry.path());
  };
  add(device / "net");
  // Those of a virtio device are one level further down.
  for (const auto& entry : fs::directory_iterator(device, ignored)) {
    if (entry.path().filename().string().starts_with("virtio")) add(entry.path() / "net");
  }
  return out;
}

bool is_user_space_driver(const std::string& driver) {
  return driver == "vfio-pci" || driver == "igb_uio" || driver == "uio_pci_generic";
}

bool works_beside(const std::string& driver) { return driver == "mlx4_core" || driver == "mlx5_core"; }

std::string why_pci_in_use(const fs::path& device, const InterfaceUse& why_in_use) {
  const std::string driver = pci_driver(device);
  // Beside the kernel's driver DPDK takes the packets all the same, so the machine must not need those NICs either.
  if (driver.empty() || is_user_space_driver(driver)) return "";
  const std::vector<fs::path> interfaces = pci_interfaces(device);
  if (interfaces.empty()) return "may be in use: " + driver + " has it, and its interface is not in this namespace";
  for (const fs::path& interface : interfaces) {
    unsigned index = 0;
    std::ifstream(interface / "ifindex") >> index;
    const std::string name = interface.filename();
    if (const std::string why = why_in_use(name, index); !why.empty()) {
      return "is in use: its interface " + name + " " + why;
    }
  }
  return "";
}

}  // namespace ecmpd::control
