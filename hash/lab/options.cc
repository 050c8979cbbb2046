#include "hash/lab/options.h"

#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>

namespace ecmpd::hash::lab {
namespace {

std::optional<uint64_t> parse_number(std::string_view text) {
  int base = 10;
  if (text.starts_with("0x")) {
    text.remove_prefix(2);
    base = 16;
  }
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::string allowed_range(const Range& range) {
  if (range.most >= UINT32_MAX) return fmt::format("a number of at least {}", range.least);
  return fmt::format("a number from {} to {}", range.least, range.most);
}

/// Stores what `text` says, or tells what is wrong with it.
template <typename T>
std::optional<std::string> store_number(const std::string& text, const Range& range, T& target) {
  const auto number = parse_number(text);
  const uint64_t most = std::min<uint64_t>(range.most, std::numeric_limits<T>::max());
  if (!number || *number < range.least || *number > most) {
    return fmt::format("{} is not {}", text, allowed_range({range.least, most}));
  }
  target = static_cast<T>(*number);
  return std::nullopt;
}

std::string joined(const std::vector<std::string>& parts, const char* separator) {
  std::string out;
  for (size_t i = 0; i < parts.size(); ++i) out += (i == 0 ? "" : separator) + parts[i];
  return out;
}

std::optional<std::string> check_choice(const std::string& text, const std::vector<std::string>& allowed) {
  if (allowed.empty() || std::find(allowed.begin(), allowed.end(), text) != allowed.end()) return std::nullopt;
  return fmt::format("{} is not one of {}", text, joined(allowed, ", "));
}

std::vector<std::string> split(const std::vector<std::string>& words) {
  std::vector<std::string> parts;
  for (const std::string& word : words) {
    for (size_t begin = 0;;) {
      const size_t comma = word.find(',', begin);
      parts.push_back(word.substr(begin, comma - begin));
      if (comma == std::string::npos) break;
      begin = comma + 1;
    }
  }
  return parts;
}

void complain(const std::string& name, const std::optional<std::string>& wrong) {
  if (wrong) throw CLI::ValidationError(name, *wrong);
}

template <typename T>
Declared add_number(CLI::App& app, const std::string& name, T& target, const Range& range, const std::string& shown,
                    const std::string& help) {
  const auto store = [name, range, &target](const std::string& text) {
    complain(name, store_number(text, range, target));
  };
  return Declared(app.add_option_function<std::string>(name, store, help)->option_text("N" + shown));
}

std::string shown(const std::string& fallback) { return fallback.empty() ? "" : " [" + fallback + "]"; }

}  // namespace

Declared& Declared::required() {
  option_->required();
  return *this;
}

Declared& Declared::excludes(const Declared& other) {
  option_->excludes(other.option_);
  return *this;
}

Declared& Declared::needs(const Declared& other) {
  option_->needs(other.option_);
  return *this;
}

Declared Options::flag(const std::string& name, bool& target, const std::string& help) {
  return Declared(app_.add_flag(name, target, help));
}

Declared Options::number(const std::string& name, uint64_t& target, Range range, const std::string& help) {
  return add_number(app_, name, target, range, shown(std::to_string(target)), help);
}

Declared Options::number(const std::string& name, uint32_t& target, Range range, const std::string& help) {
  return add_number(app_, name, target, range, shown(std::to_string(target)), help);
}

Declared Options::number(const std::string& name, std::optional<uint32_t>& target, Range range,
                         const std::string& help) {
  const auto store = [name, range, &target](const std::string& text) {
    uint32_t number = 0;
    complain(name, store_number(text, range, number));
    target = number;
  };
  const std::string fallback = target ? std::to_string(*target) : "";
  return Declared(app_.add_option_function<std::string>(name, store, help)->option_text("N" + shown(fallback)));
}

Declared Options::numbers(const std::string& name, std::vector<uint32_t>& target, Range range,
                          const std::string& help) {
  const auto store = [name, range, &target](const std::vector<std::string>& words) {
    target.clear();
    for (const std::string& text : split(words)) complain(name, store_number(text, range, target.emplace_back()));
  };
  std::vector<std::string> fallback;
  for (const uint32_t number : target) fallback.push_back(std::to_string(number));
  return Declared(app_.add_option_function<std::vector<std::string>>(name, store, help)
                      ->option_text("N,N,.." + shown(joined(fallback, ","))));
}

Declared Options::text(const std::string& name, std::string& target, const std::string& label,
                       const std::string& help) {
  return Declared(app_.add_option(name, target, help)->option_text(label + shown(target)));
}

Declared Options::choice(const std::string& name, std::string& target, const std::vector<std::string>& allowed,
                         const std::string& help) {
  const auto store = [name, allowed, &target](const std::string& text) {
    complain(name, check_choice(text, allowed));
    target = text;
  };
  return Declared(
      app_.add_option_function<std::string>(name, store, help)->option_text(joined(allowed, "|") + shown(target)));
}

Declared Options::choices(const std::string& name, std::vector<std::string>& target,
                          const std::vector<std::string>& allowed, const std::string& help) {
  const auto store = [name, allowed, &target](const std::vector<std::string>& words) {
    target.clear();
    for (const std::string& text : split(words)) {
      complain(name, check_choice(text, allowed));
      target.push_back(text);
    }
  };
  return Declared(app_.add_option_function<std::vector<std::string>>(name, store, help)
                      ->option_text("NAME,.." + shown(joined(target, ","))));
}

Declared Options::value(const std::string& name, const std::string& label, const std::string& fallback,
                        std::function<std::optional<std::string>(const std::string&)> parse, const std::string& help) {
  const auto store = [name, parse = std::move(parse)](const std::string& text) { complain(name, parse(text)); };
  return Declared(app_.add_option_function<std::string>(name, store, help)->option_text(label + shown(fallback)));
}

}  // namespace ecmpd::hash::lab
