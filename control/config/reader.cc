#include "control/config/reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>

namespace ecmpd::control {
namespace {

bool is_bare(std::string_view key) {
  if (key.empty()) return false;
  for (const char c : key) {
    const bool plain =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
    if (!plain) return false;
  }
  return true;
}

std::string key_text(std::string_view key) { return is_bare(key) && key.size() <= 60 ? std::string(key) : quoted(key); }

std::string joined(const std::string& path, std::string_view key) {
  return path.empty() ? key_text(key) : fmt::format("{}.{}", path, key_text(key));
}

std::string comma_list(std::span<const std::string_view> words) {
  std::string out;
  for (const std::string_view word : words) {
    if (!out.empty()) out += ", ";
    out += word;
  }
  return out;
}

std::string in_brackets(const TableSchema& schema) {
  return schema.repeated ? fmt::format("[[{}]]", schema.name) : fmt::format("[{}]", schema.name);
}

void report_unknown(const Node& node, const std::string& path, std::string_view what,
                    std::span<const std::string_view> known, const std::string& allowed, Problems& problems) {
  if (problems.any()) return;  // a file full of them
  const std::string_view meant = nearest(node.name, known);
  // A misspelled password is a password still.
  const std::string value = meant == "password" ? "(not shown)" : node.text();
  const std::string hint = meant.empty() ? "" : fmt::format("; did you mean {}?", quoted(meant));
  const std::string problem = fmt::format("{}, value {}{}; allowed: {}", what, value, hint, allowed);
  problems.report(node.line, joined(path, node.name), value, problem);
}

}  // namespace

void Problems::report(unsigned line, std::string_view key, std::string_view value, std::string_view problem) {
  if (first_) return;
  first_ = ConfigError{file_, line, std::string(key), std::string(value), std::string(problem)};
}

void Item::fail(std::string_view wrong, std::string_view allowed) const {
  problems_->report(line(), path_, text(), fmt::format("{} {}; allowed: {}", text(), wrong, allowed));
}

void Item::fail_secret(std::string_view wrong, std::string_view allowed) const {
  constexpr std::string_view kHidden = "(not shown)";
  problems_->report(line(), path_, kHidden, fmt::format("{} {}; allowed: {}", kHidden, wrong, allowed));
}

void Item::fail_type(std::string_view wanted, std::string_view allowed) const {
  fail(fmt::format("is {}, not {}", describe(node_->kind), wanted), allowed);
}

std::optional<std::string_view> Item::string(std::string_view allowed) const {
  if (node_->kind == Node::Kind::kString) return node_->string;
  fail_type("a string", allowed);
  return std::nullopt;
}

std::optional<int64_t> Item::integer(int64_t least, int64_t most, std::string_view all_allowed) const {
  const std::string allowed = all_allowed.empty() ? fmt::format("{} to {}", least, most) : std::string(all_allowed);
  if (node_->kind != Node::Kind::kInteger) {
    fail_type("an integer", allowed);
  } else if (node_->integer < least) {
    fail(fmt::format("is below {}", least), allowed);
  } else if (node_->integer > most) {
    fail(fmt::format("is above {}", most), allowed);
  } else {
    return node_->integer;
  }
  return std::nullopt;
}

std::optional<bool> Item::boolean() const {
  if (node_->kind == Node::Kind::kBoolean) return node_->boolean;
  fail_type("a boolean", "true or false");
  return std::nullopt;
}

std::optional<std::vector<Item>> Item::list(std::string_view allowed) const {
  if (node_->kind != Node::Kind::kArray) {
    fail_type("a list", allowed);
    return std::nullopt;
  }
  return list_or_one();
}

std::vector<Item> Item::list_or_one() const {
  if (node_->kind != Node::Kind::kArray) return {*this};
  std::vector<Item> out;
  out.reserve(node_->elements.size());
  for (size_t i = 0; i < node_->elements.size(); ++i) {
    out.emplace_back(node_->elements[i], fmt::format("{}[{}]", path_, i), *problems_);
  }
  return out;
}

Table::Table(const Item& item, const TableSchema& schema) : item_(item), schema_(&schema) {
  for (const Node& member : item.node().members) {
    if (schema.has(member.name)) continue;
    report_unknown(member, item.path(), "unknown key", schema.keys, comma_list(schema.keys), item.problems());
  }
}

std::optional<Item> Table::find(std::string_view key) const {
  assert(schema_->has(key));
  const Node* node = item_.node().find(key);
  if (node == nullptr) return std::nullopt;
  return Item(*node, joined(item_.path(), key), item_.problems());
}

std::optional<Item> Table::require(std::string_view key, std::string_view allowed) const {
  auto item = find(key);
  if (!item)
    item_.problems().report(line(), joined(item_.path(), key), "", fmt::format("is missing; allowed: {}", allowed));
  return item;
}

void Table::boolean(std::string_view key, bool& out) const {
  if (const auto item = find(key)) out = item->boolean().value_or(out);
}

void Table::path(std::string_view key, std::string& out, size_t longest) const {
  const auto item = find(key);
  if (!item) return;
  const std::string allowed = fmt::format("an absolute path of a file, 2 to {} bytes", longest);
  const auto text = item->string(allowed);
  if (!text) return;
  if (!text->starts_with('/')) return item->fail("is not an absolute path", allowed);
  if (text->ends_with('/')) return item->fail("names a directory", allowed);
  if (text->size() > longest) return item->fail(fmt::format("is {} bytes long", text->size()), allowed);
  for (const char c : *text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return item->fail("has a control character", allowed);
  }
  out = *text;
}

std::optional<Table> single_table(const Item& root, const TableSchema& schema) {
  const Node* node = root.node().find(schema.name);
  if (node == nullptr) return std::nullopt;
  const Item item(*node, std::string(schema.name), root.problems());
  if (node->kind != Node::Kind::kTable) {
    item.fail_type("a table", fmt::format("one {}", in_brackets(schema)));
    return std::nullopt;
  }
  return Table(item, schema);
}

std::vector<Table> repeated_tables(const Item& root, const TableSchema& schema) {
  std::vector<Table> out;
  const Node* node = root.node().find(schema.name);
  if (node == nullptr) return out;
  const Item item(*node, std::string(schema.name), root.problems());
  const std::string allowed = fmt::format("{}, once for each", in_brackets(schema));
  if (node->kind != Node::Kind::kArray) {
    item.fail_type("a list of tables", allowed);
    return out;
  }
  for (const Item& element : item.list_or_one()) {
    if (element.node().kind == Node::Kind::kTable) {
      out.emplace_back(element, schema);
    } else {
      element.fail_type("a table", allowed);
    }
  }
  return out;
}

void check_top_level(const Item& root) {
  std::vector<std::string_view> names;
  std::string allowed;
  for (const TableSchema* table : schema::tables()) {
    names.push_back(table->name);
    allowed += fmt::format("{}{}", allowed.empty() ? "" : ", ", in_brackets(*table));
  }
  for (const Node& member : root.node().members) {
    if (std::find(names.begin(), names.end(), member.name) != names.end()) continue;
    const bool table =
        member.kind == Node::Kind::kTable || (member.kind == Node::Kind::kArray && !member.elements.empty() &&
                                              member.elements.front().kind == Node::Kind::kTable);
    report_unknown(member, "", table ? "unknown table" : "unknown key", names, allowed, root.problems());
  }
}

}  // namespace ecmpd::control
