// Reads a small file whole; "-" is standard input. Main thread.
#pragma once

#include <string>
#include <tl/expected.hpp>

namespace ecmpd::hash::lab {

/// The error names the file and says why. At most 16 MiB.
tl::expected<std::string, std::string> read_text_file(const std::string& path);

/// Whether a file can be written at `path`, to be asked before long work. Makes an empty one where there is none; what
/// is in it stays. The error names the path and why not.
tl::expected<void, std::string> check_writable(const std::string& path);

}  // namespace ecmpd::hash::lab
