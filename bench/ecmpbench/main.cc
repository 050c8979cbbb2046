// ecmpbench: the packet rate of the router's own worker, beside what the devices alone cost, in one process.
#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "bench/ecmpbench/arguments.h"
#include "bench/ecmpbench/child.h"
#include "bench/ecmpbench/load_report.h"
#include "bench/ecmpbench/report.h"
#include "hash/count_text.h"

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

/// What to print, or an error.
tl::expected<std::string, std::string> answer(const ForwardCommand& command) {
  return measure_all(command).map([&](const std::vector<Result>& results) { return render(results, command.format); });
}

tl::expected<std::string, std::string> answer(const LoadCommand& command) {
  where = "load";
  const auto result = measure_load(command.settings, progress);
  clear_progress();
  if (!result) return tl::unexpected(result.error());
  uint64_t drops = 0;
  for (const Phase& phase : result->phases) drops += phase.drops;
  if (drops != 0)
    return tl::unexpected(fmt::format("{} dropped", hash::count_text(drops, "packet was", "packets were")));
  return render(*result, command.format);
}

int print(const tl::expected<std::string, std::string>& answer) {
  if (!answer) {
    fmt::print(stderr, "ecmpbench: {}\n", answer.error());
    return kFailed;
  }
  fmt::print("{}", *answer);
  return std::fflush(stdout) == 0 ? kFine : kFailed;
}

int run(int count, char** arguments) {
  show_progress = isatty(STDERR_FILENO) == 1;
  const auto parsed = parse_arguments({arguments + 1, arguments + count});
  if (const auto* ended = std::get_if<Ended>(&parsed)) {
    fmt::print(stderr, "{}", ended->error);
    fmt::print("{}", ended->output);
    return ended->status;
  }
  if (const auto* load = std::get_if<LoadCommand>(&parsed)) return print(answer(*load));
  return print(answer(std::get<ForwardCommand>(parsed)));
}

}  // namespace
}  // namespace ecmpd::bench

int main(int count, char** arguments) { return ecmpd::bench::run(count, arguments); }
