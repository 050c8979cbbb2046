#include "hash/lab/events.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <numeric>
#include <optional>

#include "hash/random.h"

namespace ecmpd::hash::lab {
namespace {

using Kind = Event::Kind;

constexpr Kind kKinds[] = {Kind::kLeave,  Kind::kReturn, Kind::kFlap,  Kind::kDrain,
                           Kind::kWeight, Kind::kJoin,   Kind::kForget};

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  line = line.substr(0, line.find('#'));
  constexpr std::string_view kBlank = " \t\r";
  for (size_t begin = line.find_first_not_of(kBlank); begin != line.npos;) {
    const size_t end = std::min(line.find_first_of(kBlank, begin), line.size());
    words.push_back(line.substr(begin, end - begin));
    begin = line.find_first_not_of(kBlank, end);
  }
  return words;
}

template <typename T>
std::optional<T> parse_number(std::string_view text) {
  T number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number == 0) return std::nullopt;
  return number;
}

std::optional<IpAddress> parse_member(std::string_view text) {
  if (const auto address = IpAddress::parse(text)) return *address;
  const auto number = parse_number<uint32_t>(text);
  if (!number || *number > 1u << 24) return std::nullopt;
  return numbered_member(*number);
}

}  // namespace

std::string_view to_string(Kind kind) {
  switch (kind) {
    case Kind::kLeave:
      return "leave";
    case Kind::kReturn:
      return "return";
    case Kind::kFlap:
      return "flap";
    case Kind::kDrain:
      return "drain";
    case Kind::kWeight:
      return "weight";
    case Kind::kJoin:
      return "join";
    case Kind::kForget:
      return "forget";
  }
  return "";
}

std::string to_string(const Event& event) {
  const std::string text = fmt::format("{} {}", to_string(event.kind), event.member.to_string());
  const bool weighted = event.kind == Kind::kWeight || (event.kind == Kind::kJoin && event.weight != 1);
  return weighted ? fmt::format("{} {}", text, event.weight) : text;
}

IpAddress numbered_member(uint32_t number) { return IpAddress::v4(0x0a000000 + number); }

tl::expected<Event, std::string> parse_event(std::string_view text) {
  const auto words = words_of(text);
  if (words.empty()) return tl::make_unexpected("no event");
  const auto* kind =
      std::find_if(std::begin(kKinds), std::end(kKinds), [&](Kind k) { return to_string(k) == words[0]; });
  if (kind == std::end(kKinds)) {
    return tl::make_unexpected(
        fmt::format("{} is not an event: leave, return, flap, drain, weight, join or forget", words[0]));
  }
  const size_t most = *kind == Kind::kWeight || *kind == Kind::kJoin ? 3 : 2;
  const size_t least = *kind == Kind::kWeight ? 3 : 2;
  if (words.size() < least || words.size() > most) {
    return tl::make_unexpected(fmt::format("{} takes a member{}", words[0],
                                           least == 3  ? " and a weight"
                                           : most == 3 ? " and perhaps a weight"
                                                       : ""));
  }
  const auto member = parse_member(words[1]);
  if (!member) return tl::make_unexpected(fmt::format("{} is neither an address nor a number from 1", words[1]));
  Event event{.kind = *kind, .member = *member};
  if (words.size() == 3) {
    const auto weight = parse_number<uint16_t>(words[2]);
    if (!weight) return tl::make_unexpected(fmt::format("{} is not a weight from 1 to 65535", words[2]));
    event.weight = *weight;
  }
  return event;
}

tl::expected<std::vector<Event>, std::string> parse_script(std::string_view text, std::string_view name) {
  std::vector<Event> events;
  for (size_t begin = 0, number = 1; begin < text.size(); ++number) {
    const size_t end = std::min(text.find('\n', begin), text.size());
    const std::string_view line = text.substr(begin, end - begin);
    begin = end + 1;
    if (words_of(line).empty()) continue;
    const auto event = parse_event(line);
    if (!event) return tl::make_unexpected(fmt::format("{}:{}: {}", name, number, event.error()));
    events.push_back(*event);
  }
  if (events.empty()) return tl::make_unexpected(fmt::format("{}: no events", name));
  return events;
}

std::vector<Event> random_events(const RandomEvents& settings, uint64_t seed) {
  Random random(mix64(seed) ^ 0x6576656e74737e7e);  // not the numbers of the tables
  std::vector<uint32_t> up(settings.members);
  std::iota(up.begin(), up.end(), 1u);
  std::vector<uint32_t> away;
  uint32_t known = settings.members;
  uint32_t newcomers = settings.newcomers;
  const auto take = [&](std::vector<uint32_t>& from) {
    std::swap(from[random.below(static_cast<uint32_t>(from.size()))], from.back());
    const uint32_t member = from.back();
    from.pop_back();
    return member;
  };
  const auto any_up = [&] { return numbered_member(up[random.below(static_cast<uint32_t>(up.size()))]); };
  std::vector<Event> events;
  for (uint32_t left = settings.events; left > 0; --left) {
    if (random.below(left) < newcomers) {  // each set of places is as likely as any other
      --newcomers;
      up.push_back(++known);
      events.push_back({.kind = Kind::kJoin, .member = numbered_member(known)});
      continue;
    }
    std::vector<Kind> possible;
    const uint32_t limit = settings.down_limit == 0 ? known / 2 : settings.down_limit;
    const bool may_leave = away.size() < limit;
    if (may_leave) possible.push_back(Kind::kLeave);
    if (!away.empty()) possible.push_back(Kind::kReturn);
    if (may_leave && settings.flaps) possible.push_back(Kind::kFlap);
    if (may_leave && settings.drains) possible.push_back(Kind::kDrain);
    if (settings.weights) possible.push_back(Kind::kWeight);
    Event event{.kind = possible[random.below(static_cast<uint32_t>(possible.size()))], .member = {}};
    switch (event.kind) {
      case Kind::kLeave:
      case Kind::kDrain:
        event.member = numbered_member(away.emplace_back(take(up)));
        break;
      case Kind::kReturn:
        event.member = numbered_member(up.emplace_back(take(away)));
        break;
      case Kind::kWeight:
        event.member = any_up();
        event.weight = static_cast<uint16_t>(1 + random.below(4));
        break;
      default:
        event.member = any_up();
    }
    events.push_back(event);
  }
  return events;
}

}  // namespace ecmpd::hash::lab
