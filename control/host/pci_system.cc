#include "control/host/pci_system.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>

#include "control/host/interface_use.h"

namespace ecmpd::control {

namespace {

bool write_file(const std::filesystem::path& file, const std::string& value) {
  const int fd = open(file.c_str(), O_WRONLY | O_CLOEXEC);
  if (fd < 0) return false;
  const bool written = ::write(fd, value.data(), value.size()) == static_cast<ssize_t>(value.size());
  close(fd);
  return written;
}

void modprobe(const std::string& module) {
  std::string program = "/sbin/modprobe";
  std::string quiet = "--quiet";
  std::string name = module;
  std::array<char*, 4> arguments = {program.data(), quiet.data(), name.data(), nullptr};
  pid_t child = 0;
  if (posix_spawn(&child, program.c_str(), nullptr, nullptr, arguments.data(), environ) != 0) return;
  waitpid(child, nullptr, 0);
}

}  // namespace

PciSystem PciSystem::real() {
  return {
      .sys = "/sys", .proc = "/proc", .write = write_file, .load_module = modprobe, .why_in_use = control::why_in_use};
}

}  // namespace ecmpd::control
