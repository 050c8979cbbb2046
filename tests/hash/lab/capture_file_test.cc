#include "hash/lab/capture_file.h"

#include <gtest/gtest.h>

#include <fstream>

#include "hash/lab/packet_bytes.h"
#include "hash/lab/units.h"

namespace ecmpd::hash::lab {
namespace {

void put32(Bytes& bytes, uint32_t value) {  // little-endian, as the files here are
  for (unsigned i = 0; i < 4; ++i) bytes.push_back(static_cast<uint8_t>(value >> 8 * i));
}
void append(Bytes& bytes, const Bytes& more) {
  for (const uint8_t byte : more) bytes.push_back(byte);
}

struct Recorded {
  Bytes bytes;
  uint32_t length;  // on the wire
};

Bytes pcap(uint32_t link_type, const std::vector<Recorded>& frames) {
  Bytes out;
  put32(out, 0xa1b2c3d4);
  append(out, {2, 0, 4, 0});
  for (const uint32_t word : {0u, 0u, 65535u, link_type}) put32(out, word);
  for (const Recorded& frame : frames) {
    for (const uint32_t word : {1u, 2u, static_cast<uint32_t>(frame.bytes.size()), frame.length}) put32(out, word);
    append(out, frame.bytes);
  }
  return out;
}

void put_block(Bytes& out, uint32_t type, Bytes body) {
  body.resize((body.size() + 3) / 4 * 4);
  const auto size = static_cast<uint32_t>(body.size() + 12);
  put32(out, type);
  put32(out, size);
  append(out, body);
  put32(out, size);
}

/// One interface for each of `link_types`; every frame is of the last one.
Bytes pcapng(const std::vector<uint8_t>& link_types, const std::vector<Recorded>& frames) {
  Bytes out;
  Bytes section;
  put32(section, 0x1a2b3c4d);
  append(section, {1, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff});
  put_block(out, 0x0a0d0d0a, section);
  for (const uint8_t type : link_types) put_block(out, 1, {type, 0, 0, 0, 0, 0, 0, 0});
  for (const Recorded& frame : frames) {
    Bytes body;
    for (const uint32_t word : {static_cast<uint32_t>(link_types.size() - 1), 0u, 0u,
                                static_cast<uint32_t>(frame.bytes.size()), frame.length}) {
      put32(body, word);
    }
    append(body, frame.bytes);
    put_block(out, 6, body);
  }
  return out;
}

std::string written(const Bytes& bytes, const std::string& name) {
  const std::string path = testing::TempDir() + "ecmpd_" + name;
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  return path;
}

Tuple flow(uint16_t sport) {
  return {.src = *IpAddress::parse("10.0.0.1"),
          .dst = *IpAddress::parse("203.0.113.10"),
          .protocol = 17,
          .sport = sport,
          .dport = 53};
}
constexpr uint32_t kRaw = 101;

TEST(CaptureFile, FramesOfPcapAndPcapng) {
  const std::vector<Recorded> frames = {{packet_of(flow(1)), 44}, {packet_of(flow(2)), 1500}, {{0x45}, 60}};
  for (const auto& path :
       {written(pcap(kRaw, frames), "frames.pcap"), written(pcapng({kRaw}, frames), "frames.pcapng")}) {
    auto file = CaptureFile::open(path);
    ASSERT_TRUE(file) << file.error();
    EXPECT_TRUE(is_known(file->link_type()));
    for (size_t i = 0; i < frames.size(); ++i) {
      const auto frame = file->next();
      ASSERT_TRUE(frame && *frame);
      EXPECT_EQ((*frame)->number, i + 1);
      EXPECT_EQ((*frame)->length, frames[i].length);
      EXPECT_EQ(Bytes((*frame)->bytes.begin(), (*frame)->bytes.end()), frames[i].bytes);
    }
    const auto end = file->next();
    EXPECT_TRUE(end && !*end);
  }
}

/// Reads to the end or to the error.
std::string error_of(const std::string& path) {
  auto file = CaptureFile::open(path);
  if (!file) return file.error();
  while (true) {
    const auto frame = file->next();
    if (!frame) return frame.error();
    if (!*frame) return "";
  }
}

TEST(CaptureFile, ErrorsNameTheFileAndTheFrame) {
  const std::vector<Recorded> two = {{packet_of(flow(1)), 44}, {packet_of(flow(2)), 44}};
  Bytes corrupt = pcap(kRaw, two);
  corrupt[24 + 16 + two[0].bytes.size() + 8 + 3] = 0x40;  // the captured length of the second frame: a gigabyte
  struct {
    const char* why;
    std::string path;
    const char* text;
  } const kCases[] = {
      {"not there", testing::TempDir() + "ecmpd_none.pcap", "No such file"},
      {"a directory", testing::TempDir(), ""},
      {"empty", written({}, "empty.pcap"), "truncated"},
      {"something else", written({'h', 'e', 'l', 'l', 'o'}, "text.pcap"), "unknown file format"},
      {"a length that cannot be", written(corrupt, "corrupt.pcap"), "frame 2: invalid packet capture length"},
      {"USB", written(pcap(189, two), "usb.pcap"),
       "link type 189 (USB_LINUX) carries no IP packets that ecmplab knows how to find; it knows Ethernet"},
      {"two interfaces that differ", written(pcapng({kRaw, 1}, two), "two.pcapng"), "frame 1: "},
  };
  for (const auto& test : kCases) {
    const std::string error = error_of(test.path);
    EXPECT_TRUE(error.starts_with(test.path + ": ")) << test.why << ": " << error;
    EXPECT_NE(error.find(test.text), std::string::npos) << test.why << ": " << error;
  }
}

/// Captures that were broken off end anywhere.
TEST(CaptureFile, FramesBeforeACutCount) {
  const std::vector<Recorded> two = {{packet_of(flow(1)), 44}, {packet_of(flow(2)), 44}};
  for (const bool ng : {false, true}) {
    const Bytes whole = ng ? pcapng({kRaw}, two) : pcap(kRaw, two);
    const size_t second = whole.size() - (ng ? 32 + 32 : 16) - two[1].bytes.size() + (ng ? 32 : 0);
    for (size_t size = second + 1; size < whole.size(); ++size) {
      const Bytes part(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
      auto file = CaptureFile::open(written(part, "cut.pcap"));
      ASSERT_TRUE(file) << file.error();
      const auto first = file->next();
      ASSERT_TRUE(first && *first) << size;
      EXPECT_EQ(file->cut(), "");
      for (int again = 0; again < 2; ++again) {
        const auto end = file->next();
        ASSERT_TRUE(end) << size << ": " << end.error();
        EXPECT_FALSE(*end);
      }
      EXPECT_NE(file->cut().find("cut.pcap: cut off in frame 2, the 1 before it count (truncated"), std::string::npos)
          << file->cut();
    }
    const std::string path = written(Bytes(whole.begin(), whole.end() - 1), "cut.pcap");
    const auto units = capture_units(path, KeyFields::five_tuple());
    ASSERT_TRUE(units) << units.error();
    EXPECT_EQ(units->frames, 1u);
    EXPECT_TRUE(units->warning.starts_with(path + ": cut off in frame 2"));
  }
}

TEST(CaptureUnits, AreKeysWithTheirFlowsAndBytes) {
  const Bytes fragment = packet_of(flow(3), {.fragment = 0x2000});
  const std::vector<Recorded> frames = {{packet_of(flow(1)), 100},
                                        {packet_of(flow(2)), 200},
                                        {packet_of(flow(1)), 300},
                                        {{1, 2, 3}, 60},
                                        {fragment, 1000}};
  const std::string path = written(pcap(kRaw, frames), "units.pcap");
  const auto with_ports = capture_units(path, KeyFields::five_tuple());
  ASSERT_TRUE(with_ports) << with_ports.error();
  EXPECT_EQ(with_ports->frames, 5u);
  EXPECT_EQ(with_ports->without_ip, 1u);
  EXPECT_EQ(with_ports->keys4.size(), 3u);
  EXPECT_EQ(with_ports->flows, (std::vector<uint64_t>{1, 1, 1}));
  EXPECT_EQ(with_ports->bytes, (std::vector<uint64_t>{400, 200, 1000}));
  const auto without = capture_units(path, KeyFields::three_tuple());
  ASSERT_TRUE(without);
  EXPECT_EQ(without->flows, (std::vector<uint64_t>{3}));
  EXPECT_EQ(without->bytes, (std::vector<uint64_t>{1600}));
}

}  // namespace
}  // namespace ecmpd::hash::lab
