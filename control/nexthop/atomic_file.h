// Files that are read whole and replaced whole: a reader, or a crash, sees the old text or the new one.
//
// Does I/O, unlike the rest of the folder. Blocks; control thread, rarely. Errors name the file and the reason.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

namespace ecmpd::control {

/// Writes to a temporary file beside `path`, syncs it and renames it. Makes the folder if it is missing.
tl::expected<void, std::string> write_file_atomically(const std::string& path, std::string_view text);

/// The text of a file; nothing when there is no such file.
tl::expected<std::optional<std::string>, std::string> read_whole_file(const std::string& path);

}  // namespace ecmpd::control
