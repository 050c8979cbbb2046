// docs/ecmpd.toml says of every key what the code does: it parses, explains all keys, and what it calls a default or a
// bound is one.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "control/config/schema.h"
#include "tests/control/config/files.h"

namespace ecmpd::control {
namespace {

/// A line "key = value" of the reference, with the table that it stands in.
struct Entry {
  size_t index;  // of the line, from 0
  std::string table;
  std::string key;
  std::string value;
  bool is_default;
};

const std::vector<std::string>& reference() {
  static const std::vector<std::string> kLines = lines_of(source_file("docs/ecmpd.toml"));
  return kLines;
}

std::vector<Entry> entries() {
  std::vector<Entry> out;
  std::string table;
  for (size_t i = 0; i < reference().size(); ++i) {
    const std::string& line = reference()[i];
    if (line.starts_with("[")) {
      table = line.substr(line.find_first_not_of('['));
      table.resize(table.find(']'));
    } else if (const size_t equals = line.find(" = "); equals != std::string::npos && !line.starts_with("#")) {
      const size_t mark = line.find("  # default");
      out.push_back(
          {i, table, line.substr(0, equals), line.substr(equals + 3, mark - equals - 3), mark != std::string::npos});
    }
  }
  return out;
}

template <typename Change>
tl::expected<Config, ConfigError> with(const Change& change) {
  std::string text;
  for (size_t i = 0; i < reference().size(); ++i) text += change(i, reference()[i]) + "\n";
  return parse_config(text, "ecmpd.toml", kTwoCpus);
}

Config whole() {
  const auto config = with([](size_t, const std::string& line) { return line; });
  EXPECT_TRUE(config) << config.error().to_string();
  return config.value_or(Config{});
}

TEST(Reference, NamesEveryKeyAndNoOther) {
  std::map<std::string, std::set<std::string>> named;
  for (const Entry& entry : entries()) named[entry.table].insert(entry.key);
  std::map<std::string, std::set<std::string>> known;
  for (const TableSchema* table : schema::tables())
    known[std::string(table->name)] = {table->keys.begin(), table->keys.end()};
  EXPECT_EQ(named, known);
  whole();
}

TEST(Reference, EveryDefaultIsTheCodes) {
  const Config config = whole();
  for (const Entry& entry : entries()) {
    const auto without = with([&](size_t i, const std::string& line) { return i == entry.index ? "" : line; });
    if (entry.is_default) {
      ASSERT_TRUE(without) << without.error().to_string();
      EXPECT_EQ(*without, config) << entry.table << "." << entry.key;
    } else {
      // Either it must be there, or it says something.
      EXPECT_FALSE(without && *without == config) << entry.table << "." << entry.key;
    }
  }
}

TEST(Reference, EveryOptionalKeyWithADefaultIsMarked) {
  // What may be left out, and is not marked, has no value by default: these.
  const std::set<std::string> none = {"import", "password", "maximum_prefix", "community_weight"};
  for (const Entry& entry : entries()) {
    const auto without = with([&](size_t i, const std::string& line) { return i == entry.index ? "" : line; });
    if (!without || entry.is_default) continue;
    EXPECT_TRUE(none.contains(entry.key)) << entry.table << "." << entry.key;
  }
}

TEST(Reference, EveryBoundOfANumberIsTheCodes) {
  unsigned checked = 0;
  std::set<std::string> seen;
  for (const Entry& entry : entries()) {
    if (!std::isdigit(static_cast<unsigned char>(entry.value[0])) || !seen.insert(entry.key).second) continue;
    const auto wrong =
        with([&](size_t i, const std::string& line) { return i == entry.index ? entry.key + " = -5" : line; });
    ASSERT_FALSE(wrong) << entry.key;
    EXPECT_EQ(wrong.error().line, entry.index + 1);
    const std::string bound = wrong.error().problem.substr(wrong.error().problem.find("allowed: ") + 9);
    std::string comment;
    for (size_t i = entry.index; i-- > 0 && reference()[i].starts_with("#");) comment = reference()[i] + comment;
    EXPECT_NE(comment.find(bound), std::string::npos) << entry.key << " is " << bound << ", not as in: " << comment;
    ++checked;
  }
  EXPECT_EQ(checked, 17u);
}

TEST(Reference, ShowsWhatItExplains) {
  const Config config = whole();
  ASSERT_EQ(config.ports.size(), 3u);
  EXPECT_EQ(config.ports[2].device, config.ports[1].device);
  EXPECT_EQ(config.routes.at(0).nexthops.at(0).weight, 3);
  EXPECT_EQ(config.routes.at(0).nexthops.at(1).weight, 1);
  EXPECT_EQ(config.neighbor_entries.at(0).mac.bytes, (std::array<uint8_t, 6>{2, 0, 0, 0, 1, 0x0b}));
  EXPECT_EQ(config.neighbors.at(0).policy.password, "correct horse");
  EXPECT_EQ(config.listens.at(0).policy.import_filter.rules, std::vector<ImportRule>{ImportRule{}});
}

}  // namespace
}  // namespace ecmpd::control
