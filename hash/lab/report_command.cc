// ecmplab report: a page with charts, from results that are there or from small runs of its own.
#include <fmt/core.h>

#include <fstream>

#include "hash/lab/commands.h"
#include "hash/lab/output.h"
#include "hash/lab/progress.h"
#include "hash/lab/report_data.h"
#include "hash/lab/report_page.h"
#include "hash/lab/router.h"
#include "hash/lab/run.h"
#include "hash/lab/text_file.h"

namespace ecmpd::hash::lab {
namespace {

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
  ecmplab report                               small runs of everything, a minute or less, to ecmplab.html
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
    if (const auto can = check_writable(out_); !can) return failure("--out: " + can.error());
    if (const auto read = read_files(report); !read) return tl::make_unexpected(read.error());
    if (const auto made = compute(report, std::to_string(common.seed)); !made) {
      return tl::make_unexpected(made.error());
    }
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
  using Done = tl::expected<void, Failure>;

  /// Parses `path` with `read`; what is wrong names the option and the file.
  template <typename T>
  static tl::expected<T, Failure> load(const char* option, const std::string& path,
                                       tl::expected<T, std::string> (*read)(const std::string&)) {
    const auto json = read_text_file(path);
    if (!json) return failure(fmt::format("{}: {}", option, json.error()));
    auto found = read(*json);
    if (!found) return failure(fmt::format("{}: {}: {}", option, path, found.error()));
    return *std::move(found);
  }

  /// What was given comes first: a wrong file is not found out after half a minute of computing.
  Done read_files(Report& report) const {
    if (!sweep_.empty()) {
      auto points = load("--sweep", sweep_, read_sweep);
      if (!points) return tl::make_unexpected(points.error());
      report.evenness = *std::move(points);
    }
    for (const std::string& path : churn_) {
      auto one = load("--churn", path, read_churn);
      if (!one) return tl::make_unexpected(one.error());
      report.disruptions.push_back(*std::move(one));
    }
    if (!polarize_.empty()) {
      auto pairs = load("--polarize", polarize_, read_polarize);
      if (!pairs) return tl::make_unexpected(pairs.error());
      report.pairs = *std::move(pairs);
    }
    return {};
  }

  /// What no file was given for.
  Done compute(Report& report, const std::string& seed) const {
    Progress progress("report");
    if (sweep_.empty()) {
      progress.say("evenness of all functions (1 of 4)");
      const auto json = run_json({"sweep", "--hash", joined(hash_names()), "--seeds", "30", "--seed", seed});
      if (!json) return tl::make_unexpected(json.error());
      report.evenness = read_sweep(*json).value();
    }
    for (const char* selector : {"resilient", "rendezvous", "maglev", "hash-threshold", "modulo"}) {
      if (!churn_.empty()) break;
      progress.say(fmt::format("what changes move with {} (2 of 4)", selector));
      const auto json =
          run_json({"churn", "--selector", selector, "--members", "16", "--events", "48", "--curve", "--seed", seed});
      if (!json) return tl::make_unexpected(json.error());
      report.disruptions.push_back(read_churn(*json).value());
    }
    if (polarize_.empty()) {
      progress.say("polarization of all pairs of functions (3 of 4)");
      std::vector<std::string> both;
      for (const std::string& first : hash_names()) {
        for (const std::string& second : hash_names()) both.push_back(first + "+" + second);
      }
      const auto json = run_json({"polarize", "--members", "4,4", "--hash", joined(both), "--seed", seed});
      if (!json) return tl::make_unexpected(json.error());
      report.pairs = read_polarize(*json).value();
    }
    if (!no_speed_) {
      progress.say("speed of the functions (4 of 4)");
      report.speeds = measure_speeds();
    }
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
