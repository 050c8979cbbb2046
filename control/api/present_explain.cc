#include <fmt/core.h>

#include "control/api/present.h"
#include "control/api/words.h"
#include "hash/tuple_text.h"

namespace ecmpd::control::api {
namespace {

const char* verdict_text(Verdict verdict) {
  switch (verdict) {
    case Verdict::kForward:
      return "forward";
    case Verdict::kPunt:
      return "punt";
    case Verdict::kDrop:
      return "drop";
    case Verdict::kGlean:
      return "glean";
  }
  return "";
}

/// "c0 00 02 01"
std::string bytes_text(const std::vector<uint8_t>& bytes) {
  std::string out;
  for (const uint8_t byte : bytes) out += fmt::format("{}{:02x}", out.empty() ? "" : " ", byte);
  return out;
}

std::string hex(uint64_t number) { return fmt::format("0x{:08x}", number); }

}  // namespace

Table present_explain(const ExplainView& explain) {
  const hash::Tuple& tuple = explain.tuple;
  const bool away = explain.home && explain.home != explain.nexthop;
  return record({
      {{"Flow", ""}, hash::flow_text(tuple)},
      {{"", "src"}, tuple.src.to_string()},
      {{"", "dst"}, tuple.dst.to_string()},
      {{"", "protocol"}, uint32_t{tuple.protocol}},
      {{"", "sport"}, tuple.sport},
      {{"", "dport"}, tuple.dport},
      {{"Verdict", "verdict"}, verdict_text(explain.verdict)},
      {{"Reason", "reason"}, some(explain.reason)},
      {{"Prefix", "prefix"}, explain.prefix ? Cell(explain.prefix->to_string()) : Cell()},
      {{"Group", "group"}, explain.group},
      {{"Selector", "selector"}, some(explain.selector)},
      {{"Index", "indexing"}, some(explain.indexing)},
      {{"Key", "key"}, explain.key.empty() ? Cell() : Cell(bytes_text(explain.key))},
      {{"Function", "function"}, some(explain.function)},
      {{"Seed", ""}, explain.hash ? Cell(hex(explain.seed)) : Cell()},
      {{"Hash", ""}, explain.hash ? Cell(hex(*explain.hash)) : Cell()},
      {{"Bucket", ""}, explain.bucket ? Cell(fmt::format("{} of {}", *explain.bucket, explain.buckets)) : Cell()},
      {{"", "seed"}, explain.hash ? Cell(explain.seed) : Cell()},
      {{"", "hash"}, explain.hash},
      {{"", "bucket"}, explain.bucket},
      {{"", "buckets"}, explain.bucket ? Cell(explain.buckets) : Cell()},
      {{"Nexthop", "nexthop"}, text_of(explain.nexthop)},
      {{"", "home"}, text_of(explain.home)},
      {{"First choice", ""}, away ? Cell(explain.home->to_string() + " (away)") : Cell()},
      {{"Member", "member"}, explain.member},
      {{"Port", "port"}, some(explain.port)},
      {{"MAC", "mac"}, text_of(explain.mac)},
  });
}

}  // namespace ecmpd::control::api
