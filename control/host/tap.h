// A TAP interface of the kernel (or a TUN: packets without an Ethernet header), seen from the program's side: frames
// out of it and into it.
//
// Non-blocking. The interface exists as long as the object (and vanishes with the process). Control thread.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <tl/expected.hpp>

namespace ecmpd::control {

class Tap {
 public:
  enum class Kind : uint8_t { kTap, kTun };
  /// At most 15 characters; the name must be free. With "%d" in it the kernel counts up to one that is.
  static tl::expected<std::unique_ptr<Tap>, std::string> open(const std::string& name, Kind kind = Kind::kTap);
  ~Tap();
  Tap(const Tap&) = delete;
  Tap& operator=(const Tap&) = delete;

  const std::string& name() const { return name_; }
  unsigned interface() const { return interface_; }
  int fd() const { return fd_; }
  /// Bytes of the next frame that the kernel sent, 0 when there is none.
  size_t read(std::span<uint8_t> frame);
  /// Hands a frame to the kernel. False when it did not take it.
  bool write(std::span<const uint8_t> frame);

 private:
  Tap() = default;
  std::string name_;
  unsigned interface_ = 0;
  int fd_ = -1;
};

}  // namespace ecmpd::control
