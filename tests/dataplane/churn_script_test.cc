// The judge of the churn stress: at a known moment exactly one answer is right; in a window, those of its moments.
#include "tests/dataplane/churn_script.h"

#include <gtest/gtest.h>

#include <map>

#include "hash/selector.h"
#include "tests/dataplane/churn_writer.h"

namespace ecmpd::dataplane {
namespace {

/// The script's changes one after the other, and longest prefix match by looking at every prefix.
class Replay {
 public:
  explicit Replay(const ChurnScript& script) : script_(script), now_(script.initial()) {
    for (uint16_t i = 1; i <= ChurnScript::kSharedAdjacencies; ++i) written_[i] = script.first_written(i);
  }
  void apply(uint64_t number) {
    const ChurnScript::Change& change = script_.change(number);
    if (change.kind == ChurnScript::Kind::kRoute) {
      now_.route[change.prefix] = change.group;
      if (ChurnScript::is_private(change.group)) written_[ChurnScript::private_adjacency(change.group)] = number;
    } else if (change.kind == ChurnScript::Kind::kBuckets) {
      now_.table[change.group] = change.table;
    } else if (change.kind == ChurnScript::Kind::kAdjacency) {
      now_.drops[change.adjacency] = change.drops;
      written_[change.adjacency] = number;
    } else if (change.kind == ChurnScript::Kind::kSettings) {
      now_.settings = change.settings;
    }
  }
  uint16_t adjacency(const ChurnScript::Packet& packet) const {
    const hash::IpAddress& address = script_.pool().probes[packet.probe];
    int longest = -1;
    uint16_t group = ChurnScript::kNone;
    for (size_t i = 0; i < now_.route.size(); ++i) {
      const hash::Prefix& prefix = script_.pool().prefixes[i];
      if (now_.route[i] == ChurnScript::kNone || !prefix.contains(address) || prefix.length() <= longest) continue;
      longest = prefix.length();
      group = now_.route[i];
    }
    const ChurnScript::Table& table = script_.table(now_.table[group]);
    const auto size = static_cast<uint32_t>(table.buckets.size());
    return table.buckets[hash::bucket_index(packet.hash[now_.settings], size, table.indexing)];
  }
  std::optional<ChurnScript::Sent> answer(const ChurnScript::Packet& packet) const {
    const uint16_t found = adjacency(packet);
    if (now_.drops[found]) return std::nullopt;
    return ChurnScript::Sent{found, written_.at(found)};
  }

 private:
  const ChurnScript& script_;
  ChurnScript::Content now_;
  std::map<uint16_t, uint64_t> written_;
};

class ChurnScriptTest : public testing::TestWithParam<hash::Family> {
 protected:
  ChurnScript::Packet random_packet() {
    ChurnScript::Packet packet;
    packet.probe = static_cast<uint16_t>(random_.below(static_cast<uint32_t>(script_.pool().probes.size())));
    for (uint32_t& hash : packet.hash) hash = static_cast<uint32_t>(random_.next());
    return packet;
  }

  hash::Random random_{3};
  const ChurnScript script_{make_churn_pool(GetParam(), random_), 7};
};
INSTANTIATE_TEST_SUITE_P(Families, ChurnScriptTest, testing::Values(hash::Family::kIpv4, hash::Family::kIpv6),
                         [](const auto& family) { return family.param == hash::Family::kIpv4 ? "ipv4" : "ipv6"; });

TEST_P(ChurnScriptTest, AtAMomentOneAnswerIsLegal) {
  Replay replay(script_);
  unsigned sent = 0;
  // Over the end of a cycle: what the first one leaves is what the second begins with.
  for (uint64_t state = ChurnScript::kCycle; state < 2 * ChurnScript::kCycle + 500; ++state) {
    for (unsigned i = 0; i < 8; ++i) {
      const ChurnScript::Packet packet = random_packet();
      const auto right = replay.answer(packet);
      EXPECT_TRUE(script_.legal(packet, right, state, state)) << state;
      if (!right) {
        const uint16_t dropping = replay.adjacency(packet);
        EXPECT_FALSE(script_.legal(packet, ChurnScript::Sent{dropping, state - 1}, state, state));
        continue;
      }
      ++sent;
      EXPECT_FALSE(script_.legal(packet, std::nullopt, state, state)) << "dropped, though it has a way";
      for (uint16_t other = 1; other < ChurnScript::kAdjacencies; ++other) {
        const bool same = other == right->adjacency;
        EXPECT_EQ(script_.legal(packet, ChurnScript::Sent{other, right->written}, state, state), same);
      }
      for (uint64_t written = state - 300; written < state + 20; ++written) {
        if (written == right->written) continue;
        EXPECT_FALSE(script_.legal(packet, ChurnScript::Sent{right->adjacency, written}, state, state))
            << "content of change " << written << " instead of " << right->written << " in state " << state;
      }
    }
    replay.apply(state);
  }
  EXPECT_GT(sent, 20000u);
}

TEST_P(ChurnScriptTest, AWindowAllowsItsOwnMomentsAndNotThoseAround) {
  Replay replay(script_);
  Replay behind(script_);
  constexpr uint64_t kWindow = 20;
  unsigned refused = 0;
  const ChurnScript::Packet packet = random_packet();
  for (uint64_t state = ChurnScript::kCycle; state < 2 * ChurnScript::kCycle; ++state) {
    const auto answer = replay.answer(packet);
    EXPECT_TRUE(script_.legal(packet, answer, state - kWindow, state));
    EXPECT_TRUE(script_.legal(packet, answer, state, state + kWindow));
    EXPECT_TRUE(script_.legal(packet, answer, state - kWindow, state + kWindow));
    if (state >= ChurnScript::kCycle + kWindow) {
      const auto old = behind.answer(packet);
      behind.apply(state - kWindow);
      refused += !script_.legal(packet, old, state, state);
    }
    replay.apply(state);
  }
  EXPECT_GT(refused, 100u) << "what was right a while ago is wrong now";
}

TEST(ChurnTag, IsReadBackWholeAndNotInParts) {
  const auto bytes = [](const Adjacency& adjacency) {
    MacPair out;
    std::copy_n(adjacency.destination_mac.begin(), 6, out.begin());
    std::copy_n(adjacency.source_mac.begin(), 6, out.begin() + 6);
    return out;
  };
  const MacPair one = bytes(write_tag({7, 123456789}, false));
  const MacPair two = bytes(write_tag({7, 123456790}, false));
  const auto read = read_tag(one);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->adjacency, 7);
  EXPECT_EQ(read->written, 123456789u);
  for (unsigned cut = 9; cut < 12; ++cut) {  // they differ in byte 8 and in the check sum
    MacPair torn = one;
    std::copy(two.begin() + cut, two.end(), torn.begin() + cut);
    EXPECT_FALSE(read_tag(torn));
  }
  EXPECT_FALSE(read_tag(MacPair{}));
}

}  // namespace
}  // namespace ecmpd::dataplane
