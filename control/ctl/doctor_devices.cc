#include <fmt/core.h>

#include <algorithm>

#include "control/ctl/doctor.h"

namespace ecmpd::control::ctl {
namespace {

const std::string kPci = "sys/bus/pci/devices/";

struct Nic {
  std::string address;
  std::string id{};  // vendor:device
  std::string driver;
  std::vector<std::string> interfaces{};
  std::string in_use{};  // "is in use: ..."; empty: not
};

std::vector<Nic> nics(const Tree& tree, const InterfaceUse& why_in_use) {
  std::vector<Nic> out;
  for (const std::string& address : tree.list(kPci)) {
    const std::string folder = kPci + address + "/";
    if (!tree.read(folder + "class").starts_with("0x0200")) continue;
    Nic nic{.address = address, .driver = pci_driver(tree.path(folder))};
    const auto hex = [&](const char* name) {
      const std::string text = tree.read(folder + name);
      return text.starts_with("0x") ? text.substr(2) : text;
    };
    nic.id = hex("vendor") + ":" + hex("device");
    for (const auto& interface : pci_interfaces(tree.path(folder))) nic.interfaces.push_back(interface.filename());
    nic.in_use = why_pci_in_use(tree.path(folder), tree.path("proc"), why_in_use);
    out.push_back(std::move(nic));
  }
  return out;
}

bool ready(const Nic& nic) {
  return (is_user_space_driver(nic.driver) || works_beside(nic.driver)) && nic.in_use.empty();
}

Finding present(const Nic& nic) {
  std::string interfaces;
  for (const std::string& name : nic.interfaces) interfaces += (interfaces.empty() ? "" : ", ") + name;
  Finding out{.check = "NIC " + nic.address,
              .found = fmt::format("{}, driver {}{}", nic.id, nic.driver.empty() ? "none" : nic.driver,
                                   interfaces.empty() ? "" : ", interface " + interfaces)};
  if (ready(nic)) {
    out.found += fmt::format(": ready as device = \"{}\"", nic.address);
  } else if (!nic.in_use.empty()) {
    out.found += fmt::format(": left alone, it {}", nic.in_use);
  } else {
    out.health = Health::kAdvice;
    out.why = "it is free: ecmpd takes it by its address, and DPDK's own driver is several times faster than af_packet";
    out.command = fmt::format("device = \"{}\"", nic.address);
  }
  return out;
}

/// Modules that give a NIC to user space, in sysfs or where modprobe finds them. By the names of their files.
class Modules {
 public:
  explicit Modules(const Tree& tree) {
    const auto files = tree.lines("lib/modules/" + tree.read("proc/sys/kernel/osrelease") + "/modules.dep");
    for (const std::string name : {"vfio-pci", "igb_uio", "uio_pci_generic"}) {
      const bool loaded = tree.exists("sys/bus/pci/drivers/" + name);
      const bool loadable = std::any_of(files.begin(), files.end(), [&](const std::string& line) {
        const std::string file = line.substr(0, line.find(':'));
        return ("/" + file).find("/" + name + ".ko") != std::string::npos;
      });
      if (loaded || loadable) names_.push_back(name);
      if (!loaded && loadable) to_load_.push_back(name);
    }
  }
  bool have(const std::string& name) const { return std::find(names_.begin(), names_.end(), name) != names_.end(); }
  bool have_uio() const { return have("igb_uio") || have("uio_pci_generic"); }
  std::string to_string() const {
    std::string out;
    for (const std::string& name : names_) {
      const bool later = std::find(to_load_.begin(), to_load_.end(), name) != to_load_.end();
      out += (out.empty() ? "" : ", ") + name + (later ? " (not loaded)" : "");
    }
    return out.empty() ? "none" : out;
  }

 private:
  std::vector<std::string> names_;
  std::vector<std::string> to_load_;
};

/// What ecmpd needs to take the free NICs: vfio-pci with an IOMMU or the promise to do without, else a uio module.
Findings drivers(const Tree& tree, const std::vector<Nic>& free) {
  const Modules modules(tree);
  const size_t iommus = tree.list("sys/class/iommu").size();
  const bool unsafe = tree.read("sys/module/vfio/parameters/enable_unsafe_noiommu_mode") == "Y";
  Finding driver{.check = "PCI drivers", .found = modules.to_string()};
  Finding iommu{.check = "IOMMU",
                .found = iommus != 0 ? fmt::format("{} found", iommus)
                         : unsafe    ? "none; vfio without it is allowed"
                                     : "none"};
  if (free.empty() && modules.to_string() == "none") driver.found += ", and no free PCI NIC that would need one";
  for (const Nic& nic : free) {
    const bool grouped = tree.exists(kPci + nic.address + "/iommu_group");
    if ((grouped || unsafe) && modules.have("vfio-pci")) continue;
    if (!grouped && modules.have_uio()) continue;
    if (modules.have("vfio-pci")) {
      iommu.health = Health::kMissing;
      iommu.why = fmt::format("NIC {} is behind none: vfio-pci needs it, or the promise to do without", nic.address);
      iommu.command =
          "kernel command line: intel_iommu=on iommu=pt (AMD: iommu=pt); in a virtual machine: modprobe vfio-pci; "
          "echo Y > /sys/module/vfio/parameters/enable_unsafe_noiommu_mode";
    } else {
      driver.health = Health::kMissing;
      driver.why = fmt::format("ecmpd takes NIC {} through {}", nic.address,
                               grouped ? "vfio-pci" : "igb_uio or uio_pci_generic, or vfio-pci");
      driver.command = "install a kernel that has the module (Debian: linux-image-amd64)";
    }
  }
  return {driver, iommu};
}

}  // namespace

Findings check_devices(const Tree& tree, const InterfaceUse& why_in_use) {
  const auto found = nics(tree, why_in_use);
  std::vector<Nic> free;
  for (const Nic& nic : found) {
    if (nic.in_use.empty() && !ready(nic)) free.push_back(nic);
  }
  Findings out = drivers(tree, free);
  for (const Nic& nic : found) out.push_back(present(nic));
  if (found.empty()) {
    out.push_back({.check = "NICs", .found = "no PCI NIC; ports over af_packet, af_xdp and tap need none"});
  }
  return out;
}

}  // namespace ecmpd::control::ctl
