#include "control/api/pcapng.h"

#include <gtest/gtest.h>

#include <cstring>

namespace ecmpd::control::api::pcapng {
namespace {

uint32_t word(const std::string& bytes, size_t place) {
  uint32_t out = 0;
  std::memcpy(&out, bytes.data() + place, sizeof out);
  return out;
}

void read(Reader& reader, const std::string& bytes) {
  reader.read({reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()});
}

TEST(Pcapng, BlocksAreFramedAndPadded) {
  const std::vector<uint8_t> bytes = {1, 2, 3, 4, 5};
  const std::string block = packet({.interface = 2,
                                    .time = 0x1'0000'0002,
                                    .direction = Direction::kOut,
                                    .length = 99,
                                    .bytes = bytes,
                                    .comment = "x"});
  EXPECT_EQ(word(block, 0), 6u) << "an enhanced packet block";
  EXPECT_EQ(word(block, 4), block.size());
  EXPECT_EQ(word(block, block.size() - 4), block.size());
  EXPECT_EQ(block.size() % 4, 0u);
  EXPECT_EQ(word(block, 8), 2u);
  EXPECT_EQ(word(block, 12), 1u) << "upper half of the time";
  EXPECT_EQ(word(block, 16), 2u);
  EXPECT_EQ(word(block, 20), 5u);
  EXPECT_EQ(word(block, 24), 99u);
  EXPECT_EQ(block.substr(28, 8), std::string("\1\2\3\4\5\0\0\0", 8));
  EXPECT_EQ(word(block, 36), 4u << 16 | 2u) << "flags, four bytes";
  EXPECT_EQ(word(block, 40), 2u) << "outbound";
  EXPECT_EQ(word(block, 44), 1u << 16 | 1u) << "a comment of one byte";
  EXPECT_EQ(word(block, 48), uint32_t{'x'});
  EXPECT_EQ(word(block, 52), 0u) << "end of options";
}

TEST(Pcapng, TheHeaderNamesTheInterfaces) {
  const std::string bytes = header("ecmpd", {"node1", "clients"}, 128);
  EXPECT_EQ(word(bytes, 0), 0x0a0d0d0au);
  EXPECT_EQ(word(bytes, 8), 0x1a2b3c4du);
  const size_t first = word(bytes, 4);
  EXPECT_EQ(word(bytes, first), 1u);
  EXPECT_EQ(word(bytes, first + 12), 128u);
  EXPECT_LT(bytes.find("node1"), bytes.find("clients"));
  const size_t second = first + word(bytes, first + 4);
  EXPECT_EQ(second + word(bytes, second + 4), bytes.size());
}

TEST(Pcapng, TheReaderCountsWhateverThePieces) {
  const std::vector<uint8_t> frame(61, 0xab);
  std::string stream = header("ecmpd", {"a"}, 0);
  for (int i = 0; i < 7; ++i) stream += packet({.bytes = frame, .comment = "dropped: no_route"});
  const std::string whole = stream + statistics(1, 7, 12345678901);
  for (const size_t step : {size_t{1}, size_t{5}, size_t{64}, whole.size()}) {
    Reader reader;
    for (size_t place = 0; place < stream.size(); place += step) {
      read(reader, whole.substr(place, std::min(step, stream.size() - place)));
    }
    EXPECT_EQ(reader.packets(), 7u);
    EXPECT_FALSE(reader.ended());
    read(reader, whole.substr(stream.size()));
    EXPECT_TRUE(reader.ended());
    EXPECT_EQ(reader.lost(), 12345678901u);
  }
}

}  // namespace
}  // namespace ecmpd::control::api::pcapng
