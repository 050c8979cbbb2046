// A NIC on loan from the kernel: bound to a driver that DPDK can use as long as the object lives, then given back.
//
// Refused for a NIC that the machine itself needs. A device that is bound to such a driver already stays as it is, then
// and afterwards; so does one whose kernel driver DPDK works beside (mlx4, mlx5), which must not be needed either.
// After a crash the device stays bound. Control thread, before EAL starts and after it ended.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "control/config/config.h"
#include "control/host/pci_system.h"

namespace ecmpd::control {

class PciBinding {
 public:
  /// `address` as in sysfs, "0000:3b:00.0". `taken`: all that are to be bound, so that one may wait for another of its
  /// IOMMU group. The error names the device and the reason.
  static tl::expected<std::unique_ptr<PciBinding>, std::string> bind(const std::string& address, PciSystem system,
                                                                     const std::set<std::string>& taken);
  ~PciBinding();
  PciBinding(const PciBinding&) = delete;
  PciBinding& operator=(const PciBinding&) = delete;

  const std::string& driver() const { return driver_; }
  /// The driver that gets it back; empty: it stays as it is.
  const std::string& lender() const { return lender_; }

 private:
  PciBinding(std::string address, PciSystem system);
  std::filesystem::path device() const { return system_.sys / "bus/pci/devices" / address_; }
  std::string current_driver() const;
  std::string why_not() const;
  /// vfio-pci or a uio driver, loaded if need be; an error that says what is missing.
  tl::expected<std::string, std::string> choose_driver() const;
  std::string why_not_its_group(const std::set<std::string>& taken) const;
  bool move_to(const std::string& driver);

  std::string address_;
  PciSystem system_;
  std::string driver_;
  std::string lender_;
  bool lent_ = false;
};

using PciBindings = std::vector<std::unique_ptr<PciBinding>>;

/// For every port that is a PCI device. The error names the port too.
tl::expected<PciBindings, std::string> bind_ports(const std::vector<PortConfig>& ports, const PciSystem& system);

}  // namespace ecmpd::control
