#include <algorithm>
#include <cmath>

#include "control/api/present.h"
#include "control/api/words.h"

namespace ecmpd::control::api {
namespace {

std::vector<Column> group_columns() {
  const std::vector<Column> member_columns = {{"Member", "address"},
                                              {"Port", "port"},
                                              {"Weight", "weight", Align::kRight},
                                              {"Live", ""},
                                              {"", "live"},
                                              {"", "draining"},
                                              {"Owns", "buckets", Align::kRight},
                                              {"Share", "share", Align::kRight},
                                              {"Exact", "exact_share", Align::kRight}};
  return {{"Group", "id", Align::kRight},
          {"Selector", "selector"},
          {"Index", "indexing"},
          {"Buckets", "buckets", Align::kRight},
          {"Layout", "layout"},
          {"Prefixes", "prefixes", Align::kRight},
          {"Deviation", "worst_deviation", Align::kRight},
          {"", "members", Align::kLeft, member_columns}};
}

uint64_t live_weight(const GroupView& group) {
  uint64_t sum = 0;
  for (const MemberView& member : group.members) sum += member.live ? member.weight : 0;
  return sum;
}

double share(const GroupView& group, const MemberView& member) {
  return group.buckets == 0 ? 0 : static_cast<double>(member.buckets) / group.buckets;
}

/// Of the live members' weights; a member that is away is due nothing.
double exact_share(const MemberView& member, uint64_t weights) {
  return member.live && weights > 0 ? static_cast<double>(member.weight) / static_cast<double>(weights) : 0;
}

Row group_row(const GroupView& group) {
  const uint64_t weights = live_weight(group);
  std::vector<Row> members;
  for (const MemberView& member : group.members) {
    members.push_back({member.address.to_string(), some(member.port), member.weight,
                       live_text(member.live, member.draining), member.live, member.draining, member.buckets,
                       Real{share(group, member), 3, true}, Real{exact_share(member, weights), 3, true}});
  }
  return {group.id,
          group.selector,
          group.indexing,
          group.buckets,
          some(group.layout),
          group.prefixes,
          Real{worst_deviation(group), 3, true},
          std::move(members)};
}

const char* step_name(hash::Lineage::Step::Kind kind) {
  using Kind = hash::Lineage::Step::Kind;
  return kind == Kind::kJoin ? "join" : kind == Kind::kStrike ? "strike" : "reweigh";
}

/// What the table follows from: in the JSON only, where `ecmplab predict` reads it.
void add_lineage(const GroupView& group, Table& table) {
  std::vector<Row> founders, steps;
  for (const hash::Member& member : group.lineage.founders) {
    founders.push_back({member.address.to_string(), member.weight});
  }
  for (const auto& [kind, member] : group.lineage.steps) {
    steps.push_back({step_name(kind), member.address.to_string(), member.weight});
  }
  const Column address{"", "address"}, weight{"", "weight"};
  const std::vector<std::pair<Column, Cell>> fields = {
      {{"", "seed"}, group.seed},
      {{"", "founders", Align::kLeft, {address, weight}}, std::move(founders)},
      {{"", "founding_buckets"}, group.lineage.buckets},
      {{"", "steps", Align::kLeft, {{"", "kind"}, address, weight}}, std::move(steps)}};
  for (const auto& [column, cell] : fields) {
    table.columns.push_back(column);
    table.rows[0].push_back(cell);
  }
}

}  // namespace

double worst_deviation(const GroupView& group) {
  const uint64_t weights = live_weight(group);
  double worst = 0;
  for (const MemberView& member : group.members) {
    const double exact = exact_share(member, weights);
    if (exact > 0) worst = std::max(worst, std::abs(share(group, member) - exact) / exact);
  }
  return worst;
}

Table present_groups(const std::vector<GroupView>& groups) {
  Table table;
  table.name = "groups";
  table.columns = group_columns();
  for (const GroupView& group : groups) table.rows.push_back(group_row(group));
  return table;
}

Table present_group(const GroupView& group) {
  Table table;
  table.shape = Table::Shape::kRecord;
  table.columns = group_columns();
  table.rows = {group_row(group)};
  add_lineage(group, table);
  return table;
}

}  // namespace ecmpd::control::api
