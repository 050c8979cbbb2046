// A Table as comma-separated values (RFC 4180, lines end in a newline only): for spreadsheets and scripts.
//
// Columns are named by their JSON keys; one without a key is left out. Numbers are written as in the JSON, "true" and
// "false" for flags, nothing for nothing, lists joined with spaces. Nested rows are lines of their own with the
// parent's cells repeated, in columns named parent/child; of several columns with nested rows the first is taken. Pure;
// any thread.
#pragma once

#include <string>

#include "control/api/table.h"

namespace ecmpd::control::api {

std::string to_csv(const Table& table);

}  // namespace ecmpd::control::api
