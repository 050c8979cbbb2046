#include "control/host/pci_device.h"

#include <fstream>
#include <set>
#include <utility>

namespace ecmpd::control {

namespace fs = std::filesystem;

namespace {

std::string target_name(const fs::path& link) {
  std::error_code ignored;
  return fs::read_symlink(link, ignored).filename();
}

/// What can be read; a process may end, and take its folder along, while it is looked at.
std::vector<fs::path> entries_of(const fs::path& folder) {
  std::vector<fs::path> out;
  std::error_code error;
  for (fs::directory_iterator at(folder, error); !error && at != fs::directory_iterator(); at.increment(error)) {
    out.push_back(at->path());
  }
  return out;
}

/// What a program opens to work with the device, or with another one of its IOMMU group, which it then has whole.
std::set<std::string> doors_of(const fs::path& device) {
  std::set<std::string> out;
  for (const fs::path& entry : entries_of(device / "uio")) out.insert("/dev/" + entry.filename().string());
  if (const std::string group = target_name(device / "iommu_group"); !group.empty()) {
    out.insert("/dev/vfio/" + group);
    out.insert("/dev/vfio/noiommu-" + group);
  }
  return out;
}

/// "process 4711 (testpmd) has /dev/uio0 open"; empty when nobody has one of them. A uio driver lets two programs open
/// a device, which then take each other's descriptors.
std::string holder_of(const std::set<std::string>& doors, const fs::path& proc) {
  if (doors.empty()) return "";
  std::error_code ignored;
  for (const fs::path& process : entries_of(proc)) {
    const std::string pid = process.filename();
    if (pid.find_first_not_of("0123456789") != std::string::npos) continue;
    for (const fs::path& file : entries_of(process / "fd")) {
      const std::string opened = fs::read_symlink(file, ignored);
      if (!doors.contains(opened)) continue;
      std::string name;
      std::getline(std::ifstream(process / "comm"), name);
      return "process " + pid + " (" + name + ") has " + opened + " open";
    }
  }
  return "";
}

}  // namespace

std::string pci_driver(const fs::path& device) { return target_name(device / "driver"); }

std::vector<fs::path> pci_interfaces(const fs::path& device) {
  std::vector<fs::path> out = entries_of(device / "net");
  // Those of a virtio device are one level further down.
  for (const fs::path& entry : entries_of(device)) {
    if (!entry.filename().string().starts_with("virtio")) continue;
    for (fs::path& interface : entries_of(entry / "net")) out.push_back(std::move(interface));
  }
  return out;
}

bool is_user_space_driver(const std::string& driver) {
  return driver == "vfio-pci" || driver == "igb_uio" || driver == "uio_pci_generic";
}

bool works_beside(const std::string& driver) { return driver == "mlx4_core" || driver == "mlx5_core"; }

std::string why_pci_in_use(const fs::path& device, const fs::path& proc, const InterfaceUse& why_in_use) {
  if (const std::string holder = holder_of(doors_of(device), proc); !holder.empty()) return "is in use: " + holder;
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
