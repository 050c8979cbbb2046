// The doctor on machines made of files.
#include "control/ctl/doctor.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

namespace ecmpd::control::ctl {
namespace {

using Json = nlohmann::json;
namespace fs = std::filesystem;

/// A good machine: hugepages, mounts, two CPUs of which one is isolated, one NIC that is in use.
class Doctor : public testing::Test {
 protected:
  Doctor() {
    std::string name = fs::temp_directory_path() / "doctorXXXXXX";
    root_ = mkdtemp(name.data());
    put("proc/cpuinfo", "processor : 0\nflags : ssse3 sse4_2 avx2 constant_tsc\n");
    put("sys/devices/system/cpu/online", "0-1\n");
    put("sys/devices/system/cpu/isolated", "1\n");
    put("sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages", "256\n");
    put("sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages", "256\n");
    put("proc/meminfo", "MemTotal: 9000000 kB\nMemAvailable: 8388608 kB\n");
    put("proc/mounts", "a /dev/hugepages hugetlbfs rw 0 0\nb /sys/fs/bpf bpf rw 0 0\n");
    put("proc/self/limits",
        "Limit                     Soft Limit           Hard Limit           Units\n"
        "Max locked memory         unlimited            unlimited            bytes\n");
    put("proc/sys/net/ipv4/ip_forward", "0\n");
    put("proc/sys/net/ipv4/conf/all/rp_filter", "0\n");
    put("proc/sys/net/ipv4/neigh/default/gc_thresh3", "8192\n");
    put("proc/sys/net/ipv6/neigh/default/gc_thresh3", "8192\n");
    nic("0000:00:03.0", "virtio-pci", "virtio0/net/eth0");
    uses_["eth0"] = "carries the default route";
  }
  ~Doctor() override { fs::remove_all(root_); }

  void put(const std::string& path, const std::string& text) {
    fs::create_directories((root_ / path).parent_path());
    std::ofstream(root_ / path) << text;
  }
  void nic(const std::string& address, const std::string& driver, const std::string& interface) {
    const std::string folder = "sys/bus/pci/devices/" + address + "/";
    put(folder + "class", "0x020000\n");
    put(folder + "vendor", "0x8086\n");
    put(folder + "device", "0x1572\n");
    fs::create_directories(root_ / folder / interface);
    if (!driver.empty()) fs::create_symlink("../../../bus/pci/drivers/" + driver, root_ / folder / "driver");
  }
  Report examine(const Hands* hands = nullptr) const {
    const auto use = [this](const std::string& interface, unsigned) {
      const auto found = uses_.find(interface);
      return found == uses_.end() ? "" : found->second;
    };
    return ctl::examine(Tree(root_), use, hands);
  }
  /// The row of a check.
  static Json row(const Report& report, const std::string& check) {
    const Json json = Json::parse(to_json(report.table));
    for (const Json& one : json["doctor"]) {
      if (one["check"] == check) return one;
    }
    return nullptr;
  }
  Json row(const std::string& check) const { return row(examine(), check); }

