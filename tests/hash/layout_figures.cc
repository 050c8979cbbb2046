// Prints the figures of docs/hashing.md: evenness of layouts, what moves, and how long building takes. Not a test:
// the evenness is asserted in layout_*_test.cc, times are this machine's.
#include <chrono>
#include <cstdio>

#include "hash/selector.h"
#include "tests/hash/layout_support.h"

namespace ecmpd::hash {
namespace {

/// Shortest of several runs, in milliseconds.
template <typename Work>
double milliseconds(Work work) {
  double best = 1e9;
  for (int i = 0; i < 9; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    work();
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - begin;
    best = std::min(best, took.count());
  }
  return best;
}

/// Largest share over the exact share among the live.
double excess(const HomeLayout& layout, const std::vector<bool>& live) {
  std::vector<uint32_t> counts(live.size());
  for (const uint16_t owner : layout.owners(live)) ++counts[owner];
  const auto up = static_cast<double>(std::count(live.begin(), live.end(), true));
  return *std::max_element(counts.begin(), counts.end()) * up / layout.buckets();
}

void print_evenness(const char* how, const HomeLayout& layout) {
  const auto n = static_cast<unsigned>(layout.members().size());
  Random random(1);
  std::printf("%-22s %4u %6u   %.4f", how, n, layout.buckets(), excess(layout, all_up(layout)));
  for (const unsigned down : {1u, 2u}) {
    double worst = 0;
    for (int i = 0; i < 300; ++i) worst = std::max(worst, excess(layout, with_down(layout, down, random)));
    std::printf("   %.4f", worst);
  }
  std::vector<double> half;
  for (int i = 0; i < 1500; ++i) half.push_back(excess(layout, with_down(layout, 1 + random.below(n / 2), random)));
  std::sort(half.begin(), half.end());
  std::printf("   %.4f  %.4f\n", half[half.size() / 2], half.back());
}

std::shared_ptr<const HomeLayout> grown(unsigned from, unsigned to, uint32_t buckets) {
  const auto members = members_of(to);
  auto layout = HomeLayout::build(std::span(members).first(from), buckets, 7);
  for (unsigned n = from; n < to; ++n) layout = layout->join(members[n]);
  return layout;
}

void print_times() {
  std::printf("\n   n buckets  build ms  owners ms  owners, half down ms  join ms\n");
  for (const unsigned n : {3u, 16u, 64u, 256u, 1024u}) {
    const auto members = members_of(n);
    const uint32_t buckets = HomeLayout::auto_buckets(members);
    std::shared_ptr<const HomeLayout> layout;
    const double build = milliseconds([&] { layout = HomeLayout::build(members, buckets, 7); });
    const auto before = HomeLayout::build(std::span(members).first(n - 1), buckets, 7);
    const double join = milliseconds([&] { before->join(members.back()); });
    const double all = milliseconds([&] { layout->owners(all_up(*layout)); });
    Random random(2);
    const auto live = with_down(*layout, n / 2, random);
    const double half = milliseconds([&] { layout->owners(live); });
    std::printf("%4u %7u %9.3f %10.4f %21.3f %8.3f\n", n, buckets, build, all, half, join);
  }
}

void print_moves() {
  std::printf("\nselector     n   survivors' buckets moved by a leave   moved by a join (least possible)\n");
  for (const unsigned n : {4u, 8u, 16u}) {
    const auto layout = HomeLayout::build(members_of(n), 4096, 7);
    const auto home = owner_addresses(*layout, all_up(*layout));
    double left = 0;
    for (unsigned i = 0; i < n; ++i) {
      auto live = all_up(*layout);
      live[i] = false;
      left += moves(home, owner_addresses(*layout, live), layout->members()[i].address).others / 4096.0 * n / (n - 1.0);
    }
    const auto more = layout->join({address_of(n + 1), 1});
    const auto joined = moves(home, owner_addresses(*more, all_up(*more)), address_of(n + 1));
    std::printf("resilient %4u %38.2f %% %15.2f %% (%.2f %%)\n", n, 100 * left / n,
                (joined.to + joined.from + joined.others) / 40.96, 100.0 / (n + 1));

    // Hashes 0 .. n (n-1) (n+1) - 1 meet every pair of remainders equally often.
    double moved = 0, survivors = 0, added = 0;
    const uint32_t hashes = n * (n - 1) * (n + 1);
    for (uint32_t hash = 0; hash < hashes; ++hash) {
      const uint32_t at = bucket_index(hash, n, Indexing::kModulo);
      added += bucket_index(hash, n + 1, Indexing::kModulo) != at;
      for (uint32_t gone = 0; gone < n; ++gone) {
        if (at == gone) continue;
        const uint32_t left_at = bucket_index(hash, n - 1, Indexing::kModulo);
        ++survivors;
        moved += (left_at < gone ? left_at : left_at + 1) != at;
      }
    }
    std::printf("modulo    %4u %38.2f %% %15.2f %%\n", n, 100 * moved / survivors, 100 * added / hashes);
  }
}

void print_reweighs() {
  Random random(3);
  auto layout = HomeLayout::build(members_of(10), 16384, 7);
  double sum = 0, worst = 0;
  for (int i = 0; i < 1000; ++i) {
    layout = layout->reweigh({address_of(1 + random.below(10)), static_cast<uint16_t>(1 + random.below(12))});
    const double now = deviation(*layout, all_up(*layout));
    sum += now;
    worst = std::max(worst, now);
  }
  std::printf("\n1,000 changes of weight: worst deviation of a member, all up, mean %.4f, worst %.4f\n", sum / 1000,
              worst);
}

}  // namespace
}  // namespace ecmpd::hash

int main() {
  using namespace ecmpd::hash;
  std::printf("largest share / exact share     all up   1 down   2 down   up to half down: median, worst of 1,500\n");
  for (const auto& [n, buckets] :
       {std::pair{8u, 65536u}, {16u, 65536u}, {64u, 65536u}, {16u, 16384u}, {16u, 1024u}, {64u, 4096u}}) {
    print_evenness("built at once", *HomeLayout::build(members_of(n), buckets, 7));
  }
  print_evenness("8 joined by 8", *grown(8, 16, 65536));
  print_evenness("3 joined by 61", *grown(3, 64, 256));
  print_moves();
  print_reweighs();
  print_times();
}
