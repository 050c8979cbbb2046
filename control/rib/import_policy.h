// What a peer's import policy makes of a path: accepted or refused, with which weight and preference.
//
// Paths keep a 15-bit id of the result, since there are few different ones. A policy is prepared for an attribute set
// once; then a prefix costs a look at the prefix conditions alone. Pure. Control thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "control/bgp/attributes.h"
#include "control/config/config.h"
#include "control/rib/intern_table.h"

namespace ecmpd::control {

struct ImportResult {
  bool accepted = false;
  bool draining = false;  // RFC 8326: the node asks to be left; local_preference is 0 then
  uint16_t weight = 1;
  std::optional<uint32_t> local_preference{};
  bool operator==(const ImportResult&) const = default;
};

struct ImportResultHash {
  size_t operator()(const ImportResult& result) const;
};

/// Results by id, counted by reference.
class ImportResults {
 public:
  using Id = uint16_t;
  static constexpr Id kRefused = 0;
  static constexpr Id kPlain = 1;  // accepted, weight 1
  static constexpr Id kLimit = 0x8000;

  ImportResults();
  /// Of a result that is not there while there are kLimit others: kPlain.
  Id acquire(const ImportResult& result);
  void retain(Id id) {
    if (id > kPlain) table_.retain(id);
  }
  void release(Id id) {
    if (id > kPlain) table_.release(id);
  }
  const ImportResult& get(Id id) const { return table_.get(id); }
  /// True when a path may be draining. A look at every distinct result.
  bool any_draining() const;

 private:
  InternTable<ImportResult, ImportResultHash> table_;
  bool limit_logged_ = false;
};

/// A policy for paths with one attribute set. The policy outlives it, or prepare() is called again.
class PreparedImport {
 public:
  explicit PreparedImport(ImportResults& results) : results_(results) {}
  ~PreparedImport() { forget(); }
  PreparedImport(const PreparedImport&) = delete;
  PreparedImport& operator=(const PreparedImport&) = delete;

  void prepare(const PeerPolicy& policy, const bgp::PathAttributes& attributes);
  void forget();
  /// The id is valid until the next prepare(); who keeps it retains it.
  ImportResults::Id result(const hash::Prefix& prefix) const {
    for (const Choice& choice : choices_) {
      if (choice.rule == nullptr || choice.rule->matches_prefix(prefix)) return choice.result;
    }
    return ImportResults::kRefused;
  }

 private:
  struct Choice {
    const ImportRule* rule;  // null: for any prefix
    ImportResults::Id result;
  };
  ImportResults& results_;
  std::vector<Choice> choices_;  // the rules whose attribute conditions hold, in order
};

/// The share that a path asks for by its communities: by community_weight, else by link bandwidth, else 1.
uint16_t weight_of(const PeerPolicy& policy, const bgp::PathAttributes& attributes);

}  // namespace ecmpd::control
