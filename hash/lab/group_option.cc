#include "hash/lab/group_option.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "hash/lab/group_file.h"
#include "hash/lab/text_file.h"

namespace ecmpd::hash::lab {
namespace {

/// "10.0.1.11", "10.0.1.11=2" or "10.0.1.11*2".
std::optional<Member> parse_member(std::string_view text) {
  const size_t end_of_address = std::min(text.find_first_of("=*"), text.size());
  const auto address = IpAddress::parse(text.substr(0, end_of_address));
  if (!address) return std::nullopt;
  Member member{*address, 1};
  if (end_of_address == text.size()) return member;
  const std::string_view weight = text.substr(end_of_address + 1);
  const auto [end, error] = std::from_chars(weight.data(), weight.data() + weight.size(), member.weight);
  if (error != std::errc() || end != weight.data() + weight.size() || member.weight == 0) return std::nullopt;
  return member;
}

/// "a,b" in parts; of an option that takes one word, so that what stands behind it is not taken for more.
std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> parts;
  for (size_t begin = 0; begin <= text.size();) {
    const size_t end = std::min(text.find(',', begin), text.size());
    parts.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

}  // namespace

void GroupOption::declare(Options& options, RouterSettings& settings) {
  const std::vector<Declared> members = settings.declare_members(options);
  const std::vector<Declared> selector = settings.declare_selector(options);
  const auto list = [](std::vector<std::string>& target) {
    return [&target](const std::string& text) -> std::optional<std::string> {
      const std::vector<std::string> parts = split(text);
      target.insert(target.end(), parts.begin(), parts.end());
      return std::nullopt;
    };
  };
  Declared nexthops = options.value("--nexthop", "ADDRESS,..", "", list(nexthops_),
                                    "The members by address, each with =WEIGHT behind it if wanted");
  nexthops.excludes(members.front());
  Declared file = options.text("--group", file_, "FILE",
                               "A router's group, from ecmpctl show group ID --json; - is standard input");
  file.excludes(nexthops);
  for (const auto* others : {&members, &selector}) {
    for (const Declared& other : *others) file.excludes(other);
  }
  options.value("--down", "ADDRESS,..", "", list(down_), "Members that are down");
}

tl::expected<std::vector<Member>, Failure> GroupOption::members(const RouterSettings& settings) const {
  if (nexthops_.empty()) return make_members(settings.members, settings.weights);
  if (!settings.weights.empty()) return usage_error("--weights: with --nexthop write ADDRESS=WEIGHT");
  std::vector<Member> members;
  for (const std::string& text : nexthops_) {
    const auto member = parse_member(text);
    if (!member) {
      return usage_error(fmt::format(
          "--nexthop: \"{}\" is not an address, or an address and a weight as in 10.0.1.11=2 (1 to 65535)", text));
    }
    members.push_back(*member);
  }
  return members;
}

tl::expected<Group, Failure> GroupOption::from_file() const {
  const auto text = read_text_file(file_);
  if (!text) return failure(text.error());
  const auto saved = parse_group(*text, file_);
  if (!saved) return failure(saved.error());
  return Group{saved->home, saved->live};
}

tl::expected<Group, Failure> GroupOption::group(const RouterSettings& settings, uint64_t seed) const {
  Group group;
  if (!file_.empty()) {
    auto read = from_file();
    if (!read) return read;
    group = *std::move(read);
  } else {
    const auto wanted = members(settings);
    if (!wanted) return tl::make_unexpected(wanted.error());
    const auto home = make_home(settings, *wanted, seed);
    if (!home) return tl::make_unexpected(home.error());
    group = {*home, std::vector<bool>((*home)->members().size(), true)};
  }
  for (const std::string& text : down_) {
    const auto address = IpAddress::parse(text);
    const int index = address ? group.home->index_of(*address) : -1;
    if (index < 0) return usage_error(fmt::format("--down: \"{}\" is not a member", text));
    group.live[static_cast<size_t>(index)] = false;
  }
  return group;
}

}  // namespace ecmpd::hash::lab
