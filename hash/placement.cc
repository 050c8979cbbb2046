#include "hash/placement.h"

#include <algorithm>
#include <cassert>
#include <numeric>
#include <vector>

#include "hash/shares.h"

namespace ecmpd::hash {
namespace {

constexpr uint8_t kTail = 255;  // a position in the computed part of a list

/// Of `total` buckets, how many each class gives: what it can spare, and if that sums up to too much or too little,
/// one more or less here and there. `total` is at most the sum of the sizes.
std::vector<uint32_t> gifts(std::span<const int64_t> spare, std::span<const uint32_t> sizes, uint32_t total,
                            Random& random) {
  std::vector<uint32_t> out(spare.size());
  uint64_t sum = 0;
  for (size_t i = 0; i < spare.size(); ++i) {
    out[i] = static_cast<uint32_t>(std::clamp<int64_t>(spare[i], 0, sizes[i]));
    sum += out[i];
  }
  const auto count = static_cast<uint32_t>(out.size());
  for (uint32_t at = random.below(count); sum != total; at = (at + 1) % count) {
    if (sum > total && out[at] > 0) --out[at], --sum;
    if (sum < total && out[at] < sizes[at]) ++out[at], ++sum;
  }
  return out;
}

class Placement {
 public:
  Placement(PreferenceLists& lists, std::span<const Member> members, uint16_t subject, uint16_t old_weight,
            Random random)
      : lists_(lists),
        members_(members),
        subject_(subject),
        old_weight_(old_weight),
        weight_(members[subject].weight),
        random_(random),
        position_(lists.buckets(), kTail),
        from_(lists.buckets(), kTail),
        order_(lists.buckets()) {
    for (const auto& member : members) sum_of_weights_ += member.weight;
  }

  void run() {
    take_out();
    sort_lists();
    if (weight_ > old_weight_) {
      std::fill(from_.begin(), from_.end(), uint8_t{1});
      choose_owned();
      choose_second(weight_ - old_weight_);
      choose_below(weight_ - old_weight_);
    } else {
      demote_below();
      choose_owned();
      choose_second(weight_);
      choose_below(weight_);
    }
    for (uint32_t bucket = 0; bucket < lists_.buckets(); ++bucket) {
      if (position_[bucket] != kTail) lists_.insert(bucket, position_[bucket], subject_);
    }
  }

 private:
  void take_out() {
    if (old_weight_ == 0) return;
    for (uint32_t bucket = 0; bucket < lists_.buckets(); ++bucket) {
      const auto list = lists_[bucket];
      const auto at = std::find(list.begin(), list.end(), subject_);
      if (at == list.end()) continue;
      position_[bucket] = static_cast<uint8_t>(at - list.begin());
      lists_.erase(bucket, position_[bucket]);
    }
  }

  /// Lists that begin alike stand together in order_.
  void sort_lists() {
    std::vector<uint64_t> keys(lists_.buckets());
    for (uint32_t bucket = 0; bucket < lists_.buckets(); ++bucket) {
      const auto list = lists_[bucket];
      assert(!list.empty());
      for (unsigned i = 0; i < 3; ++i) keys[bucket] = keys[bucket] << 16 | (i < list.size() ? list[i] : 0u);
      keys[bucket] = keys[bucket] << 16 | bucket;
    }
    std::sort(keys.begin(), keys.end());
    std::transform(keys.begin(), keys.end(), order_.begin(), [](uint64_t key) { return key & 0xffff; });
  }

  /// Position 0. Gaining, the subject takes from each owner what that has above its quota; losing, it gives up buckets
  /// to each next choice that is below its own.
  void choose_owned() {
    const bool gains = weight_ > old_weight_;
    const auto counts = [&](uint32_t bucket) { return gains == (position_[bucket] != 0); };
    std::vector<uint32_t> owned(members_.size()), sizes(members_.size());
    for (uint32_t bucket = 0; bucket < lists_.buckets(); ++bucket) {
      const uint16_t next = lists_[bucket][0];
      ++owned[position_[bucket] == 0 ? subject_ : next];
      if (counts(bucket)) ++sizes[next];
    }
    const auto quotas = bucket_quotas(members_, lists_.buckets(), random_);
    const int64_t sign = gains ? 1 : -1;
    const int64_t moves = sign * (int64_t{quotas[subject_]} - owned[subject_]);
    if (moves <= 0) return;  // it has its share already, or more, since others were struck
    std::vector<int64_t> spare(members_.size());
    for (size_t i = 0; i < spare.size(); ++i) spare[i] = sign * (int64_t{owned[i]} - quotas[i]);
    const auto chosen = gifts(spare, sizes, static_cast<uint32_t>(moves), random_);
    for_each_owner([&](uint16_t owner, std::span<const uint32_t> buckets) {
      choose(owner, buckets, counts, chosen[owner], sizes[owner] - chosen[owner], [&](uint32_t bucket) {
        position_[bucket] = gains ? 0 : kTail;
        from_[bucket] = 1;
      });
    });
  }

