// NICs taken and given back, on a machine made of files: its "kernel" moves links as the real one would.
#include "control/host/pci_binding.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <fstream>
#include <map>
#include <vector>

#include "control/log.h"

namespace ecmpd::control::test {
namespace {

namespace fs = std::filesystem;
const std::string kNic = "0000:3b:00.0";
const std::string kOther = "0000:3b:00.1";

class PciBindingTest : public testing::Test {
 protected:
  PciBindingTest() {
    std::string name = fs::temp_directory_path() / "ecmpd-pci-XXXXXX";
    root_ = mkdtemp(name.data());
    fs::create_directories(root_ / "bus/pci/devices");
    for (const char* driver : {"e1000e", "pcieport"}) add_driver(driver);
    add_device(kNic, "0x020000", "e1000e", "eth1");
  }
  ~PciBindingTest() override { fs::remove_all(root_); }

  fs::path device(const std::string& address) const { return root_ / "bus/pci/devices" / address; }
  void add_driver(const std::string& driver) { fs::create_directories(root_ / "bus/pci/drivers" / driver); }
  void put(const fs::path& file, const std::string& text) { std::ofstream(file) << text; }

  void add_device(const std::string& address, const std::string& device_class, const std::string& driver,
                  const std::string& interface) {
    fs::create_directories(device(address));
    put(device(address) / "class", device_class + "\n");
    if (!driver.empty()) fs::create_symlink(root_ / "bus/pci/drivers" / driver, device(address) / "driver");
    if (!interface.empty()) add_interface(device(address) / "net" / interface);
  }
  void add_interface(const fs::path& folder) {
    fs::create_directories(folder);
    put(folder / "ifindex", "7\n");
  }
  void add_group(const std::vector<std::string>& members) {
    const fs::path group = root_ / "kernel/iommu_groups/17";
    fs::create_directories(group / "devices");
    for (const std::string& member : members) {
      fs::create_symlink(device(member), group / "devices" / member);
      fs::create_symlink(group, device(member) / "iommu_group");
    }
  }
  void add_process(const std::string& pid, const std::string& name, const std::string& opened) {
    const fs::path folder = root_ / "proc" / pid;
    fs::create_directories(folder / "fd");
    put(folder / "comm", name + "\n");
    fs::create_symlink("socket:[1234]", folder / "fd/0");
    fs::create_symlink(opened, folder / "fd/1");
  }
  std::string driver(const std::string& address) const {
    const fs::path link = device(address) / "driver";
    return fs::exists(fs::symlink_status(link)) ? fs::read_symlink(link).filename().string() : "";
  }

  /// What the kernel does with a value written to a file of sysfs.
  bool kernel(const fs::path& file, const std::string& value) {
    written_.push_back(file.lexically_relative(root_).string() + "=" + value);
    if (file.filename() == "driver_override") {
      override_ = value == "\n" ? "" : value.substr(0, value.find('\n'));
    } else if (file.filename() == "unbind") {
      fs::remove(device(value) / "driver");
    } else if (file.filename() == "drivers_probe" && !override_.empty() && override_ != broken_) {
      fs::create_symlink(root_ / "bus/pci/drivers" / override_, device(value) / "driver");
    }
    return true;
  }
  PciSystem system() {
    return {.sys = root_,
            .proc = root_ / "proc",
            .write = [this](const auto& file, const auto& value) { return kernel(file, value); },
            .load_module =
                [this](const std::string& module) {
                  if (loadable_.contains(module)) add_driver(module);
                },
            .why_in_use =
                [this](const std::string& name, unsigned index) {
                  EXPECT_EQ(index, 7u);
                  return uses_[name];
                }};
  }
  tl::expected<std::unique_ptr<PciBinding>, std::string> bind(const std::string& address = kNic) {
    return PciBinding::bind(address, system(), {address});
  }

