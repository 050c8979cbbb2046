// What taking a PCI device from the kernel needs of the machine, so that it can be tried on a made-up one.
//
// Plain values and functions. Control thread.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "control/host/pci_device.h"

namespace ecmpd::control {

struct PciSystem {
  /// Where sysfs is.
  std::filesystem::path sys = "/sys";
  /// Where procfs is.
  std::filesystem::path proc = "/proc";
  /// Writes a value to a file of it; false when the kernel refuses.
  std::function<bool(const std::filesystem::path& file, const std::string& value)> write;
  /// Loads a kernel module; whether that helped is seen in sysfs.
  std::function<void(const std::string& module)> load_module;
  InterfaceUse why_in_use;

  /// The machine that this runs on.
  static PciSystem real();
};

}  // namespace ecmpd::control
