#include "control/bgp/as_path.h"

#include <gtest/gtest.h>

#include "tests/control/bgp/bytes.h"

namespace ecmpd::control::bgp {
namespace {

using namespace testing;
using Type = AsPathSegment::Type;
using Path = std::vector<AsPathSegment>;

TEST(AsPath, DecodesBothWidths) {
  EXPECT_EQ(decode_as_path(hex("02 02 0001 0002"), false), (Path{{Type::kSequence, {1, 2}}}));
  EXPECT_EQ(decode_as_path(hex("02 01 00010000 01 02 00000003 00000004"), true),
            (Path{{Type::kSequence, {65536}}, {Type::kSet, {3, 4}}}));
  EXPECT_EQ(decode_as_path({}, true), Path{});
}

TEST(AsPath, RefusesMalformed) {
  for (const char* bad : {"02", "02 00", "02 01 0001", "00 01 00000001", "03 01 00000001", "04 01 00000001",
                          "05 01 00000001", "02 01 00000000", "02 01 00000001 02"}) {
    EXPECT_FALSE(decode_as_path(hex(bad), true)) << bad;
  }
}

TEST(AsPath, LengthCountsASetAsOne) {
  const Path path{{Type::kSequence, {1, 2}}, {Type::kSet, {3, 4, 5}}};
  EXPECT_EQ(as_path_length(path), 3u);
  EXPECT_EQ(neighbor_as(path), 1u);
  EXPECT_EQ(neighbor_as({}), 0u);
  EXPECT_EQ(neighbor_as({{Type::kSet, {3}}}), 0u);
}

TEST(AsPath, MergeTakesTheTailFromAs4Path) {
  // RFC 6793 section 4.2.3, with AS_TRANS where two octets were not enough.
  EXPECT_EQ(merge_as4_path({{Type::kSequence, {100, 23456, 23456}}}, {{Type::kSequence, {70000, 80000}}}),
            (Path{{Type::kSequence, {100, 70000, 80000}}}));
  EXPECT_EQ(merge_as4_path({{Type::kSequence, {23456}}}, {{Type::kSequence, {70000}}}),
            (Path{{Type::kSequence, {70000}}}));
  EXPECT_EQ(merge_as4_path({{Type::kSequence, {100}}, {Type::kSet, {7, 8}}}, {{Type::kSet, {70007, 8}}}),
            (Path{{Type::kSequence, {100}}, {Type::kSet, {70007, 8}}}));
}

TEST(AsPath, MergeIgnoresAnAs4PathThatIsLonger) {
  const Path path{{Type::kSequence, {100}}};
  EXPECT_EQ(merge_as4_path(path, {{Type::kSequence, {1, 2}}}), path);
}

}  // namespace
}  // namespace ecmpd::control::bgp