  fs::path root_;
  std::map<std::string, bool> loadable_;
  std::map<std::string, std::string> uses_;
  std::string broken_;  // a driver that takes no device
  std::string override_;
  std::vector<std::string> written_;
};

TEST_F(PciBindingTest, BehindAnIommuVfioHasItUntilTheEnd) {
  add_group({kNic});
  loadable_ = {{"vfio-pci", true}, {"uio_pci_generic", true}};
  {
    const auto binding = bind();
    ASSERT_TRUE(binding) << binding.error();
    EXPECT_EQ((*binding)->driver(), "vfio-pci");
    EXPECT_EQ((*binding)->lender(), "e1000e");
    EXPECT_EQ(driver(kNic), "vfio-pci");
  }
  EXPECT_EQ(driver(kNic), "e1000e");
  EXPECT_EQ(override_, "");
}

TEST_F(PciBindingTest, WithoutAnIommuUioHasIt) {
  loadable_ = {{"vfio-pci", true}, {"uio_pci_generic", true}};
  EXPECT_EQ((*bind())->driver(), "uio_pci_generic");
  add_driver("igb_uio");
  EXPECT_EQ((*bind())->driver(), "igb_uio");
  fs::create_directories(root_ / "module/vfio/parameters");
  put(root_ / "module/vfio/parameters/enable_unsafe_noiommu_mode", "Y\n");
  EXPECT_EQ((*bind())->driver(), "vfio-pci");
  EXPECT_EQ(driver(kNic), "e1000e");
}

TEST_F(PciBindingTest, ANicThatTheMachineNeedsIsRefused) {
  add_driver("vfio-pci");
  add_group({kNic});
  uses_["eth1"] = "carries the default route";
  const auto binding = bind();
  ASSERT_FALSE(binding);
  EXPECT_EQ(binding.error(), "0000:3b:00.0 is in use: its interface eth1 carries the default route");
  EXPECT_TRUE(written_.empty());
}

TEST_F(PciBindingTest, SoIsAVirtioNicWhoseInterfaceIsOneLevelDown) {
  add_driver("virtio-pci");
  add_device("0000:00:03.0", "0x020000", "virtio-pci", "");
  add_interface(device("0000:00:03.0") / "virtio0/net/ens3");
  uses_["ens3"] = "has the address 192.0.2.1";
  EXPECT_EQ(bind("0000:00:03.0").error(), "0000:00:03.0 is in use: its interface ens3 has the address 192.0.2.1");
}

TEST_F(PciBindingTest, AndOneWhoseInterfaceCannotBeSeen) {
  add_device("0000:00:04.0", "0x020000", "e1000e", "");
  EXPECT_EQ(bind("0000:00:04.0").error(),
            "0000:00:04.0 may be in use: e1000e has it, and its interface is not in this namespace");
}

TEST_F(PciBindingTest, WhatIsNoNicIsNamed) {
  EXPECT_EQ(bind("0000:99:00.0").error(), "there is no PCI device 0000:99:00.0");
  add_device("0000:00:1f.2", "0x010601", "", "");
  EXPECT_EQ(bind("0000:00:1f.2").error(), "0000:00:1f.2 is no network device (class 0x010601)");
}

TEST_F(PciBindingTest, WithoutAnyDriverItSaysWhichAreMissing) {
  EXPECT_NE(bind().error().find("igb_uio or uio_pci_generic"), std::string::npos);
  add_group({kNic});
  EXPECT_NE(bind().error().find("vfio-pci, which cannot be loaded"), std::string::npos);
  EXPECT_TRUE(written_.empty());
}

TEST_F(PciBindingTest, AGroupIsTakenWhole) {
  add_driver("vfio-pci");
  add_device(kOther, "0x020000", "e1000e", "eth2");
  add_device("0000:3a:00.0", "0x060400", "pcieport", "");
  add_group({kNic, kOther, "0000:3a:00.0"});
  EXPECT_EQ(bind().error(), "0000:3b:00.0 shares IOMMU group 17 with 0000:3b:00.1, which is bound to e1000e");
  EXPECT_TRUE(written_.empty());
  fs::remove(device(kOther) / "driver");
  EXPECT_TRUE(bind());
}

TEST_F(PciBindingTest, PortsOfOneGroupAreTakenTogether) {
  add_driver("vfio-pci");
  add_device(kOther, "0x020000", "e1000e", "eth2");
  add_group({kNic, kOther});
  std::vector<PortConfig> ports(2);
  for (PortConfig& port : ports) port.device_kind = DeviceKind::kPci;
  ports[0].device = kNic;
  ports[1].device = kOther;
  {
    const auto bindings = bind_ports(ports, system());
    ASSERT_TRUE(bindings) << bindings.error();
    EXPECT_EQ(driver(kNic), "vfio-pci");
    EXPECT_EQ(driver(kOther), "vfio-pci");
  }
  EXPECT_EQ(driver(kNic), "e1000e");
  EXPECT_EQ(driver(kOther), "e1000e");
  uses_["eth2"] = "has routes";
  EXPECT_FALSE(bind_ports(ports, system()));
  EXPECT_EQ(driver(kNic), "e1000e") << "given back";
}

TEST_F(PciBindingTest, OneThatKeepsItsDriverSharesNoGroupThough) {
  add_driver("vfio-pci");
  add_device(kOther, "0x020000", "mlx5_core", "eth2");
  add_group({kNic, kOther});
  EXPECT_EQ(PciBinding::bind(kNic, system(), {kNic, kOther}).error(),
            "0000:3b:00.0 shares IOMMU group 17 with 0000:3b:00.1, which is bound to mlx5_core");
}

TEST_F(PciBindingTest, WhatIsBoundAlreadyStaysSo) {
  add_driver("vfio-pci");
  add_driver("mlx5_core");
  add_device("0000:5e:00.0", "0x020000", "vfio-pci", "");
  add_device("0000:5f:00.0", "0x020000", "mlx5_core", "eth9");
  for (const char* address : {"0000:5e:00.0", "0000:5f:00.0"}) {
    const auto binding = bind(address);
    ASSERT_TRUE(binding) << binding.error();
    EXPECT_EQ((*binding)->lender(), "");
  }
  EXPECT_TRUE(written_.empty());
}

TEST_F(PciBindingTest, ANicThatAnotherProgramHasOpenIsRefused) {
  add_device(kOther, "0x020000", "uio_pci_generic", "");
  fs::create_directories(device(kOther) / "uio/uio3");
  fs::create_directories(root_ / "proc/self");
  add_process("811", "daemon", "/dev/uio30");
  EXPECT_TRUE(bind(kOther)) << "another device";
  add_process("4711", "dpdk-testpmd", "/dev/uio3");
  EXPECT_EQ(bind(kOther).error(), "0000:3b:00.1 is in use: process 4711 (dpdk-testpmd) has /dev/uio3 open");
  EXPECT_TRUE(written_.empty());
}

TEST_F(PciBindingTest, SoIsOneWhoseIommuGroupIsOpen) {
  add_driver("vfio-pci");
  add_device(kOther, "0x020000", "vfio-pci", "");
  add_group({kNic, kOther});
  add_process("812", "ecmpd", "/dev/vfio/17");
  const std::string why = " is in use: process 812 (ecmpd) has /dev/vfio/17 open";
  EXPECT_EQ(bind(kOther).error(), kOther + why);
  EXPECT_EQ(bind(kNic).error(), kNic + why) << "vfio gives a group to one process";
  EXPECT_TRUE(written_.empty());
  fs::remove_all(root_ / "proc/812");
  add_process("813", "qemu", "/dev/vfio/noiommu-17");
  EXPECT_NE(bind(kOther).error().find("process 813 (qemu)"), std::string::npos);
}

TEST_F(PciBindingTest, ANicThatDpdkWorksBesideIsNotTakenFromTheMachineEither) {
  add_device(kOther, "0x020000", "mlx5_core", "eth9");
  uses_["eth9"] = "has routes";
  EXPECT_EQ(bind(kOther).error(), "0000:3b:00.1 is in use: its interface eth9 has routes");
}

TEST_F(PciBindingTest, ABindingThatFailsIsUndone) {
  add_driver("vfio-pci");
  add_group({kNic});
  broken_ = "vfio-pci";
  EXPECT_EQ(bind().error(), "0000:3b:00.0 cannot be bound to vfio-pci");
  EXPECT_EQ(driver(kNic), "e1000e");
  EXPECT_EQ(override_, "");
}

TEST_F(PciBindingTest, ADriverThatDoesNotTakeItBackIsReported) {
  std::vector<std::string> warnings;
  log::set_sink([&](log::Level level, std::string_view, std::string_view text) {
    if (level == log::Level::kWarn) warnings.emplace_back(text);
  });
  add_driver("vfio-pci");
  add_group({kNic});
  EXPECT_TRUE(bind());
  EXPECT_TRUE(warnings.empty()) << "given back";
  {
    const auto binding = bind();
    ASSERT_TRUE(binding) << binding.error();
    broken_ = "e1000e";
  }
  log::set_sink({});
  EXPECT_EQ(warnings, std::vector<std::string>{"0000:3b:00.0: e1000e did not take it back; no driver has it now"});
  EXPECT_EQ(override_, "");
}

TEST_F(PciBindingTest, OneWithoutADriverIsWithoutOneAgain) {
  add_driver("vfio-pci");
  fs::remove(device(kNic) / "driver");
  add_group({kNic});
  EXPECT_TRUE(bind());
  EXPECT_EQ(driver(kNic), "");
  EXPECT_EQ(override_, "");
}

}  // namespace
}  // namespace ecmpd::control::test
