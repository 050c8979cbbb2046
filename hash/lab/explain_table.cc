#include "hash/lab/explain_table.h"

#include <fmt/core.h>

#include "hash/tuple_text.h"

namespace ecmpd::hash::lab {
namespace {

/// Members after the first few hardly ever own a bucket.
constexpr unsigned kShownChoices = 4;

std::string hex(uint64_t number, int digits) { return fmt::format("0x{:0{}x}", number, digits); }

Cell member_text(const Placing& placing, const std::optional<uint16_t>& member) {
  return member ? Cell(placing.address(*member).to_string()) : Cell();
}

}  // namespace

Table table_of(const Placing& placing, const Placed& placed, const Tuple& tuple) {
  const bool away = placed.member != placed.first_choice;
  const std::string first = placing.address(placed.first_choice).to_string();
  const Hasher& hasher = placing.hasher();
  const auto function = std::string(to_string(hasher.function()));
  const uint64_t seed = hasher.expanded_seed();
  std::vector<std::string> preference = placing.preference(placed.bucket, kShownChoices);
  return record({
      {{"Flow", ""}, flow_text(tuple)},
      {{"", "src"}, tuple.src.to_string()},
      {{"", "dst"}, tuple.dst.to_string()},
      {{"", "protocol"}, uint32_t{tuple.protocol}},
      {{"", "sport"}, tuple.sport},
      {{"", "dport"}, tuple.dport},
      {{"Selector", "selector"}, std::string(to_string(placing.home().selector()))},
      {{"Key", "key"}, to_hex(bytes_of(placed.key))},
      {{"Function", "function"}, function},
      {{"Seed", ""}, hex(seed, seed > UINT32_MAX ? 16 : 8)},
      {{"Hash", ""}, hex(placed.hash, 8)},
      {{"Bucket", ""}, placed.member ? Cell(fmt::format("{} of {}", placed.bucket, placed.buckets)) : Cell("none")},
      {{"", "seed"}, seed},
      {{"", "hash"}, placed.hash},
      {{"", "bucket"}, placed.member ? Cell(placed.bucket) : Cell()},
      {{"", "buckets"}, placed.buckets},
      {{"Nexthop", ""}, placed.member ? member_text(placing, placed.member) : Cell("none: nobody is up")},
      {{"", "nexthop"}, member_text(placing, placed.member)},
      {{"", "home"}, first},
      {{"First choice", ""}, away ? Cell(first + " (away)") : Cell()},
      {{"", "member"}, placed.member ? Cell(*placed.member) : Cell()},
      {{"Preference", "preference"}, preference.empty() ? Cell() : Cell(std::move(preference))},
  });
}

Table table_of_ports(const Placing& placing, const std::vector<std::pair<uint16_t, Placed>>& ports) {
  Table table;
  table.name = "ports";
  table.columns = {{"Source port", "sport", Align::kRight}, {"Hash", ""},           {"", "hash"},
                   {"Bucket", "bucket", Align::kRight},     {"Nexthop", "nexthop"}, {"First choice", "home"}};
  for (const auto& [port, placed] : ports) {
    table.rows.push_back({port, hex(placed.hash, 8), placed.hash, placed.bucket, member_text(placing, placed.member),
                          placing.address(placed.first_choice).to_string()});
  }
  return table;
}

void FrameTable::add(const Placing& placing, const CapturedFrame& frame, const std::optional<Placed>& placed) {
  if (!placed) {
    rows_.push_back({frame.number, frame.length, "no IP packet", {}, {}, {}, {}, {}, {}});
    return;
  }
  rows_.push_back({frame.number, frame.length, flow_text(tuple_of(placed->key)), hex(placed->hash, 8), placed->hash,
                   placed->member ? Cell(placed->bucket) : Cell(), member_text(placing, placed->member),
                   placing.address(placed->first_choice).to_string(), to_hex(bytes_of(placed->key))});
}

Table FrameTable::take(const std::string& warning) {
  Table table;
  table.name = "frames";
  table.columns = {{"Frame", "frame", Align::kRight},
                   {"Bytes", "bytes", Align::kRight},
                   {"Hashed as", "flow"},
                   {"Hash", ""},
                   {"", "hash"},
                   {"Bucket", "bucket", Align::kRight},
                   {"Nexthop", "nexthop"},
                   {"First choice", "home"},
                   {"Key", "key"}};
  table.rows = std::move(rows_);
  if (warning.empty()) return table;
  Table warned;
  warned.shape = Table::Shape::kRecord;
  warned.columns = {{"Warning", "warning"}, {"Frames", "frames", Align::kLeft, table.columns}};
  warned.rows = {{warning, std::move(table.rows)}};
  return warned;
}

}  // namespace ecmpd::hash::lab
