// Whatever the bytes are, a configuration is either good or answered by one line. Fixed seeds: a failure repeats.
#include <gtest/gtest.h>

#include <random>

#include "tests/control/config/files.h"

namespace ecmpd::control {
namespace {

constexpr size_t kMegabyte = size_t{1} << 20;

void expect_one_line(const std::string& text) {
  const auto config = parse_config(text, "c.toml", kTwoCpus);
  if (config) return;
  const std::string line = config.error().to_string();
  EXPECT_TRUE(line.starts_with("c.toml:")) << line;
  EXPECT_NE(line.find("; allowed: "), std::string::npos) << line;
  EXPECT_LT(line.size(), 1000u);
  for (const char c : line) {
    EXPECT_FALSE(static_cast<unsigned char>(c) < 0x20 || c == 0x7f) << line;
  }
}

/// `before`, then a megabyte of `part`.
std::string repeated(std::string_view before, std::string_view part) {
  std::string out(before);
  while (out.size() < kMegabyte) out += part;
  return out;
}

TEST(Garbage, AMegabyteOfRandomBytes) {
  std::mt19937 random(1);
  std::string bytes(kMegabyte, '\0'), letters(kMegabyte, '\0');
  constexpr char kTomlish[] = "[]{}=\"'.,#\n abc019-_:\\";
  for (char& c : bytes) c = static_cast<char>(random());
  for (char& c : letters) c = kTomlish[random() % (sizeof kTomlish - 1)];
  expect_one_line(bytes);
  expect_one_line(letters);
  // The parser stops at the first mistake; here it begins anew at every line.
  for (size_t i = 0; i < letters.size(); i += 512) expect_one_line(letters.substr(i, 512));
}

TEST(Garbage, AMegabyteOfOneThing) {
  for (const char* part : {"[", "{", "a.", "a=[", "a={a=", "\"", "'", "\"\"\"", "#", "\n", "0", "=", "\xff", "a = 1\n",
                           "[[port]]\n", "[a]\n", "\\u", "a", "[[route]]\nprefix = \"10.0.0.0/8\"\n"}) {
    SCOPED_TRACE(part);
    expect_one_line(repeated("", part));
    expect_one_line(repeated(kTwoPorts, part));
    expect_one_line(repeated("[", part));
    expect_one_line(repeated("a = ", part));
    expect_one_line(repeated("a = [\"\"\"\n\"\"\", {", part));
  }
}

TEST(Garbage, TablesNestedVeryDeeply) {
  const std::string deep = repeated("a", ".a");
  const std::pair<const char*, const char*> around[] = {
      {"[", "]\n"},
      {"", " = 1\n"},
      {"x = {", " = 1}\n"},
      {"x = [\"\"\"\n\\\"\"\"\"\"\", {", " = 1}]\n"},  // behind a string of two lines that ends in quotes
      {"x = ['''\n''', {", " = 1}]\n"},
  };
  for (const auto& [before, after] : around) {
    const std::string text = std::string(before).append(deep).append(after);
    const std::string line = outcome(text);
    EXPECT_NE(line.find("nested too deeply"), std::string::npos) << line;
  }
}

TEST(Mutation, OfTheReference) {
  const std::string reference = source_file("docs/ecmpd.toml");
  std::string bare;  // what the parser looks at
  for (const std::string& line : lines_of(reference)) {
    if (!line.empty() && !line.starts_with("#")) bare += line + "\n";
  }
  const std::vector<std::string> lines = lines_of(bare);
  const std::vector<std::string> values = {"-1",
                                           "0",
                                           "1e9",
                                           "true",
                                           "\"\"",
                                           "[]",
                                           "{}",
                                           "[[]]",
                                           "[{}]",
                                           "[1, \"a\"]",
                                           "\"10.0.1.1/24\"",
                                           "9223372036854775807",
                                           "2026-01-01",
                                           "nan",
                                           "\"any\"",
                                           "\"\\u0000\""};
  std::mt19937 random(2);
  unsigned good_ones = 0;
  for (int round = 0; round < 6000; ++round) {
    std::string text = bare;
    for (unsigned changes = 1 + random() % 3; changes > 0; --changes) {
      const size_t at = random() % text.size();
      switch (random() % 6) {
        case 0:
          text[at] = static_cast<char>(random());
          break;
        case 1:
          text.erase(at, 1 + random() % 20);
          break;
        case 2:
          text.insert(at, 1, static_cast<char>(32 + random() % 95));
          break;
        case 3:
          text.insert(at, text.substr(random() % text.size(), random() % 60));
          break;
        case 4:
          text.insert(at, lines[random() % lines.size()] + "\n");
          break;
        case 5: {
          const size_t equals = text.find(" = ", at);
          if (equals == std::string::npos) break;
          const size_t end = text.find('\n', equals);
          text.replace(equals + 3, end - equals - 3, values[random() % values.size()]);
          break;
        }
      }
      if (text.empty()) text = bare;
    }
    expect_one_line(text);
    good_ones += parse_config(text, "c.toml", kTwoCpus).has_value() ? 1 : 0;
  }
  // Both outcomes were seen, or the mutations prove nothing.
  EXPECT_GT(good_ones, 100u);
  EXPECT_LT(good_ones, 5000u);
}

}  // namespace
}  // namespace ecmpd::control
