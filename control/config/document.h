// A TOML file as a tree of our own: what was written, and on which line.
//
// Everything that reads the configuration works on this tree, so that toml++ is included by document.cc alone. Members
// of a table are in the order in which the file has them. Values only; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

namespace ecmpd::control {

struct Node {
  enum class Kind : uint8_t { kString, kInteger, kFloat, kBoolean, kDate, kArray, kTable };

  Kind kind = Kind::kTable;
  unsigned line = 0;  // 1 is the first
  unsigned column = 0;
  bool boolean = false;
  int64_t integer = 0;
  std::string name;    // of a member of a table its key
  std::string string;  // of a string its value, of a float or a date its text
  std::vector<Node> elements;
  std::vector<Node> members;

  const Node* find(std::string_view key) const;
  /// The value for a message: on one line, control characters escaped, cut when long: `"10.0.1.1/24"`, `70000`.
  std::string text() const;
};

struct SyntaxError {
  unsigned line = 0;
  std::string problem;
};

/// Never throws, whatever the bytes are.
tl::expected<Node, SyntaxError> parse_document(std::string_view text);

/// `text` in double quotes, on one line and cut when long.
std::string quoted(std::string_view text);
/// The same without quotes. `longest` is in bytes.
std::string escaped(std::string_view text, size_t longest = 60);

/// "a string", "an integer", ..
std::string_view describe(Node::Kind kind);

}  // namespace ecmpd::control
