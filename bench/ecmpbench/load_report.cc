#include "bench/ecmpbench/load_report.h"

#include <fmt/core.h>

#include "control/api/table.h"
#include "control/api/table_csv.h"

namespace ecmpd::bench {

using control::api::Align;
using control::api::Cell;
using control::api::Real;
using control::api::Table;

std::string render(const LoadResult& result, Format format) {
  Table table;
  table.name = "phases";
  const auto right = Align::kRight;
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
                   {"Mpps", "mpps", right},
                   {"Drops", "drops", right},
                   {"", "waited_share"}};
  for (const Phase& phase : result.phases) {
    Cell items, rate, each;
    if (phase.items != 0) {
      items = phase.items;
      rate = static_cast<uint64_t>(phase.items / phase.seconds);
      each = Real{static_cast<double>(phase.resident_bytes) / phase.items, 1};
    }
    const double packets = static_cast<double>(phase.packets) / phase.seconds;
    table.rows.push_back({std::string(phase.name), items, Real{phase.seconds, 3}, rate,
                          Real{static_cast<double>(phase.resident_bytes) / 1e6, 1}, each, phase.rounds,
                          Real{phase.median_round, 2}, Real{phase.p999_round, 2}, Real{phase.worst_round, 1},
                          Real{packets / 1e6, 2}, phase.drops, Real{result.waited, 3}});
  }
  if (format == Format::kJson) return control::api::to_json(table);
  if (format == Format::kCsv) return control::api::to_csv(table);
  return control::api::to_text(table) +
         fmt::format(
             "\nA round takes up to {} packets from each port. The worker's thread waited for its CPU for {:.1f} % of "
             "the time: so long may \"Worst\" be another process's.\n",
             64, 100 * result.waited);
}

}  // namespace ecmpd::bench
