// Reads a small file whole; "-" is standard input. Main thread.
#pragma once

#include <string>
#include <tl/expected.hpp>

namespace ecmpd::hash::lab {

/// The error names the file and says why. At most 16 MiB.
tl::expected<std::string, std::string> read_text_file(const std::string& path);

}  // namespace ecmpd::hash::lab
