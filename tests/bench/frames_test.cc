#include "bench/ecmpbench/frames.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "dataplane/parse_ipv4.h"

namespace ecmpd::bench {
namespace {

constexpr Mac kTo = {2, 0, 0, 0, 0, 1};
constexpr Mac kFrom = {2, 0, 0, 0, 0, 2};

hash::Tuple flow4() {
  return {*hash::IpAddress::parse("11.1.2.3"), *hash::IpAddress::parse("198.51.100.9"), 17, 1234, 80, 0};
}
hash::Tuple flow6() {
  return {*hash::IpAddress::parse("2001:db8::1"), *hash::IpAddress::parse("2001:db8:100::9"), 17, 1234, 80, 0};
}

TEST(Frames, HaveTheSizeTheNumberAndTheKeyOfTheirFlow) {
  const Frame short4 = make_frame(flow4(), 65535, 64, kTo);
  EXPECT_EQ(short4.size(), 60u);
  EXPECT_EQ(number_of(short4), 65535u);
  EXPECT_EQ(hash::key4_from_packet({&short4[14], 46}, {}), hash::key4_from_tuple(flow4(), {}));

  const Frame short6 = make_frame(flow6(), 0xabcde, 66, kTo);
  EXPECT_EQ(short6.size(), 62u);
  EXPECT_EQ(number_of(short6), 0xabcdeu);
  EXPECT_EQ(hash::key6_from_packet({&short6[14], 48}, {}), hash::key6_from_tuple(flow6(), {}));

  EXPECT_EQ(make_frame(flow4(), 0, 1518, kTo).size(), 1514u);
}

TEST(Frames, HaveRightChecksums) {
  const Frame frame = make_frame(flow4(), 7, 64, kTo);
  EXPECT_TRUE(dataplane::checksum_is_correct(&frame[14], 20));
  // By hand, over the IPv6 pseudo-header and the datagram: 8 bytes, no data.
  const Frame six = make_frame(flow6(), 7, 66, kTo);
  uint32_t sum = 17 + 8;
  for (size_t i = 22; i < six.size(); i += 2) sum += static_cast<uint32_t>(six[i] << 8 | six[i + 1]);
  EXPECT_EQ((sum & 0xffff) + (sum >> 16), 0xffffu);
}

TEST(Frames, ForwardedOnesDifferWhereTheyMust) {
  const Frame frame = make_frame(flow4(), 7, 64, kTo);
  const Frame sent = forwarded(frame, kFrom, kTo);
  EXPECT_TRUE(dataplane::checksum_is_correct(&sent[14], 20));
  EXPECT_TRUE(std::equal(kFrom.begin(), kFrom.end(), sent.begin()));
  EXPECT_TRUE(std::equal(kTo.begin(), kTo.end(), sent.begin() + 6));
  EXPECT_EQ(sent[22], frame[22] - 1);
  for (size_t i = 12; i < frame.size(); ++i) {
    if (i != 22 && i != 24 && i != 25) {
      EXPECT_EQ(sent[i], frame[i]) << i;
    }
  }
  const Frame six = make_frame(flow6(), 7, 66, kTo);
  Frame expected = six;
  std::copy(kFrom.begin(), kFrom.end(), expected.begin());
  std::copy(kTo.begin(), kTo.end(), expected.begin() + 6);
  --expected[21];
  EXPECT_EQ(forwarded(six, kFrom, kTo), expected);
}

TEST(Frames, ACaptureHoldsThem) {
  const std::string path = std::filesystem::path(testing::TempDir()) / "ecmpbench_frames_test.pcap";
  const std::vector<Frame> frames = {make_frame(flow4(), 1, 64, kTo), make_frame(flow6(), 2, 100, kTo)};
  ASSERT_TRUE(write_capture(path, frames));
  std::ifstream file(path, std::ios::binary);
  const std::vector<char> bytes((std::istreambuf_iterator<char>(file)), {});
  EXPECT_EQ(bytes.size(), 24u + 16 + 60 + 16 + 96);
  std::filesystem::remove(path);
  EXPECT_FALSE(write_capture("/nonexistent/folder/file.pcap", frames));
}

}  // namespace
}  // namespace ecmpd::bench