  fs::path root_;
  std::map<std::string, std::string> uses_;  // of interfaces, by the machine
};

TEST_F(Doctor, AGoodMachineLacksNothing) {
  const Report report = examine();
  EXPECT_EQ(report.status, kFine) << to_text(report.table);
  const Json json = Json::parse(to_json(report.table));
  for (const Json& one : json["doctor"]) EXPECT_EQ(one["state"], "ok") << one;
  EXPECT_EQ(row("instructions")["found"], "hash AVX2, IPv6 lookup scalar");
  EXPECT_EQ(row("NIC 0000:00:03.0")["found"],
            "8086:1572, driver virtio-pci, interface eth0: left alone, it is in use: its interface eth0 carries the "
            "default route");
}

TEST_F(Doctor, MissingHugepagesAreReservedFromWhatIsFree) {
  const std::string file = "sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages";
  put(file, "16\n");  // all in use
  put("sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages", "0\n");
  const Json missing = row("hugepages");
  EXPECT_EQ(missing["state"], "missing");
  EXPECT_EQ(missing["command"], "echo 272 > /" + file) << "256 more than there are";
  EXPECT_EQ(examine().status, kFailed);
  put("proc/meminfo", "MemAvailable: 409600 kB\n");
  EXPECT_EQ(row("hugepages")["command"], "echo 66 > /" + file) << "a quarter of 400 MB";

  const Hands hands{.write =
                        [this](const std::string& path, const std::string& text) {
                          put("sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages", "256\n");
                          return Tree(root_).write(path, text);
                        },
                    .mount = [](const std::string&, const std::string&) { return "no mount"; }};
  const Report fixed = examine(&hands);
  EXPECT_EQ(Tree(root_).read(file), "66");
  EXPECT_EQ(row(fixed, "hugepages")["fixed"], true);
  EXPECT_EQ(fixed.status, kFine);
  EXPECT_EQ(row(fixed, "hugepages")["not_fixed"], nullptr);
  EXPECT_NE(to_text(fixed.table).find("(fixed)"), std::string::npos);
}

TEST_F(Doctor, WhatCouldNotBeFixedSaysWhy) {
  const std::string folder = "sys/kernel/mm/hugepages/hugepages-2048kB/";
  put(folder + "nr_hugepages", "16\n");
  put(folder + "free_hugepages", "0\n");
  std::string asked, refusal;
  unsigned given = 0;
  const Hands hands{.write =
                        [&](const std::string& path, const std::string& text) {
                          asked = text;
                          if (!refusal.empty()) return refusal;
                          put(folder + "free_hugepages", std::to_string(given) + "\n");
                          return Tree(root_).write(path, std::to_string(16 + given) + "\n");
                        },
                    .mount = [](const std::string&, const std::string&) { return ""; }};
  const auto reason = [&] {
    const Report report = examine(&hands);
    EXPECT_EQ(report.status, kFailed);
    EXPECT_EQ(row(report, "hugepages")["state"], "missing");
    EXPECT_EQ(row(report, "hugepages")["fixed"], false);
    EXPECT_EQ(to_text(report.table).find("(fixed)"), std::string::npos);
    const std::string text = row(report, "hugepages")["not_fixed"];
    EXPECT_NE(to_text(report.table).find("not fixed: " + text), std::string::npos);
    return text;
  };
  refusal = "Permission denied";
  EXPECT_EQ(reason(), "Permission denied");
  refusal.clear();
  given = 9;  // memory is in pieces
  EXPECT_EQ(reason(), "the kernel gave 9 of 256 pages; after a reboot memory is whole");
  EXPECT_EQ(asked, "272");
  put(folder + "nr_hugepages", "16\n");
  put(folder + "free_hugepages", "0\n");
  put("proc/meminfo", "MemAvailable: 409600 kB\n");
  given = 50;
  EXPECT_EQ(reason(), "reserved 50 pages, and a quarter of the available memory is not enough");
  EXPECT_EQ(asked, "66");
  EXPECT_EQ(Tree(root_).write("sys/nowhere", "1"), "No such file or directory");
}

TEST_F(Doctor, MountsAreMadeAndNothingElseIsTouched) {
  put("proc/mounts", "");
  put("proc/sys/net/ipv4/ip_forward", "1\n");
  put("proc/sys/net/ipv4/conf/all/rp_filter", "1\n");
  nic("0000:3b:00.0", "i40e", "net/eth7");
  EXPECT_EQ(row("bpf")["command"],
            "mkdir -p /sys/fs/bpf && mount -t bpf -o nosuid,nodev,noexec,mode=0700 bpf /sys/fs/bpf");
  std::vector<std::string> done;
  const Hands hands{.write = [&done](const std::string& path, const std::string&) { return done.push_back(path), ""; },
                    .mount =
                        [&done](const std::string& type, const std::string& directory) {
                          done.push_back(type + " on " + directory);
                          return "";
                        }};
  examine(&hands);
  EXPECT_EQ(done, (std::vector<std::string>{"hugetlbfs on /dev/hugepages", "bpf on /sys/fs/bpf"}));
  EXPECT_EQ(row("rp_filter")["state"], "missing");
  EXPECT_EQ(row("ip_forward")["state"], "advice");
}

TEST_F(Doctor, AFreeNicNeedsADriverAndAnIommu) {
  nic("0000:3b:00.0", "i40e", "net/eth7");
  EXPECT_EQ(row("NIC 0000:3b:00.0")["state"], "advice");
  EXPECT_EQ(row("NIC 0000:3b:00.0")["command"], "device = \"0000:3b:00.0\"");
  EXPECT_EQ(row("PCI drivers")["state"], "missing");
  EXPECT_EQ(row("IOMMU")["state"], "ok") << "it alone would not help";
  fs::create_directories(root_ / "sys/bus/pci/drivers/vfio-pci");
  EXPECT_EQ(row("PCI drivers")["state"], "ok");
  EXPECT_EQ(row("IOMMU")["state"], "missing");
  fs::create_directories(root_ / "sys/class/iommu/dmar0");
  EXPECT_EQ(row("IOMMU")["state"], "missing") << "the NIC is not behind it";
  fs::create_directories(root_ / "sys/bus/pci/devices/0000:3b:00.0/iommu_group");
  EXPECT_EQ(row("PCI drivers")["state"], "ok");
  EXPECT_EQ(row("IOMMU")["state"], "ok");
  EXPECT_EQ(examine().status, kFine) << "advice is nothing missing";
  uses_["eth7"] = "belongs to br0";
  EXPECT_EQ(row("NIC 0000:3b:00.0")["found"],
            "8086:1572, driver i40e, interface eth7: left alone, it is in use: its interface eth7 belongs to br0");
  fs::remove(root_ / "sys/bus/pci/devices/0000:3b:00.0/driver");
  fs::remove_all(root_ / "sys/bus/pci/devices/0000:3b:00.0/net");
  fs::create_symlink("drivers/vfio-pci", root_ / "sys/bus/pci/devices/0000:3b:00.0/driver");
  EXPECT_EQ(row("NIC 0000:3b:00.0")["found"], "8086:1572, driver vfio-pci: ready as device = \"0000:3b:00.0\"");
  fs::create_directories(root_ / "sys/bus/pci/devices/0000:3b:00.0/uio/uio0");
  fs::create_directories(root_ / "proc/4711/fd");
  put("proc/4711/comm", "dpdk-testpmd\n");
  fs::create_symlink("/dev/uio0", root_ / "proc/4711/fd/9");
  EXPECT_EQ(row("NIC 0000:3b:00.0")["found"],
            "8086:1572, driver vfio-pci: left alone, it is in use: process 4711 (dpdk-testpmd) has /dev/uio0 open");
}

TEST_F(Doctor, ANicThatEcmpdWouldRefuseIsNotCalledFree) {
  nic("0000:3b:00.0", "i40e", "net");  // its interface is in another network namespace
  const Json refused = row("NIC 0000:3b:00.0");
  EXPECT_EQ(refused["state"], "ok");
  EXPECT_EQ(refused["command"], nullptr);
  EXPECT_EQ(refused["found"],
            "8086:1572, driver i40e: left alone, it may be in use: i40e has it, and its interface is not in this "
            "namespace");
  EXPECT_EQ(row("PCI drivers")["state"], "ok") << "nobody needs one";
}

TEST_F(Doctor, AModuleThatEcmpdLoadsIsNotMissing) {
  nic("0000:3b:00.0", "i40e", "net/eth7");
  put("proc/sys/kernel/osrelease", "6.1.0\n");
  put("lib/modules/6.1.0/modules.dep", "kernel/drivers/uio/uio_pci_generic.ko.xz: kernel/drivers/uio/uio.ko.xz\n");
  EXPECT_EQ(row("PCI drivers")["found"], "uio_pci_generic (not loaded)");
  EXPECT_EQ(examine().status, kFine);
  fs::create_directories(root_ / "sys/bus/pci/devices/0000:3b:00.0/iommu_group");
  EXPECT_EQ(row("PCI drivers")["state"], "missing") << "behind an IOMMU only vfio-pci will do";
  put("lib/modules/6.1.0/modules.dep", "kernel/drivers/vfio/pci/vfio-pci.ko: kernel/drivers/vfio/vfio.ko\n");
  EXPECT_EQ(row("PCI drivers")["found"], "vfio-pci (not loaded)");
  EXPECT_EQ(examine().status, kFine);
}

TEST_F(Doctor, ANicThatDpdkWorksBesideNeedsNothing) {
  nic("0000:5e:00.0", "mlx5_core", "net/eth8");
  EXPECT_EQ(row("NIC 0000:5e:00.0")["found"],
            "8086:1572, driver mlx5_core, interface eth8: ready as device = \"0000:5e:00.0\"");
  EXPECT_EQ(row("PCI drivers")["state"], "ok");
  EXPECT_EQ(row("IOMMU")["state"], "ok");
  uses_["eth8"] = "has routes";
  EXPECT_EQ(row("NIC 0000:5e:00.0")["found"],
            "8086:1572, driver mlx5_core, interface eth8: left alone, it is in use: its interface eth8 has routes");
}

TEST_F(Doctor, OldAndSmallMachines) {
  put("proc/cpuinfo", "flags : fpu\n");
  put("sys/devices/system/cpu/online", "0\n");
  put("sys/devices/system/cpu/isolated", "\n");
  put("proc/self/limits", "Max locked memory         8388608              8388608              bytes\n");
  put("proc/sys/net/ipv4/neigh/default/gc_thresh3", "1024\n");
  EXPECT_EQ(row("instructions")["state"], "missing");
  EXPECT_EQ(row("CPUs")["state"], "missing");
  EXPECT_EQ(row("locked memory")["found"], "8192 kB");
  EXPECT_EQ(row("locked memory")["state"], "advice");
  EXPECT_EQ(row("gc_thresh3 ipv4")["state"], "advice");
  EXPECT_EQ(row("time stamps")["state"], "advice");
  fs::remove_all(root_);
  EXPECT_EQ(examine().status, kFailed) << "nothing readable is no crash";
}

TEST_F(Doctor, LeftoversOfAKilledDaemon) {
  fs::create_directories(root_ / "run/dpdk/ecmpd4711");
  put("run/ecmpd.sock", "");
  EXPECT_EQ(row("earlier runs")["command"], "rm -r /run/dpdk/ecmpd4711 /run/ecmpd.sock");
  put("proc/4711/comm", "ecmpd\n");
  EXPECT_EQ(row("earlier runs")["state"], "ok");
  EXPECT_EQ(row("earlier runs")["found"], "ecmpd runs: process 4711");
}

TEST_F(Doctor, TextSaysWhyAndWhichCommand) {
  put("proc/sys/net/ipv4/conf/all/rp_filter", "1\n");
  const std::string text = to_text(examine().table);
  const size_t at = text.find("rp_filter");
  ASSERT_NE(at, std::string::npos);
  EXPECT_LT(at, text.find("strict on all interfaces"));
  EXPECT_LT(text.find("strict on all interfaces"), text.find("sysctl -w net.ipv4.conf.all.rp_filter=0"));
}

}  // namespace
}  // namespace ecmpd::control::ctl
