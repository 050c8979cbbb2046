#include "bench/ecmpbench/frames.h"

#include <algorithm>
#include <cstdio>
#include <memory>

namespace ecmpd::bench {

namespace {

constexpr unsigned kEthernet = 14;
constexpr unsigned kIpv4 = 20;
constexpr unsigned kIpv6 = 40;
constexpr uint8_t kHops = 64;
constexpr Mac kSender = {0x02, 0, 0, 0, 0, 0xfe};

void put16(uint8_t* at, unsigned value) {
  at[0] = static_cast<uint8_t>(value >> 8);
  at[1] = static_cast<uint8_t>(value);
}

uint32_t sum_words(std::span<const uint8_t> bytes) {
  uint32_t sum = 0;
  for (size_t i = 0; i < bytes.size(); ++i) sum += i % 2 == 0 ? bytes[i] << 8 : bytes[i];
  return sum;
}

/// RFC 1071.
unsigned checksum(uint32_t sum) {
  while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
  return ~sum & 0xffff;
}

void put_header_checksum(uint8_t* ip) {
  put16(ip + 10, 0);
  put16(ip + 10, checksum(sum_words({ip, kIpv4})));
}

/// Over `udp` and the pseudo-header; a sum of 0 is sent as 0xffff (RFC 768).
void put_udp_checksum(std::span<uint8_t> udp, std::span<const uint8_t> addresses, uint8_t protocol) {
  const auto length = static_cast<uint32_t>(udp.size());
  const unsigned value = checksum(sum_words(udp) + sum_words(addresses) + protocol + length);
  put16(&udp[6], value == 0 ? 0xffff : value);
}

}  // namespace

unsigned least_size(hash::Family family) { return family == hash::Family::kIpv4 ? 64 : 66; }

Frame make_frame(const hash::Tuple& flow, uint32_t number, unsigned size, const Mac& to) {
  Frame frame(size - kFrameCheck);
  std::copy(to.begin(), to.end(), frame.begin());
  std::copy(kSender.begin(), kSender.end(), frame.begin() + 6);
  uint8_t* const ip = &frame[kEthernet];
  const bool v4 = flow.dst.is_v4();
  put16(&frame[12], v4 ? 0x0800 : 0x86dd);
  const unsigned header = v4 ? kIpv4 : kIpv6;
  const unsigned addresses_at = v4 ? 12 : 8;
  const unsigned address = flow.dst.size();
  std::copy_n(flow.src.bytes(), address, ip + addresses_at);
  std::copy_n(flow.dst.bytes(), address, ip + addresses_at + address);
  const auto total = static_cast<unsigned>(frame.size()) - kEthernet;
  if (v4) {
    ip[0] = 0x45;
    put16(ip + 2, total);
    put16(ip + 4, number);
    ip[8] = kHops;
    ip[9] = flow.protocol;
    put_header_checksum(ip);
  } else {
    ip[0] = 0x60;
    ip[1] = static_cast<uint8_t>(number >> 16 & 0xf);
    put16(ip + 2, number);
    put16(ip + 4, total - kIpv6);
    ip[6] = flow.protocol;
    ip[7] = kHops;
  }
  uint8_t* const udp = ip + header;
  put16(udp, flow.sport);
  put16(udp + 2, flow.dport);
  put16(udp + 4, total - header);
  put_udp_checksum({udp, total - header}, {ip + addresses_at, 2 * address}, flow.protocol);
  return frame;
}

uint32_t number_of(std::span<const uint8_t> frame) {
  const uint8_t* const ip = &frame[kEthernet];
  if (ip[0] >> 4 == 4) return static_cast<uint32_t>(ip[4] << 8 | ip[5]);
  return static_cast<uint32_t>((ip[1] & 0xf) << 16 | ip[2] << 8 | ip[3]);
}

Frame forwarded(const Frame& frame, const Mac& to, const Mac& from) {
  Frame out = frame;
  std::copy(to.begin(), to.end(), out.begin());
  std::copy(from.begin(), from.end(), out.begin() + 6);
  uint8_t* const ip = &out[kEthernet];
  if (ip[0] >> 4 == 4) {
    --ip[8];
    put_header_checksum(ip);
  } else {
    --ip[7];
  }
  return out;
}

bool write_capture(const std::string& path, std::span<const Frame> frames) {
  constexpr uint32_t kMagic = 0xa1b2c3d4;
  constexpr uint32_t kEthernetLink = 1;
  constexpr uint32_t kSnapLength = 65535;
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "wb"), std::fclose);
  if (file == nullptr) return false;
  const uint32_t header[6] = {kMagic, 2 | 4 << 16, 0, 0, kSnapLength, kEthernetLink};
  if (std::fwrite(header, sizeof header, 1, file.get()) != 1) return false;
  for (const Frame& frame : frames) {
    const auto length = static_cast<uint32_t>(frame.size());
    const uint32_t record[4] = {0, 0, length, length};
    if (std::fwrite(record, sizeof record, 1, file.get()) != 1) return false;
    if (std::fwrite(frame.data(), frame.size(), 1, file.get()) != 1) return false;
  }
  return std::fflush(file.get()) == 0;
}

}  // namespace ecmpd::bench
