// What is recorded is what happened: each fate through the real stages, and what limits a watch.
#include "dataplane/recorder.h"

#include <gtest/gtest.h>
#include <rte_byteorder.h>

#include <algorithm>
#include <set>

#include "dataplane/explain.h"
#include "dataplane/watch.h"
#include "tests/dataplane/packet.h"
#include "tests/dataplane/stage_harness.h"

namespace ecmpd::dataplane::test {
namespace {

struct Seen {
  WatchRecord record;
  Bytes bytes;
};

class RecorderTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { start_test_eal(); }

  Watch& start(WatchSpec spec) {
    watch_ = std::make_unique<Watch>(std::move(spec), 1, 4);
    harness.record(watch_->recorder(0));
    return *watch_;
  }
  std::vector<Seen> seen(unsigned limit = 1000) {
    std::vector<Seen> out;
    watch_->take(limit, [&out](const WatchRecord& record, const uint8_t* bytes) {
      out.push_back({record, Bytes(bytes, bytes + record.captured)});
    });
    return out;
  }

  StageHarness harness;

 private:
  std::unique_ptr<Watch> watch_;
};

TEST_F(RecorderTest, AForwardedPacketHasEveryStage) {
  start({});
  const Bytes frame =
      packet().ethernet_to(port_mac(2)).from("192.0.2.7").to("203.0.113.10").ttl(64).tcp(40000, 80).frame();
  const Result result = harness.run(frame, 2);
  const auto records = seen();
  ASSERT_EQ(records.size(), 1u);
  const WatchRecord& record = records[0].record;
  EXPECT_EQ(records[0].bytes, frame);
  EXPECT_EQ(record.as, WatchedAs::kReceived);
  EXPECT_EQ(record.port, PortIndex{2});
  EXPECT_EQ(record.length, frame.size());
  EXPECT_GT(record.tsc, 0u);
  // explain() answers by the same functions, for the same tuple.
  const hash::Tuple tuple{
      *hash::IpAddress::parse("192.0.2.7"), *hash::IpAddress::parse("203.0.113.10"), 6, 40000, 80, 0};
  const Explanation expected = explain(harness.state(), tuple);
  ASSERT_TRUE(record.selected);
  EXPECT_EQ(record.group, expected.group);
  EXPECT_EQ(record.buckets, expected.group_size);
  EXPECT_EQ(record.hash, expected.hash);
  EXPECT_EQ(record.bucket, expected.bucket);
  EXPECT_EQ(record.adjacency, expected.adjacency);
  ASSERT_EQ(record.key_size, expected.key_size);
  EXPECT_TRUE(std::equal(expected.key().begin(), expected.key().end(), record.key.begin()));
  EXPECT_EQ(record.fate, Fate::kSent);
  EXPECT_EQ(raw(record.out), *result.port);
  ASSERT_EQ(record.rewritten_size, result.frame.size());
  EXPECT_TRUE(std::equal(result.frame.begin(), result.frame.end(), record.rewritten.begin()));
}

TEST_F(RecorderTest, KeysOfUncommonPacketsAreThoseThatWereHashed) {
  start({});
  harness.run(packet().to("203.0.113.10").fragment(0x2000).udp(1, 2).payload(8).frame());  // more fragments
  harness.run(packet().to("203.0.113.10").options({1, 1, 1, 1}).udp(1, 2).frame());
  const auto records = seen();
  ASSERT_EQ(records.size(), 2u);
  const auto ports = [](const WatchRecord& record) {
    return record.key[12] << 24 | record.key[13] << 16 | record.key[14] << 8 | record.key[15];
  };
  EXPECT_EQ(ports(records[0].record), 0) << "a fragment is hashed without ports";
  EXPECT_EQ(ports(records[1].record), 1 << 16 | 2);
}

TEST_F(RecorderTest, DropsAndPuntsHaveTheirReason) {
  start({});
  harness.run(packet().to("203.0.113.10").checksum(1).udp(1, 2).frame());
  harness.run(packet().to("10.0.0.1").udp(1, 2).frame());
  const auto records = seen();
  ASSERT_EQ(records.size(), 2u);
  EXPECT_EQ(records[0].record.fate, Fate::kDropped);
  EXPECT_EQ(records[0].record.reason, DropReason::kIpv4Checksum);
  EXPECT_FALSE(records[0].record.selected) << "parse dropped it";
  EXPECT_EQ(records[1].record.fate, Fate::kPunted);
  EXPECT_EQ(records[1].record.punt_class, PuntClass::kOther);
  EXPECT_TRUE(records[1].record.selected);
}

TEST_F(RecorderTest, AnIcmpErrorIsAPacketOfItsOwn) {
  start({});
  const Result result = harness.run(packet().from("10.0.9.9").to("203.0.113.10").ttl(1).udp(1, 2).frame());
  ASSERT_TRUE(result.error_port) << "the sender is told";
  const auto records = seen();
  ASSERT_EQ(records.size(), 2u);
  EXPECT_EQ(records[0].record.reason, DropReason::kTtlExpired);
  EXPECT_EQ(records[1].record.as, WatchedAs::kOriginated);
  EXPECT_EQ(records[1].record.fate, Fate::kSent);
  EXPECT_EQ(raw(records[1].record.out), *result.error_port);
}

TEST_F(RecorderTest, RecordsOfABurstKeepTheirPackets) {
  start({});
  std::vector<Bytes> frames;
  for (uint16_t i = 0; i < kBurst; ++i) {
    auto builder = packet().to("203.0.113.10").udp(static_cast<uint16_t>(1000 + i), 53);
    frames.push_back(i % 3 == 0 ? builder.checksum(1).frame() : builder.frame());
  }
  harness.run_burst(frames, [](const rte_mbuf*) {});
  const auto records = seen();
  ASSERT_EQ(records.size(), size_t{kBurst});
  std::set<std::string> bytes;
  for (const Seen& one : records) {
    bytes.insert({one.bytes.begin(), one.bytes.end()});
    const bool bad = one.record.fate == Fate::kDropped;
    const auto place = std::find(frames.begin(), frames.end(), one.bytes) - frames.begin();
    EXPECT_EQ(bad, place % 3 == 0);
    if (!bad) {
      EXPECT_TRUE(std::equal(one.bytes.begin() + 34, one.bytes.begin() + 38, one.record.rewritten.begin() + 34));
    }
  }
  EXPECT_EQ(bytes.size(), frames.size());
}

TEST_F(RecorderTest, PortAndCountLimitTheWatch) {
  Watch& watch = start({.filter = {}, .port = PortIndex{1}, .count = 2});
  const Bytes frame = packet().to("203.0.113.10").udp(1, 2).frame();
  harness.run(frame, 0);
  EXPECT_TRUE(seen().empty());
  for (int i = 0; i < 5; ++i) harness.run(frame, 1);
  EXPECT_FALSE(watch.complete());
  EXPECT_EQ(seen().size(), 2u);
  EXPECT_TRUE(watch.complete());
  EXPECT_EQ(watch.lost(), 0u);
}

TEST_F(RecorderTest, WhatIsClosedIsReadToItsEndAndNoFurther) {
  Watch& watch = start({.filter = {}, .port = {}, .count = UINT64_MAX, .snap_length = 128, .frames_out = true});
  const Bytes frame = packet().to("203.0.113.10").udp(1, 2).frame();
  harness.run(frame);
  harness.run(frame);
  watch.close();
  EXPECT_EQ(seen(3).size(), 3u);
  harness.run(frame);
  EXPECT_EQ(seen(3).size(), 1u) << "traffic goes on, the records do not";
  EXPECT_EQ(watch.lost(), 0u);
}

TEST_F(RecorderTest, AFilterSeesTheFrameAsItCameIn) {
  // "udp port 53" in its shortest form: protocol 17, destination port 53 behind a header without options.
  const std::vector<FilterInstruction> program = {{0x30, 0, 0, 23}, {0x15, 0, 3, 17},     {0x28, 0, 0, 36},
                                                  {0x15, 0, 1, 53}, {0x06, 0, 0, 0xffff}, {0x06, 0, 0, 0}};
  start({.filter = PacketFilter(program), .port = {}});
  harness.run(packet().to("203.0.113.10").udp(1000, 53).frame());
  harness.run(packet().to("203.0.113.10").udp(1000, 54).frame());
  harness.run(packet().to("203.0.113.10").tcp(1000, 53).frame());
  harness.run(packet().to("203.0.113.10").cut_to(20).frame());  // shorter than what the filter looks at
  EXPECT_EQ(seen().size(), 1u);
}

TEST_F(RecorderTest, FramesThatLeaveAreRecordedForACapture) {
  start({.filter = {}, .port = {}, .count = UINT64_MAX, .snap_length = 40, .frames_out = true});
  const Result result = harness.run(packet().to("203.0.113.10").udp(1, 2).payload(100).frame());
  const auto records = seen();
  ASSERT_EQ(records.size(), 2u);
  std::set<WatchedAs> ways;
  for (const Seen& one : records) {
    ways.insert(one.record.as);
    EXPECT_EQ(one.record.captured, 40u);
    EXPECT_EQ(one.record.length, 142u);
    if (one.record.as != WatchedAs::kLeaves) continue;
    EXPECT_EQ(raw(one.record.port), *result.port);
    EXPECT_EQ(one.bytes, Bytes(result.frame.begin(), result.frame.begin() + 40));
  }
  EXPECT_EQ(ways, (std::set{WatchedAs::kReceived, WatchedAs::kLeaves}));
}

TEST_F(RecorderTest, ACaptureHasAnIcmpErrorOnceAsItLeaves) {
  start({.filter = {}, .port = {}, .count = UINT64_MAX, .snap_length = 2000, .frames_out = true});
  const Result result = harness.run(packet().from("10.0.9.9").to("203.0.113.10").ttl(1).udp(1, 2).frame());
  ASSERT_TRUE(result.error_port) << "the sender is told";
  const auto records = seen();
  ASSERT_EQ(records.size(), 2u);
  EXPECT_EQ(records[0].record.as, WatchedAs::kReceived);
  EXPECT_EQ(records[1].record.as, WatchedAs::kLeaves);
  EXPECT_EQ(raw(records[1].record.port), *result.error_port);
  EXPECT_EQ(records[1].bytes, result.error);
}

TEST_F(RecorderTest, WithoutRoomPacketsAreCountedAsLost) {
  const Watch& watch = start({});
  unsigned most = 0;
  const Bytes frame = packet().to("203.0.113.10").udp(1, 2).frame();
  while (watch.lost() < 3) {
    harness.run(frame);
    ASSERT_LT(++most, 100'000u) << "slots are bounded";
  }
  EXPECT_EQ(seen(1'000'000).size(), most - 3);
  harness.run(frame);
  EXPECT_EQ(seen().size(), 1u) << "slots that were read are used again";
  EXPECT_EQ(watch.lost(), 3u);
}

}  // namespace
}  // namespace ecmpd::dataplane::test
