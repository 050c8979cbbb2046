#include "hash/lab/prediction.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "hash/count_text.h"
#include "hash/table_cells.h"

namespace ecmpd::hash::lab {
namespace {

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  line = line.substr(0, line.find('#'));
  for (size_t at = line.find_first_not_of(" \t\r"); at != line.npos;) {
    const size_t end = std::min(line.find_first_of(" \t\r", at), line.size());
    words.push_back(line.substr(at, end - at));
    at = line.find_first_not_of(" \t\r", end);
  }
  return words;
}

constexpr uint64_t kMostFlows = uint64_t{1} << 48;  // of all together, so that no sum wraps or is rounded

std::optional<uint64_t> parse_count(std::string_view text) {
  uint64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc() || end != text.data() + text.size() || count > kMostFlows) return std::nullopt;
  return count;
}

}  // namespace

tl::expected<BucketFlows, std::string> spread_over_buckets(const std::vector<uint64_t>& by_member, const Scene& scene,
                                                           const BucketTable& table) {
  const auto entries = table.entries(by_member.size());
  for (uint32_t number = 0; number < by_member.size(); ++number) {
    if (by_member[number] == 0 || entries[number] != 0) continue;
    return tl::make_unexpected(fmt::format("{} of {}, which owns no bucket", count_text(by_member[number], "flow"),
                                           scene.addresses()[number].to_string()));
  }
  BucketFlows flows;
  for (const uint16_t owner : table.owners) {
    flows.push_back(static_cast<double>(by_member[owner]) / entries[owner]);
  }
  return flows;
}

tl::expected<BucketFlows, std::string> parse_flows(std::string_view text, const std::string& name, const Scene& scene,
                                                   const BucketTable& table) {
  std::vector<uint64_t> by_member(scene.addresses().size());
  BucketFlows by_bucket(table.owners.size());
  uint64_t sum = 0;
  for (size_t begin = 0, line = 1; begin < text.size(); ++line) {
    const size_t end = std::min(text.find('\n', begin), text.size());
    const auto words = words_of(text.substr(begin, end - begin));
    begin = end + 1;
    if (words.empty()) continue;
    const auto wrong = [&](const std::string& what) {
      return tl::make_unexpected(fmt::format("{}:{}: {}", name, line, what));
    };
    const bool of_bucket = words[0] == "bucket" && words.size() == 3;
    if (!of_bucket && words.size() != 2) return wrong("neither `bucket N COUNT` nor `MEMBER COUNT`");
    const auto count = parse_count(words.back());
    if (!count) return wrong(fmt::format("{} is not a number of flows, 0 to {}", words.back(), kMostFlows));
    if ((sum += *count) > kMostFlows) return wrong(fmt::format("more than {} flows in all", kMostFlows));
    if (of_bucket) {
      const auto bucket = parse_count(words[1]);
      if (!bucket || *bucket >= by_bucket.size()) {
        return wrong(fmt::format("bucket {}: the table has 0 to {}", words[1], by_bucket.size() - 1));
      }
      by_bucket[*bucket] += static_cast<double>(*count);
      continue;
    }
    const auto address = IpAddress::parse(words[0]);
    const auto number = address ? scene.number_of(*address) : std::nullopt;
    if (!number) return wrong(fmt::format("{} is not a member of the group", words[0]));
    by_member[*number] += *count;
  }
  const auto spread = spread_over_buckets(by_member, scene, table);
  if (!spread) return tl::make_unexpected(fmt::format("{}: {}", name, spread.error()));
  for (size_t i = 0; i < by_bucket.size(); ++i) by_bucket[i] += (*spread)[i];
  return by_bucket;
}

Prediction predict(const Scene& after_events, const BucketTable& before, const BucketTable& after,
                   const BucketFlows& flows, std::span<const IpAddress> subjects) {
  Prediction out;
  out.diff = after_events.diff(before, after, subjects);
  out.members.resize(after_events.addresses().size());
  for (size_t i = 0; i < out.members.size(); ++i) {
    out.members[i].before = out.diff.fraction(out.diff.members[i].before);
    out.members[i].after = out.diff.fraction(out.diff.members[i].after);
  }
  if (out.diff.points == 0) return out;
  std::vector<uint64_t> points_of(before.owners.size());
  visit_cells(before, after, [&](uint32_t bucket, uint32_t, uint64_t points) { points_of[bucket] += points; });
  visit_cells(before, after, [&](uint32_t bucket, uint32_t next, uint64_t points) {
    const uint16_t from = before.owners[bucket], to = after.owners[next];
    const double part = static_cast<double>(points) / static_cast<double>(points_of[bucket]);
    const double here = flows.empty() ? 0 : flows[bucket] * part;
    out.flows += here;
    out.members[from].flows_before += here;
    out.members[to].flows_after += here;
    if (from == to) return;
    out.flows_moved += here;
    Prediction::Move& move = out.moves[{from, to}];
    move.share += out.diff.fraction(points);
    move.flows += here;
  });
  return out;
}

}  // namespace ecmpd::hash::lab
