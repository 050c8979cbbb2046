#include "control/api/pcapng.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>

namespace ecmpd::control::api::pcapng {
namespace {

// Block types (section 4 of the draft).
constexpr uint32_t kSectionHeader = 0x0a0d0d0a;
constexpr uint32_t kInterfaceDescription = 1;
constexpr uint32_t kInterfaceStatistics = 5;
constexpr uint32_t kEnhancedPacket = 6;

constexpr uint32_t kByteOrderMagic = 0x1a2b3c4d;
constexpr uint16_t kEthernet = 1;  // LINKTYPE_ETHERNET
constexpr uint8_t kNanoseconds = 9;

// Options, which belong to their block.
constexpr uint16_t kComment = 1;
constexpr uint16_t kApplication = 4;  // of a section
constexpr uint16_t kName = 2;         // of an interface
constexpr uint16_t kTimeResolution = 9;
constexpr uint16_t kFlags = 2;      // of a packet
constexpr uint16_t kOsDropped = 7;  // of statistics
constexpr uint16_t kDelivered = 8;

constexpr size_t kFrame = 12;  // of a block: type and length in front, length behind

template <typename T>
void add(std::string& out, T number) {
  std::array<char, sizeof number> bytes;
  std::memcpy(bytes.data(), &number, sizeof number);
  out.append(bytes.data(), bytes.size());
}

void add_padded(std::string& out, std::string_view bytes) {
  out += bytes;
  out.append((4 - bytes.size() % 4) % 4, '\0');
}

void add_option(std::string& out, uint16_t code, std::string_view value) {
  value = value.substr(0, UINT16_MAX);
  add(out, code);
  add(out, static_cast<uint16_t>(value.size()));
  add_padded(out, value);
}

template <typename T>
void add_number_option(std::string& out, uint16_t code, T number) {
  std::string value;
  add(value, number);
  add_option(out, code, value);
}

void add_time(std::string& out, uint64_t time) {
  add(out, static_cast<uint32_t>(time >> 32));
  add(out, static_cast<uint32_t>(time));
}

/// `body` with its options, which the end of options closes.
std::string block(uint32_t type, std::string body) {
  add(body, uint32_t{0});
  const auto length = static_cast<uint32_t>(body.size() + kFrame);
  std::string out;
  add(out, type);
  add(out, length);
  out += body;
  add(out, length);
  return out;
}

template <typename T>
T number_at(std::span<const uint8_t> bytes, size_t place) {
  T number;
  std::memcpy(&number, bytes.data() + place, sizeof number);
  return number;
}

}  // namespace

std::string header(const std::string& application, const std::vector<std::string>& interfaces, uint32_t snap_length) {
  std::string body;
  add(body, kByteOrderMagic);
  add(body, uint16_t{1});  // version 1.0
  add(body, uint16_t{0});
  add(body, ~uint64_t{0});  // section length: not said
  add_option(body, kApplication, application);
  std::string out = block(kSectionHeader, std::move(body));
  for (const std::string& name : interfaces) {
    std::string description;
    add(description, kEthernet);
    add(description, uint16_t{0});
    add(description, snap_length);
    add_option(description, kName, name);
    add_number_option(description, kTimeResolution, kNanoseconds);
    out += block(kInterfaceDescription, std::move(description));
  }
  return out;
}

std::string packet(const Packet& packet) {
  std::string body;
  add(body, packet.interface);
  add_time(body, packet.time);
  add(body, static_cast<uint32_t>(packet.bytes.size()));
  add(body, packet.length);
  add_padded(body, {reinterpret_cast<const char*>(packet.bytes.data()), packet.bytes.size()});
  add_number_option(body, kFlags, static_cast<uint32_t>(packet.direction));
  if (!packet.comment.empty()) add_option(body, kComment, packet.comment);
  return block(kEnhancedPacket, std::move(body));
}

std::string statistics(uint64_t time, uint64_t written, uint64_t lost) {
  std::string body;
  add(body, uint32_t{0});
  add_time(body, time);
  add_option(body, kComment, "packets of all interfaces");
  add_number_option(body, kOsDropped, lost);
  add_number_option(body, kDelivered, written);
  return block(kInterfaceStatistics, std::move(body));
}

void Reader::block(uint32_t type, std::span<const uint8_t> body) {
  if (type == kEnhancedPacket) ++packets_;
  if (type != kInterfaceStatistics) return;
  ended_ = true;
  for (size_t place = 12; place + 4 <= body.size();) {
    const auto code = number_at<uint16_t>(body, place);
    const size_t size = number_at<uint16_t>(body, place + 2);
    if (code == kOsDropped && size == sizeof lost_ && place + 4 + size <= body.size()) {
      lost_ = number_at<uint64_t>(body, place + 4);
    }
    place += 4 + (size + 3) / 4 * 4;
  }
}

void Reader::read(std::span<const uint8_t> piece) {
  pending_.insert(pending_.end(), piece.begin(), piece.end());
  size_t place = 0;
  while (pending_.size() - place >= kFrame) {
    const std::span<const uint8_t> rest = std::span(pending_).subspan(place);
    const size_t length = std::max<size_t>(number_at<uint32_t>(rest, 4), kFrame);
    if (rest.size() < length) break;
    block(number_at<uint32_t>(rest, 0), rest.subspan(8, length - kFrame));
    place += length;
  }
  pending_.erase(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(place));
}

}  // namespace ecmpd::control::api::pcapng
