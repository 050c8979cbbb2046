#include "bench/ecmpbench/report.h"

#include <fmt/core.h>

#include <algorithm>
#include <fstream>

#include "bench/ecmpbench/frames.h"
#include "bench/ecmpbench/rounded.h"
#include "control/api/table_csv.h"
#include "dataplane/burst.h"
#include "hash/count_text.h"
#include "hash/key_fields.h"
#include "hash/simd.h"

namespace ecmpd::bench {

using control::api::Align;
using control::api::Cell;
using control::api::Column;
using control::api::Real;
using control::api::Row;
using control::api::Table;
using hash::count_text;

namespace {

Real cycles(double value) { return rounded(value, 1); }
Real ratio(double value) { return rounded(value, 3); }

std::string machine_name() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("model name")) return line.substr(std::min(line.find(':') + 2, line.size()));
  }
  return "unknown";
}

std::string hash_kernel(const Case& plan) {
  // Of the hash functions one has vector kernels.
  const bool vectors = plan.function == hash::HashFunction::kXxh32;
  return std::string(to_string(vectors ? hash::simd_level() : hash::SimdLevel::kScalar));
}

std::string key_name(const hash::KeyFields& key) {
  std::string out;
  for (const std::string& name : hash::names_of(key)) out += (out.empty() ? "" : ",") + name;
  return out;
}

std::string yes_or_no(bool value) { return value ? "yes" : "no"; }

/// A column and its cell, so that they cannot drift apart.
struct Field {
  Column column;
  Cell cell;
};

void add_case(std::vector<Field>& fields, const Result& result) {
  const Case& plan = result.plan;
  const auto number = [&](const char* key, uint32_t value) { fields.push_back({{"", key}, value}); };
  fields.push_back({{"Case", ""}, describe(plan, result.workers)});
  number("family", static_cast<uint32_t>(plan.family));
  number("workers", result.workers);
  number("flows", plan.flows);
  number("prefixes", plan.prefixes);
  number("groups", plan.groups);
  number("members", plan.members);
  number("egress", plan.egress);
  number("size", plan.size == 0 ? least_size(plan.family) : plan.size);
  fields.push_back({{"", "selector"}, std::string(to_string(plan.selector))});
  fields.push_back({{"", "hash"}, std::string(to_string(plan.function))});
  fields.push_back({{"", "key"}, key_name(plan.key)});
  fields.push_back({{"", "seed"}, plan.seed});
}

void add_spread(std::vector<Field>& fields, const char* header, const std::string& key, const Spread& spread,
                Real (*round)(double)) {
  fields.push_back({{header, key, Align::kRight}, round(spread.median)});
  fields.push_back({{"", key + "_p10"}, round(spread.p10)});
  fields.push_back({{"", key + "_p90"}, round(spread.p90)});
}

void add_figures(std::vector<Field>& fields, const Result& result) {
  const Figures& figures = result.figures;
  const double rate = figures.packets_per_second;
  uint64_t windows = 0;
  uint64_t packets = 0;
  uint64_t drops = 0;
  uint64_t checked = 0;
  double waited = 0;
  for (const Measurement& one : result.measurements) {
    windows += one.windows.size();
    packets += one.packets;
    drops += one.drops;
    checked += one.checked;
    waited = std::max(waited, one.waited);
  }
  add_spread(fields, "io", "io_cycles", figures.io, cycles);
  add_spread(fields, "macswap", "macswap_cycles", figures.macswap, cycles);
  add_spread(fields, "Router", "cycles", figures.router, cycles);
  add_spread(fields, "Over io", "over_io_cycles", figures.over_io, cycles);
  add_spread(fields, "Of io", "ratio_io", figures.ratio_io, ratio);
  add_spread(fields, "Of macswap", "ratio_macswap", figures.ratio_macswap, ratio);
  fields.push_back({{"Mpps", "", Align::kRight}, rounded(rate / 1e6, 2)});
  fields.push_back({{"", "packets_per_second"}, static_cast<uint64_t>(rate)});
  fields.push_back({{"", "ns"}, rounded(rate == 0 ? 0 : 1e9 / rate, 2)});
  fields.push_back({{"Contended", ""}, yes_or_no(figures.contended)});
  fields.push_back({{"", "contended"}, figures.contended});
  fields.push_back({{"", "quiet_share"}, ratio(figures.quiet)});
  fields.push_back({{"", "additions_core_cycles"}, rounded(figures.core, 2)});
  fields.push_back({{"", "waited_share"}, ratio(waited)});
  fields.push_back({{"", "windows"}, windows});
  fields.push_back({{"", "packets"}, packets});
  fields.push_back({{"", "drops"}, drops});
  fields.push_back({{"", "frames_compared"}, checked});
}

