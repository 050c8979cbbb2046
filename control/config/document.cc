#include "control/config/document.h"

#include <fmt/format.h>

#define TOML_HEADER_ONLY 1  // Debian's compiled library throws
#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_FORMATTERS 1
// An assertion of toml++ 3.3 fails on "[=": it aborts before the check that reports the same mistake properly. A bad
// file must not end a running router, so these assertions are off; the mutation tests run without them under ASan.
#define TOML_ASSERT(expr) static_assert(true)
#undef NDEBUG  // with it they would become assumptions

#include <toml++/toml.h>

#include <algorithm>
#include <sstream>

namespace ecmpd::control {
namespace {

constexpr size_t kShown = 60;  // bytes of a value that a message shows

template <typename T>
std::string streamed(const T& value) {
  std::ostringstream out;
  out << value;
  return out.str();
}

Node convert(const toml::node& from, unsigned parent_line) {
  Node to;
  to.line = from.source().begin.line != 0 ? from.source().begin.line : parent_line;
  to.column = from.source().begin.column;
  switch (from.type()) {
    case toml::node_type::string:
      to.kind = Node::Kind::kString;
      to.string = from.as_string()->get();
      break;
    case toml::node_type::integer:
      to.kind = Node::Kind::kInteger;
      to.integer = from.as_integer()->get();
      break;
    case toml::node_type::floating_point:
      to.kind = Node::Kind::kFloat;
      to.string = streamed(*from.as_floating_point());
      break;
    case toml::node_type::boolean:
      to.kind = Node::Kind::kBoolean;
      to.boolean = from.as_boolean()->get();
      break;
    case toml::node_type::date:
      to.kind = Node::Kind::kDate;
      to.string = streamed(*from.as_date());
      break;
    case toml::node_type::time:
      to.kind = Node::Kind::kDate;
      to.string = streamed(*from.as_time());
      break;
    case toml::node_type::date_time:
      to.kind = Node::Kind::kDate;
      to.string = streamed(*from.as_date_time());
      break;
    case toml::node_type::array:
      to.kind = Node::Kind::kArray;
      to.elements.reserve(from.as_array()->size());
      for (const toml::node& element : *from.as_array()) to.elements.push_back(convert(element, to.line));
      break;
    case toml::node_type::table:
    case toml::node_type::none:
      to.kind = Node::Kind::kTable;
      for (const auto& [key, value] : *from.as_table()) {
        to.members.push_back(convert(value, to.line));
        to.members.back().name = key.str();
      }
      // toml++ sorts by name; a reader of messages expects the first mistake of the file.
      std::stable_sort(to.members.begin(), to.members.end(), [](const Node& a, const Node& b) {
        return std::pair(a.line, a.column) < std::pair(b.line, b.column);
      });
      break;
  }
  return to;
}

/// Behind the string that begins at `text[i]`; at the end of the line when it is not closed.
size_t skip_string(std::string_view text, size_t i, unsigned& line) {
  const char quote = text[i];
  const std::string_view open = text.substr(i, 3);
  const bool multi_line = open.size() == 3 && open[1] == quote && open[2] == quote;
  i += multi_line ? 3 : 1;
  for (; i < text.size(); ++i) {
    if (text[i] == '\n') {
      if (!multi_line) return i;
      ++line;
    } else if (text[i] == '\\' && quote == '"' && i + 1 < text.size() && text[i + 1] != '\n') {
      ++i;
    } else if (text[i] == quote) {
      if (!multi_line) return i + 1;
      if (text.substr(i, 3) != open) continue;
      i += 3;
      for (int more = 0; more < 2 && i < text.size() && text[i] == quote; ++more) ++i;  // they belong to the string
      return i;
    }
  }
  return i;
}

/// toml++ bounds the depth of values, but not that of dotted keys, and both it and convert() recurse. The first line
/// that has more dots outside of strings and comments than any key of ours needs; 0 when there is none.
unsigned line_too_deep(std::string_view text) {
  constexpr unsigned kMostDots = 8;
  unsigned line = 1;
  unsigned dots = 0;
  for (size_t i = 0; i < text.size();) {
    const char c = text[i];
    if (c == '"' || c == '\'') {
      i = skip_string(text, i, line);
      continue;
    }
    if (c == '#') i = std::min(text.find('\n', i), text.size() - 1);
    if (text[i] == '\n') {
      ++line;
      dots = 0;
    } else if (text[i] == '.' && ++dots > kMostDots) {
      return line;
    }
    ++i;
  }
  return 0;
}

}  // namespace

tl::expected<Node, SyntaxError> parse_document(std::string_view text) {
  if (const unsigned line = line_too_deep(text); line != 0) {
    return tl::unexpected(SyntaxError{line, "key: nested too deeply"});
  }
  const toml::parse_result result = toml::parse(text);
  if (!result) {
    const toml::parse_error& error = result.error();
    return tl::unexpected(SyntaxError{error.source().begin.line, std::string(error.description())});
  }
  return convert(result.table(), 1);
}

const Node* Node::find(std::string_view key) const {
  for (const Node& member : members) {
    if (member.name == key) return &member;
  }
  return nullptr;
}

std::string escaped(std::string_view text, size_t longest) {
  const bool cut = text.size() > longest;
  if (cut) {
    size_t end = longest;  // never half a UTF-8 character
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
    text = text.substr(0, end);
  }
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += {'\\', c};
    } else if (byte < 0x20 || byte == 0x7f) {
      constexpr char kHex[] = "0123456789abcdef";
      out += {'\\', 'x', kHex[byte >> 4], kHex[byte & 15]};
    } else {
      out += c;
    }
  }
  return cut ? out + "..." : out;
}

std::string quoted(std::string_view text) { return fmt::format("\"{}\"", escaped(text)); }

std::string_view describe(Node::Kind kind) {
  switch (kind) {
    case Node::Kind::kString:
      return "a string";
    case Node::Kind::kInteger:
      return "an integer";
    case Node::Kind::kFloat:
      return "a float";
    case Node::Kind::kBoolean:
      return "a boolean";
    case Node::Kind::kDate:
      return "a date or time";
    case Node::Kind::kArray:
      return "a list";
    case Node::Kind::kTable:
      return "a table";
  }
  return "";
}

std::string Node::text() const {
  switch (kind) {
    case Kind::kString:
      return quoted(string);
    case Kind::kInteger:
      return std::to_string(integer);
    case Kind::kFloat:
    case Kind::kDate:
      return escaped(string);
    case Kind::kBoolean:
      return boolean ? "true" : "false";
    case Kind::kTable:
      return members.empty() ? "{}" : "{...}";
    case Kind::kArray:
      break;
  }
  std::string out = "[";
  for (size_t i = 0; i < elements.size(); ++i) {
    if (i > 0) out += ", ";
    if (out.size() > kShown) {
      out += "...";
      break;
    }
    out += elements[i].text();
  }
  return out + "]";
}

}  // namespace ecmpd::control