  /// Position 1, with probability `gain` / (all weights but the owner's).
  void choose_second(uint32_t gain) {
    uint64_t sum = random_.next() >> 32;
    for_each_owner([&](uint16_t owner, std::span<const uint32_t> buckets) {
      const auto counts = [&](uint32_t bucket) {
        return position_[bucket] > 1 && from_[bucket] <= 1 && lists_[bucket].size() > 1;
      };
      const auto size = static_cast<uint64_t>(std::count_if(buckets.begin(), buckets.end(), counts));
      sum += size * ((uint64_t{gain} << 32) / (sum_of_weights_ - members_[owner].weight));
      choose(owner, buckets, counts, static_cast<uint32_t>(sum >> 32), size,
             [&](uint32_t bucket) { position_[bucket] = 1; });
      sum &= 0xffffffff;
    });
  }

  /// Calls visit(owner, buckets) for each run of order_ whose lists, without the subject, begin with `owner`.
  template <typename Visit>
  void for_each_owner(Visit visit) {
    for (size_t begin = 0, end = 0; begin < order_.size(); begin = end) {
      const uint16_t owner = lists_[order_[begin]][0];
      while (end < order_.size() && lists_[order_[end]][0] == owner) ++end;
      visit(owner, std::span<const uint32_t>(order_).subspan(begin, end - begin));
    }
  }

  /// Chooses `amount` of those of an owner's buckets that count, first where a next choice has more than its share of
  /// the `remaining` ones, so that pairs stay balanced over many newcomers; among equals evenly spaced.
  template <typename Counts, typename Chosen>
  void choose(uint16_t owner, std::span<const uint32_t> buckets, Counts counts, uint32_t amount, uint64_t remaining,
              Chosen chosen) {
    if (amount == 0) return;
    const auto next = [&](uint32_t bucket) { return lists_[bucket].size() > 1 ? lists_[bucket][1] : owner; };
    std::vector<uint32_t> sizes(members_.size());
    for (const uint32_t bucket : buckets) sizes[next(bucket)] += counts(bucket);
    const uint64_t others = sum_of_weights_ - members_[owner].weight;
    std::vector<int64_t> spare(members_.size());
    for (size_t i = 0; i < spare.size(); ++i) {
      spare[i] = int64_t{sizes[i]} - static_cast<int64_t>((remaining * members_[i].weight + others / 2) / others);
    }
    const auto take = gifts(spare, sizes, amount, random_);
    uint16_t run = owner;
    uint64_t sum = 0;
    for (const uint32_t bucket : buckets) {
      if (!counts(bucket)) continue;
      const uint16_t at = next(bucket);
      if (at != run || sum == 0) sum = 1 + random_.below(sizes[at]), run = at;
      sum += take[at];
      if (sum <= sizes[at]) continue;
      sum -= sizes[at];
      chosen(bucket);
    }
  }

  /// A lowered weight: where the subject stood below position 0, it keeps its place with probability new / old.
  void demote_below() {
    uint64_t sum = random_.next() >> 32;
    const uint64_t step = (uint64_t{old_weight_} - weight_) * (uint64_t{1} << 32) / old_weight_;
    for (const uint32_t bucket : order_) {
      if (position_[bucket] == 0 || position_[bucket] == kTail) continue;
      sum += step;
      if (sum >> 32 == 0) continue;
      sum &= 0xffffffff;
      from_[bucket] = static_cast<uint8_t>(position_[bucket] + 1);
      position_[bucket] = kTail;
    }
  }

  /// The positions 2, 3, .., from from_[bucket] on: the subject enters with probability gain / (its weight and that of
  /// all who stand there or behind). Not having entered a stored part it stands in the computed one.
  void choose_below(uint32_t gain) {
    std::vector<uint64_t> sums(lists_.depth());
    for (auto& sum : sums) sum = random_.next() >> 32;
    for (const uint32_t bucket : order_) {
      const auto list = lists_[bucket];
      uint64_t behind = sum_of_weights_ - members_[list[0]].weight;
      for (unsigned at = 2; at < list.size() && at < position_[bucket]; ++at) {
        behind -= members_[list[at - 1]].weight;
        if (from_[bucket] > at) continue;
        sums[at] += (uint64_t{gain} << 32) / behind;
        if (sums[at] >> 32 == 0) continue;
        sums[at] &= 0xffffffff;
        position_[bucket] = static_cast<uint8_t>(at);
      }
    }
  }

  PreferenceLists& lists_;
  std::span<const Member> members_;
  uint16_t subject_, old_weight_, weight_;
  uint64_t sum_of_weights_ = 0;
  Random random_;
  std::vector<uint8_t> position_;  // of the subject among the others, by bucket
  std::vector<uint8_t> from_;      // the first position at which it may enter anew
  std::vector<uint32_t> order_;
};

}  // namespace

void place(PreferenceLists& lists, std::span<const Member> members, uint16_t subject, uint16_t old_weight,
           Random random) {
  if (members.size() > 1 && old_weight != members[subject].weight) {
    Placement(lists, members, subject, old_weight, random).run();
  }
}

}  // namespace ecmpd::hash
