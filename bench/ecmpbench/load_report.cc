#include "bench/ecmpbench/load_report.h"

#include <fmt/core.h>

#include "bench/ecmpbench/rounded.h"
#include "control/api/table.h"
#include "control/api/table_csv.h"
#include "dataplane/burst.h"

namespace ecmpd::bench {

using control::api::Align;
using control::api::Cell;
using control::api::Table;

std::string render(const LoadResult& result, Format format) {
  const auto right = Align::kRight;
  Table table;
  table.name = "phases";
  table.columns = {{"Phase", "phase"},
                   {"Items", "items", right},
                   {"Seconds", "seconds", right},
                   {"Items/s", "items_per_second", right},
                   {"MB", "resident_mb", right},
                   {"Bytes/item", "bytes_per_item", right},
                   {"", "rounds"},
                   {"Round us", "median_round_us", right},
                   {"99.9 %", "p999_round_us", right},
                   {"Worst", "worst_round_us", right},
                   {"Interrupted", "interrupted_rounds", right},
                   {"Mpps", "mpps", right},
                   {"Drops", "drops", right},
                   {"", "waited_share"}};
  for (const Phase& phase : result.phases) {
    const auto memory = static_cast<double>(phase.resident_bytes);
    Cell items, rate, each;
    if (phase.items != 0) {
      items = phase.items;
      rate = static_cast<uint64_t>(phase.items / phase.seconds);
      each = rounded(memory / phase.items, 1);
    }
    const double packets = static_cast<double>(phase.packets) / phase.seconds;
    table.rows.push_back({std::string(phase.name), items, rounded(phase.seconds, 3), rate, rounded(memory / 1e6, 1),
                          each, phase.rounds, rounded(phase.median_round, 2), rounded(phase.p999_round, 2),
                          rounded(phase.worst_round, 1), phase.interrupted, rounded(packets / 1e6, 2), phase.drops,
                          rounded(result.waited, 3)});
  }
  if (format == Format::kJson) return control::api::to_json(table);
  if (format == Format::kCsv) return control::api::to_csv(table);
  return control::api::to_text(table) +
         fmt::format(
             "\nA round takes up to {} packets from each port. Rounds during which another thread took the CPU away\n"
             "are not in \"Worst\"; the worker was ready without a CPU for {:.1f} % of the time.\n",
             dataplane::kBurst, 100 * result.waited);
}

}  // namespace ecmpd::bench
