// Reading one table of the document: typed, bounded values, and for every mistake one line that names the place.
//
// The first mistake is kept and the rest are dropped; reading goes on with defaults, so callers need no branch after
// every key. Nothing that a failed file produced may be used: parse_config() looks at Problems before it returns.
// Control thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "control/config/config.h"
#include "control/config/document.h"
#include "control/config/schema.h"

namespace ecmpd::control {

class Problems {
 public:
  explicit Problems(std::string file) : file_(std::move(file)) {}
  bool any() const { return first_.has_value(); }
  const std::optional<ConfigError>& first() const { return first_; }
  void report(unsigned line, std::string_view key, std::string_view value, std::string_view problem);

 private:
  std::string file_;
  std::optional<ConfigError> first_;
};

/// A value and where it stands: `neighbor[0].remote_as`.
class Item {
 public:
  Item(const Node& node, std::string path, Problems& problems)
      : node_(&node), path_(std::move(path)), problems_(&problems) {}

  const Node& node() const { return *node_; }
  const std::string& path() const { return path_; }
  unsigned line() const { return node_->line; }
  std::string text() const { return node_->text(); }
  Problems& problems() const { return *problems_; }

  /// "PATH: VALUE WRONG; allowed: ALLOWED"
  void fail(std::string_view wrong, std::string_view allowed) const;
  /// "is a list, not WANTED"
  void fail_type(std::string_view wanted, std::string_view allowed) const;
  /// fail() for a value that must not be shown.
  void fail_secret(std::string_view wrong, std::string_view allowed) const;

  /// The string, or a problem that says what is allowed.
  std::optional<std::string_view> string(std::string_view allowed) const;
  /// `allowed` when "LEAST to MOST" does not say it all.
  std::optional<int64_t> integer(int64_t least, int64_t most, std::string_view allowed = {}) const;
  std::optional<bool> boolean() const;
  /// The elements of a list.
  std::optional<std::vector<Item>> list(std::string_view allowed) const;
  /// A list, or a single value as a list of one.
  std::vector<Item> list_or_one() const;

 private:
  const Node* node_;
  std::string path_;
  Problems* problems_;
};

/// One table. Unknown keys are reported at once.
class Table {
 public:
  Table(const Item& item, const TableSchema& schema);

  std::optional<Item> find(std::string_view key) const;
  /// As find(); a missing key is a problem.
  std::optional<Item> require(std::string_view key, std::string_view allowed) const;
  unsigned line() const { return item_.line(); }

  /// Sets `out` when the key is there and right.
  template <typename T>
  void integer(std::string_view key, T& out, int64_t least, int64_t most) const {
    if (const auto item = find(key)) {
      if (const auto value = item->integer(least, most)) out = static_cast<T>(*value);
    }
  }
  void boolean(std::string_view key, bool& out) const;
  /// An absolute path of at most `longest` bytes.
  void path(std::string_view key, std::string& out, size_t longest) const;

 private:
  Item item_;
  const TableSchema* schema_;
};

/// The table `schema` of the document's root; nothing when the file has none or it is not a [table].
std::optional<Table> single_table(const Item& root, const TableSchema& schema);
/// Every [[table]] of that name.
std::vector<Table> repeated_tables(const Item& root, const TableSchema& schema);
/// Reports every top-level name that is not a table of ours.
void check_top_level(const Item& root);

}  // namespace ecmpd::control
