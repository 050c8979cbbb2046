// ecmpbench: the packet rate of the router's own worker, beside what the devices alone cost, in one process.
#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
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

void merge(std::vector<Measurement>& all, std::vector<Measurement>&& more) {
  if (all.empty()) {
    all = std::move(more);
    return;
  }
  for (size_t i = 0; i < all.size(); ++i) {
    all[i].windows.insert(all[i].windows.end(), more[i].windows.begin(), more[i].windows.end());
    all[i].packets += more[i].packets;
    all[i].checked += more[i].checked;
    all[i].drops += more[i].drops;
    all[i].waited = std::max(all[i].waited, more[i].waited);
  }
}

/// Errors name the case.
tl::expected<std::vector<Result>, std::string> measure_all(const ForwardCommand& command) {
  std::vector<Result> results;
  for (const Case& plan : command.cases) {
    for (const unsigned workers : command.workers) results.push_back({plan, workers, {}, {}});
  }
  for (unsigned round = 0; round < command.rounds; ++round) {
    for (size_t i = 0; i < results.size(); ++i) {
      Result& result = results[i];
      const std::string name = describe(result.plan, result.workers);
      const Settings settings{
          {command.cpus.begin(), command.cpus.begin() + result.workers}, command.seconds, command.stages};
      where = fmt::format("[{}/{}] {}", round * results.size() + i + 1, command.rounds * results.size(), name);
      progress(0);
      auto one = in_child([&] { return measure_case(result.plan, settings, progress); });
      clear_progress();
      if (!one) return tl::unexpected(fmt::format("{}: {}", name, one.error()));
      merge(result.measurements, std::move(*one));
    }
  }
  for (Result& result : results) result.figures = figures_of(result.measurements);
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
