// Door 2: policers, lanes that do not starve each other, and one wake-up for many packets.
#include "dataplane/punt.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <rte_cycles.h>
#include <unistd.h>

#include <vector>

#include "tests/dataplane/stage_harness.h"

namespace ecmpd::dataplane::test {
namespace {

class PuntTest : public testing::Test {
 protected:
  PuntTest() {
    start_test_eal();
    static rte_mempool* const shared = rte_pktmbuf_pool_create("punts", 4095, 0, 0, 256, SOCKET_ID_ANY);
    pool_ = shared;
    ring_ = std::move(*PuntRing::create("punt_test", 1));
  }
  ~PuntTest() override {
    ring_.reset();
    EXPECT_EQ(rte_mempool_in_use_count(pool_), 0u) << "packets that nobody took are the ring's to free";
  }
  PuntResult put(PuntClass punt_class) {
    rte_mbuf* packet = rte_pktmbuf_alloc(pool_);
    packet->port = 0;
    const PuntResult result = ring_->put(packet, punt_class);
    if (result != PuntResult::kTaken) rte_pktmbuf_free(packet);
    return result;
  }
  bool readable() const {
    pollfd wait{ring_->event_fd(), POLLIN, 0};
    return poll(&wait, 1, 0) > 0;
  }
  std::vector<PuntClass> take(unsigned lane) {
    std::array<rte_mbuf*, 64> packets;
    std::vector<PuntClass> out;
    const unsigned count = ring_->take(lane, packets);
    for (unsigned i = 0; i < count; ++i) {
      out.push_back(PuntRing::class_of(packets[i]));
      rte_pktmbuf_free(packets[i]);
    }
    return out;
  }

  rte_mempool* pool_;
  std::unique_ptr<PuntRing> ring_;
};

TEST_F(PuntTest, APolicerAdmitsItsBurstAndThenItsRate) {
  const uint64_t interval = rte_get_tsc_hz() / 1000;
  Policer policer(1000, 10);
  uint64_t now = 1'000'000;
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(policer.admit(now));
  EXPECT_FALSE(policer.admit(now));
  EXPECT_FALSE(policer.admit(now + interval - 1));
  now += interval;
  EXPECT_TRUE(policer.admit(now));
  EXPECT_FALSE(policer.admit(now));
  now += 1000 * interval;  // a long pause saves up no more than the burst
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(policer.admit(now));
  EXPECT_FALSE(policer.admit(now));
}

TEST_F(PuntTest, AFloodOfOneClassCostsTheOthersNothing) {
  for (int i = 0; i < 3000; ++i) put(PuntClass::kOther);
  EXPECT_EQ(put(PuntClass::kPriority), PuntResult::kTaken);
  EXPECT_EQ(put(PuntClass::kNeighborDiscovery), PuntResult::kTaken);
  EXPECT_EQ(take(0), (std::vector{PuntClass::kPriority, PuntClass::kNeighborDiscovery}));
}

TEST_F(PuntTest, ControlIsWokenOnceForManyPackets) {
  EXPECT_FALSE(readable());
  put(PuntClass::kOther);
  put(PuntClass::kPriority);
  uint64_t wakes = 0;
  ASSERT_EQ(read(ring_->event_fd(), &wakes, sizeof wakes), static_cast<ssize_t>(sizeof wakes));
  EXPECT_EQ(wakes, 1u);
  put(PuntClass::kOther);
  EXPECT_FALSE(readable()) << "not acknowledged yet";
  ring_->acknowledge();
  EXPECT_EQ(take(1).size(), 2u);
  put(PuntClass::kOther);
  EXPECT_TRUE(readable());
}

TEST_F(PuntTest, InjectedFramesComeInOrder) {
  std::vector<rte_mbuf*> sent;
  for (int i = 0; i < 3; ++i) {
    sent.push_back(rte_pktmbuf_alloc(pool_));
    ASSERT_TRUE(ring_->inject(sent.back()));
  }
  std::array<rte_mbuf*, 8> packets;
  ASSERT_EQ(ring_->take_injected(packets), 3u);
  for (size_t i = 0; i < sent.size(); ++i) {
    EXPECT_EQ(packets[i], sent[i]);
    rte_pktmbuf_free(packets[i]);
  }
}

}  // namespace
}  // namespace ecmpd::dataplane::test
