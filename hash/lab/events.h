// Events that change who shares a group's flows: read from a script, or drawn at random.
//
// A script has one event a line, "#" begins a comment: `leave M`, `return M`, `flap M` (both at once), `drain M` (out
// of the table on purpose), `weight M W`, `join M [W]` (for the first time), `forget M` (out of the home). M is an
// address, or a number: 1 is 10.0.0.1. Values; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "hash/address.h"

namespace ecmpd::hash::lab {

struct Event {
  enum class Kind : uint8_t { kLeave, kReturn, kFlap, kDrain, kWeight, kJoin, kForget };
  Kind kind = Kind::kLeave;
  IpAddress member;
  uint16_t weight = 1;  // of kWeight and kJoin
  bool operator==(const Event&) const = default;
};

/// Whether the event changes who belongs to the group and with which weight; the others, only who is live.
constexpr bool changes_home(const Event& event) {
  return event.kind == Event::Kind::kWeight || event.kind == Event::Kind::kJoin || event.kind == Event::Kind::kForget;
}

std::string_view to_string(Event::Kind kind);
/// "weight 10.0.0.3 5"
std::string to_string(const Event& event);
/// The member by its number, from 1.
IpAddress numbered_member(uint32_t number);

/// One event. The error names the word and says what is allowed.
tl::expected<Event, std::string> parse_event(std::string_view text);
/// A whole script, called `name` in errors: "NAME:LINE: ...".
tl::expected<std::vector<Event>, std::string> parse_script(std::string_view text, std::string_view name);

struct RandomEvents {
  uint32_t members = 16;  // 10.0.0.1 and on, all up at first
  uint32_t events = 1;
  uint32_t down_limit = 0;  // at most so many are away at a time, less than members; 0: half of those that there are
  uint32_t newcomers = 0;   // of the events, joins of further members; not more than events
  bool flaps = false;       // besides leaves and returns
  bool drains = false;      // likewise; undone by a return
  bool weights = false;     // likewise: 1 to 4
};

/// At each step one of the kinds that are possible, each as likely as any other.
std::vector<Event> random_events(const RandomEvents& settings, uint64_t seed);

}  // namespace ecmpd::hash::lab