void add_stages(std::vector<Field>& fields, const Measurement& measured, bool single) {
  for (size_t i = 0; i < kStages.size(); ++i) {
    const std::string header = single ? fmt::format("Stage {}", kStages[i]) : std::string(kStages[i]);
    fields.push_back(
        {{header, fmt::format("stages/{}", kStages[i]), Align::kRight}, cycles(measured.stages.cycles[i])});
  }
}

void add_machine(std::vector<Field>& fields, const Result& result) {
  const Measurement& measured = result.measurements.front();
  fields.push_back({{"", "burst"}, uint32_t{dataplane::kBurst}});
  fields.push_back({{"", "kernels/hash"}, hash_kernel(result.plan)});
  fields.push_back({{"", "kernels/fib6"}, measured.fib6_avx512 ? "avx512" : "scalar"});
  fields.push_back({{"", "machine/cpu"}, machine_name()});
  fields.push_back({{"", "machine/tsc_mhz"}, rounded(measured.tsc_hz / 1e6, 0)});
  fields.push_back({{"", "machine/core_mhz"}, rounded(measured.core_hz / 1e6, 0)});
  fields.push_back({{"", "machine/hugepages"}, measured.hugepages});
}

std::vector<Field> fields_of(const Result& result, bool single) {
  std::vector<Field> fields;
  add_case(fields, result);
  add_figures(fields, result);
  if (result.measurements.front().has_stages) add_stages(fields, result.measurements.front(), single);
  add_machine(fields, result);
  return fields;
}

}  // namespace

std::string describe(const Case& plan, unsigned workers) {
  std::string out = fmt::format("IPv{}, {}, {}", static_cast<unsigned>(plan.family), count_text(plan.flows, "flow"),
                                count_text(plan.prefixes, "prefix", "prefixes"));
  if (plan.groups != 1) out += fmt::format(" over {} groups", plan.groups);
  out += fmt::format(", {}, {}", count_text(plan.members, "member"), count_text(plan.egress, "port"));
  const Case usual;
  if (workers != 1) out += fmt::format(", {} workers", workers);
  if (plan.size != 0) out += fmt::format(", {} bytes", plan.size);
  if (plan.selector != usual.selector) out += fmt::format(", {}", to_string(plan.selector));
  if (plan.function != usual.function) out += fmt::format(", {}", to_string(plan.function));
  if (!(plan.key == usual.key)) out += ", " + key_name(plan.key);
  return out;
}

Table report(std::span<const Result> results) {
  Table table;
  const bool single = results.size() == 1;
  table.shape = single ? Table::Shape::kRecord : Table::Shape::kList;
  if (!single) table.name = "runs";
  for (const Result& result : results) {
    Row row;
    const bool first = table.columns.empty();
    for (Field& field : fields_of(result, single)) {
      if (first) table.columns.push_back(std::move(field.column));
      row.push_back(std::move(field.cell));
    }
    table.rows.push_back(std::move(row));
  }
  return table;
}

std::string render(std::span<const Result> results, Format format) {
  const Table table = report(results);
  if (format == Format::kJson) return control::api::to_json(table);
  if (format == Format::kCsv) return control::api::to_csv(table);
  const Measurement& first = results.front().measurements.front();
  std::string out = control::api::to_text(table);
  out += fmt::format("\nTSC cycles a packet, in bursts of {}. {}, TSC {:.0f} MHz, core {:.0f} MHz, {}hugepages.\n",
                     dataplane::kBurst, machine_name(), first.tsc_hz / 1e6, first.core_hz / 1e6,
                     first.hugepages ? "" : "no ");
  const bool contended =
      std::any_of(results.begin(), results.end(), [](const Result& r) { return r.figures.contended; });
  if (contended)
    out += "Contended: somebody else uses the core. Compare only figures of one case, which were measured in turn.\n";
  return out;
}

}  // namespace ecmpd::bench
