// `ecmpctl doctor`: is this machine ready for ecmpd, what is missing, why does it matter, and which command helps.
//
// Reads files only and needs no daemon. With --fix it does what takes nothing from anybody: reserves hugepages from
// free memory and mounts filesystems. Each group of checks has a file of its own.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "control/api/table.h"
#include "control/ctl/command_line.h"
#include "control/ctl/doctor_tree.h"
#include "control/host/pci_device.h"

namespace ecmpd::control::ctl {

/// kMissing: ecmpd, or what the machine has for it, does not work or works badly. kAdvice: worth knowing.
enum class Health : uint8_t { kFine, kAdvice, kMissing };

/// What --fix may do. Each returns the error, empty if there is none.
struct Hands {
  std::function<std::string(const std::string& path, const std::string& text)> write;
  std::function<std::string(const std::string& type, const std::string& directory)> mount;
};

/// Of what --fix mounts, and in the command that it stands for.
inline constexpr const char* kMountMode = "mode=0700";

struct Finding {
  std::string check;
  Health health = Health::kFine;
  std::string found;
  std::string why{};      // it matters
  std::string command{};  // that helps
  /// Safe to do at any time; none: left to the reader. Returns why it was not done, or not in full.
  std::function<std::string(const Hands&)> fix{};
};
using Findings = std::vector<Finding>;

Findings check_cpu(const Tree& tree);                                      // doctor_cpu.cc
Findings check_memory(const Tree& tree);                                   // doctor_memory.cc
Findings check_devices(const Tree& tree, const InterfaceUse& why_in_use);  // doctor_devices.cc
Findings check_kernel(const Tree& tree);                                   // doctor_kernel.cc
Findings check_all(const Tree& tree, const InterfaceUse& why_in_use);

struct Report {
  api::Table table;
  ExitStatus status = kFine;  // kFailed when something is missing
};
/// Checks; with `hands` fixes what may be fixed and checks again.
Report examine(const Tree& tree, const InterfaceUse& why_in_use, const Hands* hands);

/// The command on this machine.
ExitStatus doctor(const Question& question);

}  // namespace ecmpd::control::ctl
