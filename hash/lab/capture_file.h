// A file of captured frames, pcap or pcapng, read through libpcap, which only capture_file.cc knows.
//
// Errors name the file and, once reading has begun, the frame. Not thread-safe; any one thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <tl/expected.hpp>

#include "hash/lab/frame.h"

namespace ecmpd::hash::lab {

struct CapturedFrame {
  uint64_t number = 0;             // from 1, as Wireshark counts
  std::span<const uint8_t> bytes;  // what was captured; valid until the next frame is read
  uint32_t length = 0;             // on the wire
};

class CaptureFile {
 public:
  /// "-" is standard input. A link type that frame.h does not know is an error.
  static tl::expected<CaptureFile, std::string> open(const std::string& path);
  ~CaptureFile();
  CaptureFile(CaptureFile&&) noexcept;
  CaptureFile& operator=(CaptureFile&&) noexcept;

  LinkType link_type() const;
  /// The next frame; nothing at the end of the file, also where the file is cut off within a frame.
  tl::expected<std::optional<CapturedFrame>, std::string> next();
  /// At the end: in which frame the file is cut off, and that those before it count. Empty: in none.
  const std::string& cut() const;

 private:
  struct Reader;
  explicit CaptureFile(std::unique_ptr<Reader> reader);
  std::unique_ptr<Reader> reader_;
};

}  // namespace ecmpd::hash::lab
