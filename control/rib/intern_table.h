// InternTable: equal values once, named by a small number, counted by reference.
//
// A million routes share a few attribute sets and fewer nexthop sets; a route then holds 4 bytes. Ids are reused after
// the last release. References that get() returns stay valid until then. Control thread; not synchronised.
#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <unordered_set>
#include <utility>
#include <vector>

namespace ecmpd::control {

template <typename Value, typename Hash>
class InternTable {
 public:
  using Id = uint32_t;

  InternTable() : index_(16, HashOf{this}, Equal{this}) {}
  InternTable(const InternTable&) = delete;
  InternTable& operator=(const InternTable&) = delete;

  /// The id of `value`, with one reference more.
  Id acquire(const Value& value) {
    probe_ = &value;
    const auto found = index_.find(kProbe);
    if (found != index_.end()) {
      ++entries_[*found].references;
      return *found;
    }
    const Id id = allocate();
    entries_[id].value = value;
    entries_[id].references = 1;
    index_.insert(id);
    return id;
  }

  void retain(Id id) { ++entries_[id].references; }

  void release(Id id) {
    Entry& entry = entries_[id];
    assert(entry.references > 0);
    if (--entry.references > 0) return;
    index_.erase(id);
    entry.value = Value{};
    free_.push_back(id);
  }

  const Value& get(Id id) const { return entries_[id].value; }
  uint32_t references(Id id) const { return entries_[id].references; }
  /// Distinct values.
  size_t size() const { return index_.size(); }
  /// One more than the largest id in use: for arrays beside the table.
  Id limit() const { return static_cast<Id>(entries_.size()); }

 private:
  static constexpr Id kProbe = UINT32_MAX;  // stands for *probe_, so that a lookup copies nothing
  struct Entry {
    Value value{};
    uint32_t references = 0;
  };
  const Value& value_of(Id id) const { return id == kProbe ? *probe_ : entries_[id].value; }
  struct HashOf {
    const InternTable* table;
    size_t operator()(Id id) const { return Hash{}(table->value_of(id)); }
  };
  struct Equal {
    const InternTable* table;
    bool operator()(Id a, Id b) const { return a == b || table->value_of(a) == table->value_of(b); }
  };

  Id allocate() {
    if (!free_.empty()) {
      const Id id = free_.back();
      free_.pop_back();
      return id;
    }
    entries_.emplace_back();
    return static_cast<Id>(entries_.size() - 1);
  }

  std::deque<Entry> entries_;
  std::vector<Id> free_;
  const Value* probe_ = nullptr;
  std::unordered_set<Id, HashOf, Equal> index_;
};

}  // namespace ecmpd::control
