// Kernel settings under /proc/sys. Control thread.
#pragma once

#include <string>

namespace ecmpd::control {

/// `path` below /proc/sys, with slashes. Empty when it cannot be read.
std::string read_sysctl(const std::string& path);
/// False when it cannot be written.
bool write_sysctl(const std::string& path, const std::string& value);

}  // namespace ecmpd::control
