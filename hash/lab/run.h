// A subcommand run by another: the same words as on the command line, the same answer. Main thread.
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "hash/lab/command.h"

namespace ecmpd::hash::lab {

/// `words`: the subcommand and its options.
tl::expected<control::api::Table, Failure> run_words(const std::vector<std::string>& words);

}  // namespace ecmpd::hash::lab
