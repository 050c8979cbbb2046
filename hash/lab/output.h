// How a table is written, and numbers that are written the same everywhere. Values; any thread.
#pragma once

#include <string>

#include "control/api/table.h"
#include "hash/lab/command.h"

namespace ecmpd::hash::lab {

using control::api::Align;
using control::api::Cell;
using control::api::Column;
using control::api::Real;
using control::api::record;
using control::api::Row;
using control::api::Table;

/// `value` to six significant digits: the last bits of logarithms and the like differ between machines, these digits
/// do not. Text shows `digits` decimals.
Real rounded(double value, int digits = 4);
/// A fraction, shown as a percentage in text only.
Real percent(double fraction, int digits = 2);

std::string render(const Table& table, Common::Format format);

}  // namespace ecmpd::hash::lab
