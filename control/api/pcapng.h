// Capture files in pcapng (draft-ietf-opsawg-pcapng), as a stream of blocks: a header with all interfaces, a block for
// each packet, and statistics at the end.
//
// Bytes are in this machine's order, times in nanoseconds since 1970. Pure functions; any thread.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace ecmpd::control::api::pcapng {

/// Section header and one interface description for each name, in their order.
std::string header(const std::string& application, const std::vector<std::string>& interfaces, uint32_t snap_length);

enum class Direction : uint8_t { kIn = 1, kOut = 2 };

struct Packet {
  uint32_t interface = 0;
  uint64_t time = 0;
  Direction direction = Direction::kIn;
  uint32_t length = 0;  // of the frame; `bytes` may be fewer
  std::span<const uint8_t> bytes;
  std::string comment{};  // none: no option
};
std::string packet(const Packet& packet);

/// Statistics of interface 0 at the end of the capture: what was written, and what was lost, of all interfaces.
std::string statistics(uint64_t time, uint64_t written, uint64_t lost);

/// Reads such a stream in pieces of any size: how many packets it brought, and how many the statistics say were lost.
class Reader {
 public:
  void read(std::span<const uint8_t> piece);
  uint64_t packets() const { return packets_; }
  uint64_t lost() const { return lost_; }
  /// The statistics have come: the stream is whole.
  bool ended() const { return ended_; }

 private:
  void block(uint32_t type, std::span<const uint8_t> body);
  std::vector<uint8_t> pending_;
  uint64_t packets_ = 0;
  uint64_t lost_ = 0;
  bool ended_ = false;
};

}  // namespace ecmpd::control::api::pcapng
