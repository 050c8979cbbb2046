// ecmplab report: a page with charts, from results that are there or from small runs of its own.
#include <fmt/core.h>

#include <fstream>
#include <sstream>

#include "hash/lab/commands.h"
#include "hash/lab/output.h"
#include "hash/lab/report_data.h"
#include "hash/lab/report_page.h"
#include "hash/lab/router.h"
#include "hash/lab/run.h"

namespace ecmpd::hash::lab {
namespace {

/// The JSON of a file.
tl::expected<std::string, Failure> read_file(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file) return failure(fmt::format("cannot read {}", path));
  return text.str();
}

/// The JSON of a run of our own.
tl::expected<std::string, Failure> run_json(const std::vector<std::string>& words) {
  const auto table = run_words(words);
  if (!table) return tl::make_unexpected(table.error());
  return render(*table, Common::Format::kJson);
}

class ReportCommand : public Command {
 public:
  std::string name() const override { return "report"; }
  std::string summary() const override { return "One HTML page with charts of all of it"; }
  std::string teaching() const override {
    return R"help(Examples:
  ecmplab report                               small runs of everything, some seconds, to ecmplab.html
  ecmplab report --out page.html --no-speed    without the one part that depends on the machine
  ecmplab sweep --hash xxh32,crc32c --out sweep.json
  ecmplab churn --selector maglev --events 60 --curve --json > maglev.json
  ecmplab report --sweep sweep.json --churn maglev.json
                                               parts of it from results that are there

The page needs no network and no scripts: it can be mailed, printed and kept.)help";
  }

  void declare(Options& options) override {
    options.text("--out", out_, "FILE", "Where to write the page");
    options.text("--title", title_, "TEXT", "Its title");
    options.text("--sweep", sweep_, "FILE", "What sweep --json printed, instead of a small sweep of all functions");
    options.choices("--churn", churn_, {}, "What churn --curve --json printed, for one selector in each file");
    options.text("--polarize", polarize_, "FILE", "What polarize --json printed for pairs of functions");
    options.flag("--no-speed", no_speed_, "Leave out the speed of functions, which differs from run to run");
  }

  tl::expected<Table, Failure> run(const Common& common) override {
    Report report;
    report.title = title_;
    for (const auto part : {&ReportCommand::add_sweep, &ReportCommand::add_churn, &ReportCommand::add_polarization}) {
      if (const auto added = (this->*part)(report, std::to_string(common.seed)); !added) {
        return tl::make_unexpected(added.error());
      }
    }
    if (!no_speed_) report.speeds = measure_speeds();
    const std::string page = report_page(report);
    std::ofstream file(out_);
    file << page << std::flush;
    if (!file) return failure(fmt::format("--out: cannot write {}", out_));
    Table answer;
    answer.shape = Table::Shape::kRecord;
    answer.columns = {{"Page", "page"},
                      {"Bytes", "bytes"},
                      {"Cells of evenness", "cells"},
                      {"Selectors", "selectors"},
                      {"Pairs of functions", "pairs"}};
    answer.rows = {{out_, uint64_t{page.size()}, uint64_t{report.evenness.size()}, uint64_t{report.disruptions.size()},
                    uint64_t{report.pairs.size()}}};
    return answer;
  }

 private:
  using Added = tl::expected<void, Failure>;

  Added add_sweep(Report& report, const std::string& seed) {
    const auto json = sweep_.empty()
                          ? run_json({"sweep", "--hash", joined(hash_names()), "--seeds", "30", "--seed", seed})
                          : read_file(sweep_);
    if (!json) return tl::make_unexpected(json.error());
    auto points = read_sweep(*json);
    if (!points) return failure(fmt::format("--sweep: {}: {}", sweep_, points.error()));
    report.evenness = *std::move(points);
    return {};
  }

  Added add_churn(Report& report, const std::string& seed) {
    if (!churn_.empty()) {
      for (const std::string& path : churn_) {
        const auto json = read_file(path);
        if (!json) return tl::make_unexpected(json.error());
        auto one = read_churn(*json);
        if (!one) return failure(fmt::format("--churn: {}: {}", path, one.error()));
        report.disruptions.push_back(*std::move(one));
      }
      return {};
    }
    for (const char* selector : {"resilient", "rendezvous", "maglev", "hash-threshold", "modulo"}) {
      const auto json =
          run_json({"churn", "--selector", selector, "--members", "16", "--events", "48", "--curve", "--seed", seed});
      if (!json) return tl::make_unexpected(json.error());
      report.disruptions.push_back(read_churn(*json).value());
    }
    return {};
  }

  Added add_polarization(Report& report, const std::string& seed) {
    std::vector<std::string> both;
    for (const std::string& first : hash_names()) {
      for (const std::string& second : hash_names()) both.push_back(first + "+" + second);
    }
    const auto json = polarize_.empty()
                          ? run_json({"polarize", "--members", "4,4", "--hash", joined(both), "--seed", seed})
                          : read_file(polarize_);
    if (!json) return tl::make_unexpected(json.error());
    auto pairs = read_polarize(*json);
    if (!pairs) return failure(fmt::format("--polarize: {}: {}", polarize_, pairs.error()));
    report.pairs = *std::move(pairs);
    return {};
  }

  static std::string joined(const std::vector<std::string>& names) {
    std::string out;
    for (const std::string& name : names) out += (out.empty() ? "" : ",") + name;
    return out;
  }

  std::string out_ = "ecmplab.html";
  std::string title_ = "Multipath hashing";
  std::string sweep_;
  std::vector<std::string> churn_;
  std::string polarize_;
  bool no_speed_ = false;
};

}  // namespace

std::unique_ptr<Command> make_report() { return std::make_unique<ReportCommand>(); }

}  // namespace ecmpd::hash::lab
