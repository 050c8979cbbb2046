// ecmpbench: the packet rate of the router's own worker, beside what the devices alone cost, in one process.
#include <fmt/core.h>
#include <unistd.h>

#include <cstdio>

#include "bench/ecmpbench/arguments.h"
#include "bench/ecmpbench/child.h"
#include "bench/ecmpbench/report.h"

namespace ecmpd::bench {
namespace {

std::string where;  // for progress
bool show_progress = false;

void progress(double done) {
  if (!show_progress) return;
  fmt::print(stderr, "\r\033[K{} {:.0f} %", where, 100 * done);
  std::fflush(stderr);
}

void clear_progress() {
  if (show_progress) fmt::print(stderr, "\r\033[K");
}

void merge(Measurement& all, Measurement&& more) {
  if (all.windows.empty()) {
    all = std::move(more);
    return;
  }
  all.windows.insert(all.windows.end(), more.windows.begin(), more.windows.end());
  all.packets += more.packets;
  all.checked += more.checked;
  all.drops += more.drops;
  all.waited = (all.waited + more.waited) / 2;
}

/// Errors name the case.
tl::expected<std::vector<Result>, std::string> measure_all(const ForwardCommand& command) {
  std::vector<Result> results;
  for (const Case& plan : command.cases) results.push_back({plan, {}, {}});
  for (unsigned round = 0; round < command.rounds; ++round) {
    for (size_t i = 0; i < results.size(); ++i) {
      const Case& plan = results[i].plan;
      where =
          fmt::format("[{}/{}] {}", round * results.size() + i + 1, command.rounds * results.size(), describe(plan));
      progress(0);
      auto one = in_child([&] { return measure_case(plan, command.settings, progress); });
      clear_progress();
      if (!one) return tl::unexpected(fmt::format("{}: {}", describe(plan), one.error()));
      merge(results[i].measurement, std::move(*one));
    }
  }
  for (Result& result : results) result.figures = figures_of(result.measurement.windows, result.measurement.waited);
  return results;
}

int run(int count, char** arguments) {
  const auto parsed = parse_arguments({arguments + 1, arguments + count});
  if (const auto* ended = std::get_if<Ended>(&parsed)) {
    fmt::print(stderr, "{}", ended->error);
    fmt::print("{}", ended->output);
    return ended->status;
  }
  const auto& command = std::get<ForwardCommand>(parsed);
  show_progress = isatty(STDERR_FILENO) == 1;
  const auto results = measure_all(command);
  if (!results) {
    fmt::print(stderr, "ecmpbench: {}\n", results.error());
    return kFailed;
  }
  fmt::print("{}", render(*results, command.format));
  return std::fflush(stdout) == 0 ? kFine : kFailed;
}

}  // namespace
}  // namespace ecmpd::bench

int main(int count, char** arguments) { return ecmpd::bench::run(count, arguments); }
