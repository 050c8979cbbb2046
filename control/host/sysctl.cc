#include "control/host/sysctl.h"

#include <fstream>

namespace ecmpd::control {

std::string read_sysctl(const std::string& path) {
  std::ifstream file("/proc/sys/" + path);
  std::string value;
  std::getline(file, value);
  return value;
}

bool write_sysctl(const std::string& path, const std::string& value) {
  std::ofstream file("/proc/sys/" + path);
  file << value << std::flush;
  return file.good();
}

}  // namespace ecmpd::control
