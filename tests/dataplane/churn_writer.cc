#include "tests/dataplane/churn_writer.h"

#include <algorithm>
#include <thread>

#include "hash/random.h"

namespace ecmpd::dataplane {

namespace {
// As long as readers run, this little waits for them. When one is preempted the writer goes on for a while, and then
// waits: or identifiers would run out.
constexpr size_t kMostWaiting = 2048;

constexpr uint8_t kLocalUnicast = 0x02;

uint32_t check_sum(const ChurnScript::Sent& content) {
  return static_cast<uint32_t>(hash::mix64(content.written << 16 | content.adjacency)) & 0xffffff;
}

void put(MacPair& bytes, unsigned at, unsigned count, uint64_t value) {
  for (unsigned i = 0; i < count; ++i) bytes[at + i] = static_cast<uint8_t>(value >> 8 * (count - 1 - i));
}

uint64_t get(const MacPair& bytes, unsigned at, unsigned count) {
  uint64_t value = 0;
  for (unsigned i = 0; i < count; ++i) value = value << 8 | bytes[at + i];
  return value;
}
}  // namespace

Adjacency write_tag(const ChurnScript::Sent& content, bool drops) {
  MacPair bytes{kLocalUnicast};
  put(bytes, 1, 2, content.adjacency);
  put(bytes, 3, 6, content.written);
  put(bytes, 9, 3, check_sum(content));
  Adjacency out{.kind = drops ? AdjacencyKind::kDrop : AdjacencyKind::kForward,
                .reason = DropReason::kUnresolved,
                .port = churn_port(content.adjacency)};
  std::copy_n(bytes.begin(), 6, out.destination_mac.begin());
  std::copy_n(bytes.begin() + 6, 6, out.source_mac.begin());
  return out;
}

std::optional<ChurnScript::Sent> read_tag(const MacPair& macs) {
  const ChurnScript::Sent content{static_cast<uint16_t>(get(macs, 1, 2)), get(macs, 3, 6)};
  if (macs[0] != kLocalUnicast || get(macs, 9, 3) != check_sum(content)) return std::nullopt;
  return content;
}

ChurnWriter::ChurnWriter(const ChurnScript& script, Publisher& publisher)
    : script_(script),
      publisher_(publisher),
      route_(script.pool().prefixes.size(), ChurnScript::kNone),
      table_(script.initial().table),
      groups_(ChurnScript::kGroups),
      adjacencies_(ChurnScript::kAdjacencies) {
  publisher_.set_hash_settings(ChurnScript::settings(script_.initial().settings));
  adjacencies_[0] = kNoRouteAdjacency;
  for (uint16_t i = 1; i <= ChurnScript::kSharedAdjacencies; ++i) {
    adjacencies_[i] = publisher_.add_adjacency(write_tag({i, script_.first_written(i)}, false));
  }
  for (uint16_t i = 1; i <= ChurnScript::kShared; ++i) groups_[i] = create(i);
  for (uint16_t i = 0; i < route_.size(); ++i) {
    const uint16_t group = script_.initial().route[i];
    if (group != ChurnScript::kNone) set_route(i, group, 0);
  }
  counts_ = {};
}

void ChurnWriter::apply(uint64_t number) {
  const ChurnScript::Change& change = script_.change(number);
  switch (change.kind) {
    case ChurnScript::Kind::kRoute:
      return set_route(change.prefix, change.group, number);
    case ChurnScript::Kind::kBuckets:
      table_[change.group] = change.table;
      publisher_.replace_group(groups_[change.group], buckets(change.table), script_.table(change.table).indexing);
      ++counts_.groups;
      return;
    case ChurnScript::Kind::kMove:
      return move(change.group);
    case ChurnScript::Kind::kAdjacency:
      publisher_.replace_adjacency(adjacencies_[change.adjacency], write_tag({change.adjacency, number}, change.drops));
      ++counts_.adjacencies;
      return;
    case ChurnScript::Kind::kSettings:
      publisher_.set_hash_settings(ChurnScript::settings(change.settings));
      ++counts_.settings;
      return;
  }
}

// Adjacency, group, route; and the other way round for what the route leaves behind.
void ChurnWriter::set_route(uint16_t prefix, uint16_t group, uint64_t number) {
  const uint16_t before = std::exchange(route_[prefix], group);
  if (ChurnScript::is_private(group)) {
    const uint16_t adjacency = ChurnScript::private_adjacency(group);
    adjacencies_[adjacency] = publisher_.add_adjacency(write_tag({adjacency, number}, false));
    ++counts_.adjacencies;
    groups_[group] = create(group);
  }
  if (group == ChurnScript::kNone) {
    publisher_.remove_route(script_.pool().prefixes[prefix]);
    ++counts_.routes;
  } else {
    retarget(prefix, groups_[group]);
  }
  if (ChurnScript::is_private(before)) {
    publisher_.destroy_group(groups_[before]);
    publisher_.remove_adjacency(adjacencies_[ChurnScript::private_adjacency(before)]);
    ++counts_.groups;
    ++counts_.adjacencies;
  }
}

void ChurnWriter::retarget(uint16_t prefix, GroupId group) {
  // Full only while workers have not been quiescent: let them run.
  while (!publisher_.set_route(script_.pool().prefixes[prefix], group)) {
    publisher_.poll();
    std::this_thread::yield();
  }
  ++counts_.routes;
}

void ChurnWriter::move(uint16_t group) {
  const GroupId before = std::exchange(groups_[group], create(group));
  for (uint16_t prefix = 0; prefix < route_.size(); ++prefix) {
    if (route_[prefix] == group) retarget(prefix, groups_[group]);
  }
  publisher_.destroy_group(before);
  ++counts_.groups;
}

GroupId ChurnWriter::create(uint16_t group) {
  ++counts_.groups;
  return publisher_.create_group(buckets(table_[group]), script_.table(table_[group]).indexing);
}

std::vector<AdjacencyId> ChurnWriter::buckets(uint16_t table) const {
  std::vector<AdjacencyId> out;
  for (uint16_t adjacency : script_.table(table).buckets) out.push_back(adjacencies_[adjacency]);
  return out;
}

void ChurnWriter::clean_up() {
  while (publisher_.poll() > kMostWaiting) std::this_thread::yield();
}

}  // namespace ecmpd::dataplane
