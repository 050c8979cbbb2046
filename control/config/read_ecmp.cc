// [ecmp] (declared in sections.h).
#include "control/config/sections.h"

#include <fmt/format.h>

#include <algorithm>

#include "control/config/live.h"
#include "control/config/values.h"
#include "hash/function.h"
#include "hash/key_fields.h"

namespace ecmpd::control {
namespace {

constexpr std::string_view kAllowedKey =
    R"("3-tuple", "5-tuple" or a list of "src", "dst", "protocol", "sport", "dport", "flow-label" and "inner")";

void read_key(const Item& item, EcmpConfig& out) {
  if (item.node().kind == Node::Kind::kString) {
    if (item.node().string == "3-tuple") {
      out.key = hash::KeyFields::three_tuple();
    } else if (item.node().string == "5-tuple") {
      out.key = hash::KeyFields::five_tuple();
    } else {
      return item.fail("is not a key", kAllowedKey);
    }
    out.key_name = item.node().string;
    return;
  }
  const auto list = item.list(kAllowedKey);
  if (!list) return;
  if (list->empty()) return item.fail("is empty: every packet would go to one member", kAllowedKey);
  hash::KeyFields fields{.protocol = false, .src = false, .dst = false, .sport = false, .dport = false};
  std::string names;
  for (const Item& element : *list) {
    const auto name = element.string(kAllowedKey);
    if (!name) return;
    const auto* named = std::find_if(hash::kNamedFields.begin(), hash::kNamedFields.end(),
                                     [&](const hash::NamedField& one) { return one.name == *name; });
    if (named == hash::kNamedFields.end()) return element.fail("is not a field of a key", kAllowedKey);
    if (fields.*named->field) return element.fail("is there twice", kAllowedKey);
    fields.*named->field = true;
    if (!names.empty()) names += ',';
    names += *name;
  }
  if (const auto wrong = hash::empty_mistake(fields)) return item.fail(wrong->mistake, kAllowedKey);
  out.key = fields;
  out.key_name = names;
}

void read_symmetric(const Item& item, EcmpConfig& out) {
  out.key.symmetric = item.boolean().value_or(false);
  if (const auto wrong = hash::symmetric_mistake(out.key)) item.fail(wrong->mistake, wrong->allowed);
}

void read_hash(const Item& item, hash::HashFunction& out) {
  const auto name = item.string(hash::kHashFunctionNames);
  if (!name) return;
  const auto function = hash::parse_hash_function(*name);
  if (!function) return item.fail("is not a hash function", hash::kHashFunctionNames);
  out = *function;
}

void read_toeplitz_key(const Item& item, hash::ToeplitzKey& out) {
  constexpr std::string_view kAllowed = R"("microsoft", "symmetric" or 80 hexadecimal digits)";
  const auto text = item.string(kAllowed);
  if (!text) return;
  const auto key = hash::ToeplitzKey::parse(*text);
  if (!key) return item.fail("is not a Toeplitz key", kAllowed);
  out = *key;
}

/// Toeplitz reads what a NIC's does: addresses and ports.
void check_toeplitz_fields(const Item& item, const EcmpConfig& config) {
  const hash::KeyFields& key = config.key;
  if (config.hash != hash::HashFunction::kToeplitz || key.src || key.dst || key.sport || key.dport) return;
  item.fail("reads none of the fields of key", R"(a key with "src", "dst", "sport" or "dport", or another function)");
}

void read_selector(const Item& item, hash::Selector& out) {
  constexpr std::string_view kAllowed = R"("modulo", "hash-threshold", "resilient", "maglev" or "rendezvous")";
  const auto name = item.string(kAllowed);
  if (!name) return;
  const auto selector = hash::parse_selector(*name);
  if (!selector) return item.fail("is not a selector", kAllowed);
  if (hash::is_model(*selector)) return item.fail("is a model for ecmplab to compare with", kAllowed);
  out = *selector;
}

void read_buckets(const Item& item, uint32_t& out) {
  constexpr std::string_view kAllowed = R"("auto" or a power of two, 64 to 65536)";
  const Node& node = item.node();
  if (node.kind == Node::Kind::kString && node.string == "auto") {
    out = 0;
  } else if (node.kind != Node::Kind::kInteger) {
    item.fail("is not a number of buckets", kAllowed);
  } else if (node.integer < 64 || node.integer > 65536) {
    item.fail(node.integer < 64 ? "is below 64" : "is above 65536", kAllowed);
  } else if ((node.integer & (node.integer - 1)) != 0) {
    item.fail("is not a power of two", kAllowed);
  } else {
    out = static_cast<uint32_t>(node.integer);
  }
}

}  // namespace

void read_ecmp(const Item& root, uint32_t router_id, EcmpConfig& out) {
  out.seed = default_seed(router_id);
  out.state_file = fmt::format("/var/lib/ecmpd/{}.json", IpAddress::v4(router_id).to_string());
  const auto table = single_table(root, schema::kEcmp);
  if (!table) return;
  if (const auto item = table->find("key")) read_key(*item, out);
  if (const auto item = table->find("symmetric")) read_symmetric(*item, out);
  if (const auto item = table->find("hash")) {
    read_hash(*item, out.hash);
    check_toeplitz_fields(*item, out);
  }
  if (const auto item = table->find("toeplitz_key")) read_toeplitz_key(*item, out.toeplitz_key);
  table->integer("seed", out.seed, 0, INT64_MAX);
  if (const auto item = table->find("selector")) read_selector(*item, out.selector);
  if (const auto item = table->find("buckets")) read_buckets(*item, out.buckets);
  table->integer("maximum_paths", out.maximum_paths, 1, 1024);
  table->integer("forget_after", out.forget_after, 1, UINT32_MAX);
  table->path("state_file", out.state_file, 4095);
}

}  // namespace ecmpd::control
