// What a [[neighbor]] and a [[listen]] have in common: filters, their actions, limits (declared in read_policy.h).
#include "control/config/read_policy.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "control/config/values.h"

namespace ecmpd::control {
namespace {

constexpr std::string_view kAllowedImport =
    R"("any", or a list of prefixes such as "203.0.113.0/24 le 32", "any" and rules such as { community = "64512:1", weight = 2 })";
constexpr std::string_view kAllowedExport =
    R"("any", or a list of prefixes such as "203.0.113.0/24 le 32", "any" and rules such as { aggregate = "203.0.113.0/24", prepend = 1 })";
constexpr std::string_view kAllowedCommunity =
    R"("AS:VALUE" such as "64512:100", "graceful-shutdown", "no-export", "no-advertise" or "blackhole")";
constexpr std::string_view kAllowedLarge = R"("AS:DATA:DATA" such as "64512:1:100")";
constexpr std::string_view kAllowedAction = R"("accept" or "reject")";

std::vector<uint32_t> read_communities(const Item& item) {
  std::vector<uint32_t> out;
  const std::vector<Item> list = item.list_or_one();
  if (list.empty()) item.fail("is empty", kAllowedCommunity);
  for (const Item& element : list) out.push_back(read_community(element, element.node().string).value_or(0));
  return out;
}

std::vector<std::array<uint32_t, 3>> read_large_communities(const Item& item) {
  std::vector<std::array<uint32_t, 3>> out;
  const std::vector<Item> list = item.list_or_one();
  if (list.empty()) item.fail("is empty", kAllowedLarge);
  for (const Item& element : list) {
    const auto text = element.string(kAllowedLarge);
    if (!text) break;
    std::array<uint32_t, 3>& parts = out.emplace_back();
    const char* at = text->data();
    const char* const end = at + text->size();
    bool good = true;
    for (size_t i = 0; good && i < parts.size(); ++i) {
      const auto [stop, error] = std::from_chars(at, end, parts[i]);
      good = error == std::errc() && (i == 2 ? stop == end : stop != end && *stop == ':');
      at = stop + 1;
    }
    if (!good) element.fail("is not a large community", kAllowedLarge);
  }
  return out;
}

std::vector<uint32_t> read_numbers(const Item& item) {
  std::vector<uint32_t> out;
  const std::vector<Item> list = item.list_or_one();
  if (list.empty()) item.fail("is empty", "1 to 4294967295, or a list of such numbers");
  for (const Item& element : list) out.push_back(read_asn(element).value_or(0));
  return out;
}

std::vector<PrefixRule> read_prefixes(const Item& item) {
  std::vector<PrefixRule> out;
  const std::vector<Item> list = item.list_or_one();
  if (list.empty()) item.fail("is empty", "a prefix such as \"203.0.113.0/24 le 32\", or a list of them");
  for (const Item& element : list) out.push_back(read_prefix_rule(element).value_or(PrefixRule{}));
  return out;
}

ImportRule read_import_rule(const Item& item) {
  ImportRule out;
  const Table table(item, schema::kImportRule);
  if (const auto found = table.find("prefix")) out.prefixes = read_prefixes(*found);
  if (const auto found = table.find("prefix_length")) out.prefix_length = read_range(*found, 128);
  if (const auto found = table.find("community")) out.communities = read_communities(*found);
  if (const auto found = table.find("large_community")) out.large_communities = read_large_communities(*found);
  if (const auto found = table.find("as_path")) out.as_path = read_numbers(*found);
  if (const auto found = table.find("origin_as")) out.origin_as = read_numbers(*found);
  if (const auto found = table.find("as_path_length")) out.as_path_length = read_range(*found, 65535);
  if (const auto found = table.find("action")) {
    const auto action = found->string(kAllowedAction);
    if (action && *action != "accept" && *action != "reject") found->fail("is not an action", kAllowedAction);
    out.accept = action == "accept";
  }
  for (const char* set : {"weight", "local_preference"}) {
    const auto found = table.find(set);
    if (found && !out.accept) found->fail("is set in a rule that rejects", R"(it with action = "accept" only)");
  }
  if (const auto found = table.find("weight")) {
    out.weight = static_cast<uint16_t>(found->integer(1, 65535).value_or(1));
  }
  if (const auto found = table.find("local_preference")) {
    out.local_preference = static_cast<uint32_t>(found->integer(0, UINT32_MAX).value_or(0));
  }
  return out;
}

ExportRule read_export_rule(const Item& item) {
  ExportRule out;
  const Table table(item, schema::kExportRule);
  if (const auto found = table.find("prefix")) out.prefixes = read_prefixes(*found);
  if (const auto found = table.find("aggregate")) {
    constexpr std::string_view kAllowed = R"(a prefix such as "203.0.113.0/24")";
    if (table.find("prefix")) found->fail("stands beside prefix", "one of the two in a rule");
    const auto text = found->string(kAllowed);
    if (text) out.aggregate = read_prefix(*found, *text, kAllowed);
  }
  if (const auto found = table.find("add_community")) out.add_communities = read_communities(*found);
  table.integer("prepend", out.prepend, 0, 16);
  return out;
}

/// "any", or a list of what `read_rule` reads and of strings.
template <typename Rule, typename ReadRule>
std::vector<Rule> read_rules(const Item& item, std::string_view allowed, ReadRule read_rule) {
  const auto is_any = [](const Item& one) {
    return one.node().kind == Node::Kind::kString && one.node().string == "any";
  };
  std::vector<Rule> out;
  if (item.node().kind == Node::Kind::kString) {
    if (!is_any(item)) item.fail("is neither \"any\" nor a list", allowed);
    out.emplace_back();
    return out;
  }
  const auto list = item.list(allowed);
  for (const Item& element : list.value_or(std::vector<Item>())) {
    if (is_any(element)) {
      out.emplace_back();
    } else if (element.node().kind == Node::Kind::kTable) {
      out.push_back(read_rule(element));
    } else if (element.string(allowed)) {
      out.emplace_back().prefixes = {read_prefix_rule(element).value_or(PrefixRule{})};
    }
  }
  return out;
}

std::vector<std::pair<uint32_t, uint16_t>> read_community_weight(const Item& item) {
  constexpr std::string_view kAllowed = R"(a table such as { "64512:1" = 1, "64512:3" = 3 })";
  std::vector<std::pair<uint32_t, uint16_t>> out;
  if (item.node().kind != Node::Kind::kTable) {
    item.fail_type("a table", kAllowed);
    return out;
  }
  for (const Node& member : item.node().members) {
    const Item element(member, fmt::format("{}.{}", item.path(), quoted(member.name)), item.problems());
    const auto community = read_community(element, member.name);
    const auto weight = element.integer(1, 65535);
    if (!community || !weight) break;
    const bool again = std::any_of(out.begin(), out.end(), [&](const auto& one) { return one.first == *community; });
    if (again) element.fail("is the weight of an earlier community", "a community only once");
    out.emplace_back(*community, static_cast<uint16_t>(*weight));
  }
  return out;
}

void read_limit(const Table& table, PeerPolicy& out) {
  table.integer("maximum_prefix", out.maximum_prefix, 0, UINT32_MAX);
  if (const auto item = table.find("maximum_prefix_action")) {
    constexpr std::string_view kAllowed = R"("warn", "discard" or "restart")";
    const auto action = item->string(kAllowed);
    if (action == "warn") {
      out.maximum_prefix_action = MaximumPrefixAction::kWarn;
    } else if (action == "discard") {
      out.maximum_prefix_action = MaximumPrefixAction::kDiscard;
    } else if (action && *action != "restart") {
      item->fail("is not an action", kAllowed);
    }
  }
  table.integer("maximum_prefix_restart", out.maximum_prefix_restart, 1, 65535);
}

}  // namespace

std::optional<uint32_t> read_community(const Item& item, std::string_view text) {
  constexpr std::pair<std::string_view, uint32_t> kNamed[] = {{"graceful-shutdown", 0xffff0000},
                                                              {"no-export", 0xffffff01},
                                                              {"no-advertise", 0xffffff02},
                                                              {"blackhole", 0xffff029a}};
  for (const auto& [name, value] : kNamed) {
    if (name == text) return value;
  }
  uint16_t asn = 0;
  uint16_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [colon, error] = std::from_chars(text.data(), end, asn);
  if (error == std::errc() && colon != end && *colon == ':') {
    const auto [stop, second] = std::from_chars(colon + 1, end, value);
    if (second == std::errc() && stop == end) return uint32_t{asn} << 16 | value;
  }
  item.fail("is not a community", kAllowedCommunity);
  return std::nullopt;
}

void read_session(const Table& table, SessionOptions& out) {
  if (const auto item = table.find("families")) {
    constexpr std::string_view kAllowed = R"("ipv4", "ipv6" or a list of both)";
    out.ipv4 = out.ipv6 = false;
    const std::vector<Item> list = item->list_or_one();
    if (list.empty()) item->fail("is empty", kAllowed);
    for (const Item& element : list) {
      const auto name = element.string(kAllowed);
      if (name == "ipv4") {
        out.ipv4 = true;
      } else if (name == "ipv6") {
        out.ipv6 = true;
      } else if (name) {
        element.fail("is not a family", kAllowed);
      }
    }
  }
  table.boolean("add_path", out.add_path);
  table.boolean("graceful_restart", out.graceful_restart);
  table.integer("ttl_security_hops", out.ttl_security_hops, 0, 254);
  table.integer("ebgp_multihop", out.ebgp_multihop, 0, 255);
  if (out.ttl_security_hops != 0 && out.ebgp_multihop != 0) {
    table.find("ebgp_multihop")->fail("stands beside ttl_security_hops", "one of the two");
  }
}

void read_policy(const Table& table, PeerPolicy& out) {
  if (const auto item = table.find("import")) {
    out.import_filter.rules = read_rules<ImportRule>(*item, kAllowedImport, read_import_rule);
  }
  if (const auto item = table.find("export")) {
    out.export_filter.rules = read_rules<ExportRule>(*item, kAllowedExport, read_export_rule);
  }
  if (const auto item = table.find("community_weight")) out.community_weight = read_community_weight(*item);
  table.integer("link_bandwidth", out.link_bandwidth, 0, INT64_MAX);
  read_limit(table, out);
  if (const auto item = table.find("hold_time")) {
    constexpr std::string_view kAllowed = "0, or 3 to 65535";
    const auto seconds = item->integer(0, 65535, kAllowed);
    // RFC 4271, 4.2: zero, or at least three.
    if (seconds && (*seconds == 1 || *seconds == 2)) item->fail("is too short", kAllowed);
    out.hold_time = static_cast<uint16_t>(seconds.value_or(0));
  }
  if (const auto item = table.find("password")) {
    constexpr std::string_view kAllowed = "a string of 1 to 80 bytes";  // TCP_MD5SIG_MAXKEYLEN
    if (item->node().kind != Node::Kind::kString) return item->fail_secret("is not a string", kAllowed);
    const std::string& password = item->node().string;
    if (password.empty()) return item->fail_secret("is empty", kAllowed);
    if (password.size() > 80) {
      return item->fail_secret(fmt::format("is {} bytes long", password.size()), kAllowed);
    }
    out.password = password;
  }
}

}  // namespace ecmpd::control
