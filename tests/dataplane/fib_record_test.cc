#include "dataplane/fib_record.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <optional>
#include <random>

#include "dataplane/fib6_address.h"

namespace ecmpd::dataplane {
namespace {

TEST(FibRecord, LengthsAreSeparate) {
  FibRecord<uint32_t, 32> record;
  EXPECT_TRUE(record.set(0x0a000000, 8, GroupId{8}));
  EXPECT_TRUE(record.set(0x0a000000, 32, GroupId{32}));
  EXPECT_TRUE(record.set(0, 0, kNoRoute));
  EXPECT_FALSE(record.set(0x0a000000, 8, GroupId{9}));
  EXPECT_EQ(record.find(0x0a123456, 8), GroupId{9});
  EXPECT_EQ(record.find(0x0a000000, 32), GroupId{32});
  EXPECT_EQ(record.find(0xffffffff, 0), kNoRoute);
  EXPECT_EQ(record.find(0x0a000000, 16), std::nullopt);
  EXPECT_FALSE(record.erase(0x0a000000, 16));
  EXPECT_TRUE(record.erase(0x0a0000ff, 8));
  EXPECT_EQ(record.size(), 2u);
}

__extension__ using Wide = unsigned __int128;

/// The address with these bits; of `bits` the lower ones that it has.
template <typename Address>
Address from_bits(Wide bits) {
  if constexpr (sizeof(Address) == sizeof(uint32_t)) {
    return static_cast<uint32_t>(bits);
  } else {
    return {static_cast<uint64_t>(bits >> 64), static_cast<uint64_t>(bits)};
  }
}

/// Prefixes of one length come and go one by one and in runs of eight neighbors, as many as there are of short ones.
template <typename Address, unsigned kBits>
class RecordChurn {
 public:
  explicit RecordChurn(unsigned length) : length_(length), random_(length) {}

  void run(unsigned steps) {
    for (unsigned step = 0; step < steps; ++step) {
      const uint64_t run = random_() % kRuns;
      const bool add = random_() % 2 == 0;
      if (random_() % 8 == 0) {
        for (unsigned neighbor = 0; neighbor < kNeighbors; ++neighbor) change(number(run, neighbor), add);
      } else {
        change(number(run, random_() % kNeighbors), add);
      }
      const Wide asked = number(random_() % kRuns, random_() % kNeighbors);
      const auto found = expected_.find(asked);
      ASSERT_EQ(record_.find(inside(asked), length_),
                found == expected_.end() ? std::nullopt : std::optional(GroupId{found->second}));
      ASSERT_EQ(record_.size(), expected_.size());
      most_ = std::max(most_, expected_.size());
    }
    for (const auto& [number, group] : expected_) ASSERT_EQ(record_.find(inside(number), length_), GroupId{group});
  }

  size_t most() const { return most_; }

 private:
  static constexpr unsigned kNeighbors = 8;
  static constexpr uint64_t kRuns = 400;

  /// The prefix as a number of `length_` bits: neighbors differ in the last three.
  Wide number(uint64_t run, uint64_t neighbor) const {
    const Wide network = Wide{run * 0x9e3779b97f4a7c15} << 3 | neighbor;
    return network & ((Wide{1} << (length_ - 1) << 1) - 1);
  }
  /// Any address in it.
  Address inside(Wide number) {
    const Wide host = (Wide{random_()} << 64 | random_()) & ((Wide{1} << (kBits - length_)) - 1);
    return from_bits<Address>(number << (kBits - length_) | host);
  }
  void change(Wide number, bool add) {
    if (add) {
      const auto group = static_cast<uint32_t>(random_() % 1000);
      EXPECT_EQ(record_.set(inside(number), length_, GroupId{group}), expected_.insert_or_assign(number, group).second);
    } else {
      EXPECT_EQ(record_.erase(inside(number), length_), expected_.erase(number) == 1);
    }
  }

  unsigned length_;
  std::mt19937_64 random_;
  FibRecord<Address, kBits> record_;
  std::map<Wide, uint32_t> expected_;
  size_t most_ = 0;
};

constexpr unsigned kSteps = 100'000;

/// Half of the prefixes are there at a time.
size_t least_expected(unsigned length) { return length < 12 ? (size_t{1} << length) / 2 : 1000; }

class FibRecordIpv4 : public testing::TestWithParam<unsigned> {};
TEST_P(FibRecordIpv4, ChurnAgainstAMap) {
  RecordChurn<uint32_t, 32> churn(GetParam());
  churn.run(kSteps);
  EXPECT_GE(churn.most(), least_expected(GetParam()));
}
INSTANTIATE_TEST_SUITE_P(Lengths, FibRecordIpv4, testing::Values(1, 2, 3, 4, 28, 32),
                         testing::PrintToStringParamName());

class FibRecordIpv6 : public testing::TestWithParam<unsigned> {};
TEST_P(FibRecordIpv6, ChurnAgainstAMap) {
  RecordChurn<Address6, 128> churn(GetParam());
  churn.run(kSteps);
  EXPECT_GE(churn.most(), least_expected(GetParam()));
}
INSTANTIATE_TEST_SUITE_P(Lengths, FibRecordIpv6, testing::Values(3, 64, 65, 67, 128),
                         testing::PrintToStringParamName());

}  // namespace
}  // namespace ecmpd::dataplane
