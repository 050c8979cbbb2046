#include <fmt/chrono.h>
#include <fmt/core.h>

#include <chrono>
#include <ctime>

#include "control/api/present.h"
#include "control/api/words.h"
#include "hash/count_text.h"
#include "hash/ip_layer.h"
#include "hash/key.h"
#include "hash/tuple_text.h"

namespace ecmpd::control::api {
namespace {

constexpr size_t kEthernet = 14;
constexpr uint64_t kSecond = 1'000'000'000;

/// What the beginning of a frame says of its packet.
struct Headers {
  std::optional<hash::Tuple> tuple;  // of an IP packet
  std::optional<uint32_t> hops;      // TTL or hop limit
  std::optional<std::string> to, from;
};

std::optional<hash::Tuple> tuple_of(std::span<const uint8_t> ip) {
  const bool v4 = !ip.empty() && ip[0] >> 4 == 4;
  const bool v6 = !ip.empty() && ip[0] >> 4 == 6;
  if ((!v4 && !v6) || !hash::begins_with_ip(ip)) return std::nullopt;
  const hash::IpLayer layer = hash::read_ip(ip, hash::Length::kAsPresent);
  hash::Tuple out;
  const auto address = [v4](const uint8_t* bytes) {
    if (!v4) return hash::IpAddress::v6(bytes);
    return hash::IpAddress::v4(uint32_t{bytes[0]} << 24 | uint32_t{bytes[1]} << 16 | uint32_t{bytes[2]} << 8 |
                               bytes[3]);
  };
  out.src = address(layer.src);
  out.dst = address(layer.dst);
  out.protocol = layer.protocol;
  if (hash::has_ports(layer.protocol) && !layer.fragment && layer.payload.size() >= 4) {
    out.sport = static_cast<uint16_t>(layer.payload[0] << 8 | layer.payload[1]);
    out.dport = static_cast<uint16_t>(layer.payload[2] << 8 | layer.payload[3]);
  }
  return out;
}

Headers headers_of(const std::vector<uint8_t>& frame) {
  Headers out;
  if (frame.size() < kEthernet) return out;
  Mac to, from;
  std::copy_n(frame.begin(), to.size(), to.begin());
  std::copy_n(frame.begin() + 6, from.size(), from.begin());
  out.to = mac_text(to);
  out.from = mac_text(from);
  const unsigned type = static_cast<unsigned>(frame[12]) << 8 | frame[13];
  const auto ip = std::span(frame).subspan(kEthernet);
  if (type != 0x0800 && type != 0x86dd) return out;
  out.tuple = tuple_of(ip);
  if (out.tuple) out.hops = ip[out.tuple->src.is_v4() ? 8 : 7];
  return out;
}

std::string clock_text(uint64_t time) {
  const std::time_t seconds = static_cast<std::time_t>(time / kSecond);
  return fmt::format("{:%F %T}.{:09} UTC", fmt::gmtime(seconds), time % kSecond);
}

const char* verdict_text(WatchedFate fate) {
  switch (fate) {
    case WatchedFate::kForward:
      return "forward";
    case WatchedFate::kFragment:
      return "fragment";
    case WatchedFate::kPunt:
      return "punt";
    case WatchedFate::kDrop:
      return "drop";
  }
  return "";
}

std::string end_text(const WatchedView& packet) {
  switch (packet.fate) {
    case WatchedFate::kForward:
      return packet.out;
    case WatchedFate::kFragment:
      return fmt::format("{}, in {} fragments", packet.out, packet.fragments);
    case WatchedFate::kPunt:
      return fmt::format("none: punted ({})", packet.reason);
    case WatchedFate::kDrop:
      return fmt::format("none: dropped ({})", packet.reason);
  }
  return "";
}

}  // namespace

Table present_watched(const WatchedView& packet) {
  const Headers in = headers_of(packet.bytes);
  const Headers out = headers_of(packet.rewritten);
  const bool originated = packet.way == WatchedWay::kOriginated;
  const bool sent = packet.fate == WatchedFate::kForward || packet.fate == WatchedFate::kFragment;
  const auto& tuple = in.tuple;
  const auto of_tuple = [&tuple](auto get) { return tuple ? Cell(get(*tuple)) : Cell(); };
  const auto stage = [](bool reached, auto text) { return reached ? Cell(text()) : Cell(); };
  const std::string input = originated ? "the router itself" : packet.port;
  return record({
      {{"Time", ""}, clock_text(packet.time)},
      {{"", "time_ns"}, packet.time},
      {{"Rx", ""}, fmt::format("{}, {} bytes, lcore {}", input, packet.length, packet.lcore)},
      {{"", "in"}, originated ? Cell() : Cell(packet.port)},
      {{"", "originated"}, originated},
      {{"", "lcore"}, packet.lcore},
      {{"", "length"}, packet.length},
      {{"Parse", ""},
       stage(tuple.has_value(),
             [&] { return fmt::format("{}, {} left", hash::flow_text(*tuple), hash::count_text(*in.hops, "hop")); })},
      {{"", "src"}, of_tuple([](const hash::Tuple& t) { return t.src.to_string(); })},
      {{"", "dst"}, of_tuple([](const hash::Tuple& t) { return t.dst.to_string(); })},
      {{"", "protocol"}, of_tuple([](const hash::Tuple& t) { return uint32_t{t.protocol}; })},
      {{"", "sport"}, of_tuple([](const hash::Tuple& t) { return t.sport; })},
      {{"", "dport"}, of_tuple([](const hash::Tuple& t) { return t.dport; })},
      {{"", "hops"}, in.hops},
      {{"Lookup", ""},
       stage(packet.group.has_value(),
             [&] {
               const std::string prefix = packet.prefix ? packet.prefix->to_string() + ", " : "";
               return fmt::format("{}group {}", prefix, *packet.group);
             })},
      {{"", "prefix"}, packet.prefix ? Cell(packet.prefix->to_string()) : Cell()},
      {{"", "group"}, packet.group},
      {{"Select", ""},
       stage(packet.group.has_value(),
             [&] {
               return fmt::format("key {}, hash 0x{:08x}, bucket {} of {}", hash::to_hex(packet.key), packet.hash,
                                  packet.bucket, packet.buckets);
             })},
      {{"", "key"}, packet.group ? Cell(hash::to_hex(packet.key)) : Cell()},
      {{"", "hash"}, packet.group ? Cell(packet.hash) : Cell()},
      {{"", "bucket"}, packet.group ? Cell(packet.bucket) : Cell()},
      {{"", "buckets"}, packet.group ? Cell(packet.buckets) : Cell()},
      {{"Nexthop", "nexthop"}, text_of(packet.nexthop)},
      {{"Rewrite", ""},
       stage(out.to.has_value(),
             [&] {
               const std::string hops = out.hops ? fmt::format(", {} left", hash::count_text(*out.hops, "hop")) : "";
               return fmt::format("from {} to {}{}", *out.from, *out.to, hops);
             })},
      {{"", "source_mac"}, out.from},
      {{"", "mac"}, out.to},
      {{"", "hops_out"}, out.hops},
      {{"Tx", ""}, end_text(packet)},
      {{"", "verdict"}, verdict_text(packet.fate)},
      {{"", "reason"}, some(packet.reason)},
      {{"", "port"}, sent ? Cell(packet.out) : Cell()},
      {{"", "fragments"}, packet.fate == WatchedFate::kFragment ? Cell(uint32_t{packet.fragments}) : Cell()},
  });
}

}  // namespace ecmpd::control::api
