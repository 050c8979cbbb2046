#include "hash/key_fields.h"

#include <algorithm>

namespace ecmpd::hash {
namespace {

constexpr KeyFields kNone{.protocol = false, .src = false, .dst = false, .sport = false, .dport = false};
constexpr std::string_view kAllowed =
    "3-tuple, 5-tuple, or a list of src, dst, protocol, sport, dport, flow-label; with inner and symmetric added if "
    "wanted";

void add(KeyFields& fields, const KeyFields& more) {
  for (const NamedField& named : kNamedFields) fields.*named.field |= more.*named.field;
}

bool add_word(KeyFields& fields, std::string_view word) {
  if (word == "3-tuple") return add(fields, KeyFields::three_tuple()), true;
  if (word == "5-tuple") return add(fields, KeyFields::five_tuple()), true;
  if (word == "symmetric") return fields.symmetric = true;
  const auto* named =
      std::find_if(kNamedFields.begin(), kNamedFields.end(), [&](const NamedField& one) { return one.name == word; });
  return named != kNamedFields.end() && (fields.*named->field = true);
}

std::string text_of(const KeyMistake& wrong) {
  return std::string(wrong.mistake) + "; allowed: " + std::string(wrong.allowed);
}

}  // namespace

tl::expected<KeyFields, std::string> parse_key_fields(std::string_view text) {
  KeyFields fields = kNone;
  for (size_t begin = 0; begin <= text.size();) {
    const size_t end = std::min(text.find(',', begin), text.size());
    const std::string_view word = text.substr(begin, end - begin);
    if (!add_word(fields, word)) {
      return tl::make_unexpected("\"" + std::string(word) +
                                 "\" is not a field of a key; allowed: " + std::string(kAllowed));
    }
    begin = end + 1;
  }
  if (const auto wrong = empty_mistake(fields)) return tl::make_unexpected(std::string(text) + " " + text_of(*wrong));
  if (const auto wrong = symmetric_mistake(fields)) return tl::make_unexpected("symmetric " + text_of(*wrong));
  return fields;
}

std::vector<std::string> names_of(const KeyFields& fields) {
  std::vector<std::string> out;
  for (const NamedField& named : kNamedFields) {
    if (fields.*named.field) out.emplace_back(named.name);
  }
  if (fields.symmetric) out.emplace_back("symmetric");
  return out;
}

std::optional<KeyMistake> symmetric_mistake(const KeyFields& fields) {
  if (!fields.symmetric) return std::nullopt;
  // Sorting two endpoints needs both of them.
  if (fields.src != fields.dst || fields.sport != fields.dport) {
    return KeyMistake{"needs both ends of a flow in key",
                      "true with src and dst, and with sport and dport, both or neither"};
  }
  // RFC 6437 section 2: a label belongs to one direction.
  if (fields.flow_label) {
    return KeyMistake{"does not go with flow-label, which the two directions do not share", "true without flow-label"};
  }
  return std::nullopt;
}

std::optional<KeyMistake> empty_mistake(const KeyFields& fields) {
  if (fields.protocol || fields.src || fields.dst || fields.sport || fields.dport) return std::nullopt;
  if (fields.flow_label) {
    return KeyMistake{"names nothing that IPv4 packets have: all of them would go to one member", kAllowed};
  }
  return KeyMistake{"names nothing to hash: every packet would go to one member", kAllowed};
}

}  // namespace ecmpd::hash
