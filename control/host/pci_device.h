// What sysfs says of a PCI NIC, and whether it may be taken: one rule for ecmpd, which takes it, and for
// `ecmpctl doctor`, which says so beforehand.
//
// `device` is its folder there, /sys/bus/pci/devices/ADDRESS. Reads files only. Any thread.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace ecmpd::control {

/// Why the machine needs an interface (by name and index), empty if it does not: why_in_use() of interface_use.h.
using InterfaceUse = std::function<std::string(const std::string& interface, unsigned index)>;

/// Empty: none.
std::string pci_driver(const std::filesystem::path& device);

/// The folders of its interfaces in this network namespace.
std::vector<std::filesystem::path> pci_interfaces(const std::filesystem::path& device);

/// vfio-pci and the uio drivers: the kernel has no interface of such a device.
bool is_user_space_driver(const std::string& driver);

/// DPDK works with these (mlx4, mlx5) while they keep the device and its interface.
bool works_beside(const std::string& driver);

/// "is in use: its interface eth1 carries the default route", "may be in use: ...", "is in use: process 4711 (testpmd)
/// has /dev/uio0 open"; empty when it is free. `proc` is where procfs is: a process that is not seen there, or whose
/// files only root may see, is not found.
std::string why_pci_in_use(const std::filesystem::path& device, const std::filesystem::path& proc,
                           const InterfaceUse& why_in_use);

}  // namespace ecmpd::control
