// The names of a key's fields, as configuration, command lines and answers spell them.
//
// Pure functions; any thread.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "hash/key.h"

namespace ecmpd::hash {

struct NamedField {
  std::string_view name;
  bool KeyFields::*field;
};

/// What a list of fields may hold, in the order in which fields are shown. "inner" is where the others are read.
inline constexpr std::array<NamedField, 7> kNamedFields = {{{"protocol", &KeyFields::protocol},
                                                            {"src", &KeyFields::src},
                                                            {"dst", &KeyFields::dst},
                                                            {"sport", &KeyFields::sport},
                                                            {"dport", &KeyFields::dport},
                                                            {"flow-label", &KeyFields::flow_label},
                                                            {"inner", &KeyFields::inner}}};

/// "3-tuple", "5-tuple" or comma-separated names, modes and names mixed ("5-tuple,inner"), and "symmetric". The error
/// names the word and what is allowed.
tl::expected<KeyFields, std::string> parse_key_fields(std::string_view text);

/// Names of what counts, in the order above; then "symmetric".
std::vector<std::string> names_of(const KeyFields& fields);

struct KeyMistake {
  std::string_view mistake;  // "needs both ends of a flow in key"
  std::string_view allowed;
};
/// Why `symmetric` cannot do what it promises with these fields; nothing when it can, or is not wanted.
std::optional<KeyMistake> symmetric_mistake(const KeyFields& fields);

/// Why all packets, or all IPv4 packets, would have one key; nothing when they have not.
std::optional<KeyMistake> empty_mistake(const KeyFields& fields);

}  // namespace ecmpd::hash
