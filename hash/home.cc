#include "hash/home.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cassert>
#include <limits>
#include <numeric>
#include <utility>

#include "hash/shares.h"
#include "hash/unit_table.h"

namespace ecmpd::hash {
namespace {

/// Whether somebody chooses the size of the table; else weights do.
bool has_buckets(Selector selector) {
  return selector == Selector::kResilient || selector == Selector::kMaglev || selector == Selector::kRendezvous;
}

/// The buckets of a lineage: the size asked for, or what "auto" means.
uint32_t founding_buckets(Selector selector, std::span<const Member> members, uint32_t buckets) {
  if (has_buckets(selector) && buckets != 0) return buckets;
  // A function of the live members alone must not change with their number.
  return has_buckets(selector) && !needs_home(selector) ? kMaxBuckets : HomeLayout::auto_buckets(members);
}

std::vector<uint16_t> in_order_of_address(size_t members) {
  std::vector<uint16_t> order(members);
  std::iota(order.begin(), order.end(), uint16_t{0});
  return order;
}

}  // namespace

std::string Home::refusal(Selector selector, std::span<const Member> members, uint32_t buckets) {
  if (members.empty()) return "no members: at least 1 is needed";
  if (members.size() > kMaxMembers)
    return fmt::format("{} members: at most {} are possible", members.size(), kMaxMembers);
  if (buckets != 0 && (buckets > kMaxBuckets || !std::has_single_bit(buckets))) {
    return fmt::format("{} buckets: only powers of two up to {} are possible", buckets, kMaxBuckets);
  }
  if (selector == Selector::kResilient && buckets != 0 && members.size() > buckets) {
    return fmt::format("{} members in {} buckets: each needs at least one", members.size(), buckets);
  }
  std::vector<IpAddress> addresses;
  for (const Member& member : members) {
    if (member.weight == 0) return fmt::format("{}: weight 0; 1 to 65535 are possible", member.address.to_string());
    addresses.push_back(member.address);
  }
  std::sort(addresses.begin(), addresses.end());
  const auto twice = std::adjacent_find(addresses.begin(), addresses.end());
  return twice == addresses.end() ? "" : fmt::format("{} is there twice", twice->to_string());
}

Home::Home(std::shared_ptr<const HomeLayout> layout)
    : selector_(Selector::kResilient),
      seed_(layout->seed()),
      members_(layout->members().begin(), layout->members().end()),
      layout_(std::move(layout)) {}

Home::Home(Selector selector, uint64_t seed, Lineage lineage, std::vector<Member> members, std::vector<uint16_t> order)
    : selector_(selector),
      seed_(seed),
      lineage_(std::move(lineage)),
      members_(std::move(members)),
      order_(std::move(order)) {}

std::shared_ptr<const Home> Home::build(Selector selector, std::span<const Member> members, uint32_t buckets,
                                        uint64_t seed) {
  assert(refusal(selector, members, buckets).empty());
  buckets = founding_buckets(selector, members, buckets);
  if (selector == Selector::kResilient) {
    return std::shared_ptr<const Home>(new Home(HomeLayout::build(members, buckets, seed)));
  }
  std::vector<Member> sorted(members.begin(), members.end());
  std::sort(sorted.begin(), sorted.end(), by_address);
  Lineage lineage{.founders = sorted, .steps = {}, .buckets = buckets};
  return std::shared_ptr<const Home>(
      new Home(selector, seed, std::move(lineage), std::move(sorted), in_order_of_address(members.size())));
}

std::shared_ptr<const Home> Home::replay(Selector selector, const Lineage& lineage, uint64_t seed) {
  if (!valid_founders(lineage) || !refusal(selector, lineage.founders, lineage.buckets).empty()) return nullptr;
  return take_steps(build(selector, lineage.founders, lineage.buckets, seed), lineage.steps);
}

std::shared_ptr<const Home> Home::join(const Member& newcomer) const {
  assert(newcomer.weight != 0 && members_.size() < kMaxMembers && index_of(newcomer.address) < 0);
  if (layout_) return std::shared_ptr<const Home>(new Home(layout_->join(newcomer)));
  auto members = members_;
  const auto place = members.insert(std::upper_bound(members.begin(), members.end(), newcomer, by_address), newcomer);
  const auto at = static_cast<uint16_t>(place - members.begin());
  auto order = in_order_of_address(members.size());
  if (needs_home(selector_)) {  // in the centre, which moves the fewest flows (RFC 2992 section 3)
    order = order_;
    for (uint16_t& member : order) member = static_cast<uint16_t>(member < at ? member : member + 1);
    order.insert(order.begin() + static_cast<std::ptrdiff_t>(order.size() / 2), at);
  }
  auto lineage = lineage_;
  lineage.steps.push_back({Lineage::Step::Kind::kJoin, newcomer});
  return std::shared_ptr<const Home>(
      new Home(selector_, seed_, std::move(lineage), std::move(members), std::move(order)));
}

std::shared_ptr<const Home> Home::strike(const IpAddress& member) const {
  const int found = index_of(member);
  assert(found >= 0 && members_.size() > 1);
  if (layout_) return std::shared_ptr<const Home>(new Home(layout_->strike(member)));
  const auto at = static_cast<uint16_t>(found);
  auto members = members_;
  members.erase(members.begin() + at);
  auto order = order_;
  std::erase(order, at);
  for (uint16_t& other : order) other = static_cast<uint16_t>(other < at ? other : other - 1);
  auto lineage = lineage_;
  lineage.steps.push_back({Lineage::Step::Kind::kStrike, members_[at]});
  return std::shared_ptr<const Home>(
      new Home(selector_, seed_, std::move(lineage), std::move(members), std::move(order)));
}

std::shared_ptr<const Home> Home::reweigh(const Member& member) const {
  const int at = index_of(member.address);
  assert(at >= 0 && member.weight != 0);
  if (layout_) return std::shared_ptr<const Home>(new Home(layout_->reweigh(member)));
  auto members = members_;
  members[static_cast<size_t>(at)] = member;
  auto lineage = lineage_;
  lineage.steps.push_back({Lineage::Step::Kind::kReweigh, member});
  return std::shared_ptr<const Home>(new Home(selector_, seed_, std::move(lineage), std::move(members), order_));
}

int Home::index_of(const IpAddress& address) const {
  const auto found = std::lower_bound(members_.begin(), members_.end(), Member{address, 0}, by_address);
  return found != members_.end() && found->address == address ? static_cast<int>(found - members_.begin()) : -1;
}

size_t Home::memory_bytes() const {
  return sizeof *this + members_.capacity() * sizeof(Member) + order_.capacity() * sizeof order_[0] +
         (layout_ ? layout_->memory_bytes() : lineage_.founders.capacity() * sizeof(Member));
}

BucketTable Home::table(const std::vector<bool>& live) const {
  assert(live.size() == members_.size());
  std::vector<uint16_t> up;
  std::vector<Member> members;
  const auto consider = [&](uint16_t member) {
    if (!live[member]) return;
    up.push_back(member);
    members.push_back(members_[member]);
  };
  if (layout_) {
    for (uint16_t i = 0; i < members_.size(); ++i) consider(i);
  } else {
    for (const uint16_t member : order_) consider(member);
  }
  if (up.empty()) return {.owners = {}, .indexing = indexing_of(selector_)};
  if (layout_) return {.owners = layout_->owners(live), .indexing = Indexing::kLowBits};
  BucketTable table = selector_ == Selector::kHashThreshold
                          ? BucketTable{.owners = unit_table(members), .indexing = Indexing::kRange}
                          : live_table(selector_, members, lineage_.buckets, seed_);
  for (uint16_t& owner : table.owners) owner = up[owner];
  return table;
}

uint16_t Home::first_choice(uint32_t hash) const {
  if (layout_) return layout_->preference(bucket_index(hash, layout_->buckets(), Indexing::kLowBits), 1).front();
  return table(std::vector<bool>(members_.size(), true)).owner(hash);
}

double Home::worst_deviation(const BucketTable& table, const std::vector<bool>& live) const {
  auto due = members_;
  for (size_t i = 0; i < due.size(); ++i) {
    if (!live[i]) due[i].weight = 0;
  }
  return hash::worst_deviation(table.owners, due);
}

}  // namespace ecmpd::hash
