// ecmplab sweep: are p-values uniform, for every function, selector, workload and number of members?
#include <fmt/core.h>

#include <algorithm>
#include <fstream>

#include "hash/lab/commands.h"
#include "hash/lab/output.h"
#include "hash/lab/sweep.h"
#include "hash/lab/sweep_summary.h"
#include "hash/lab/text_file.h"
#include "hash/lab/workload_option.h"
#include "hash/lineage.h"

namespace ecmpd::hash::lab {
namespace {

class SweepCommand : public Command {
 public:
  std::string name() const override { return "sweep"; }
  std::string summary() const override { return "The statistics of spread, over many seeds, members and workloads"; }
  std::string teaching() const override {
    return WorkloadOption::teaching() + R"help(
Examples:
  ecmplab sweep                                    the default function, all workloads, 400 seeds: half a minute
  ecmplab sweep --hash xxh32,crc32c,toeplitz --seeds 100
                                                   the default beside linear functions
  ecmplab sweep --selector resilient,vpp --workload uniform --members 3,6,12
  ecmplab sweep --hash crc32c --csv > crc32c.csv   a line for each function, selector and workload
  ecmplab sweep --out sweep.json                   every cell, for ecmplab report

How to read it: each cell (workload, number of members) has a p-value per seed. For a perfect function they are uniform
in 0..1; the Kolmogorov-Smirnov test says whether they are, corrected by Holm for the number of cells. "Below 0.01" and
"above 0.99" are the shares of p-values in the two tails, 1 % each for a perfect function: many below are hot spots, many
above a spread more even than chance, which only structure can make; p-values that cluster elsewhere, because the seed
hardly matters, are structure as well. Shares are tested against what the table gives.
Of perfect functions, one sweep in 100 has a cell that looks otherwise: look again with another --seed.)help";
  }

  void declare(Options& options) override {
    options.choices("--hash", hashes_, hash_names(), "Hash functions");
    settings_.declare_toeplitz_key(options);
    options.choices("--selector", selectors_, selector_names(), "Selectors");
    options.choices("--workload", workloads_, workload_names(), "The traffic; see below");
    options.numbers("-n,--members", members_, {1, kMaxMembers}, "Numbers of members");
    options.number("--seeds", seeds_, {1, 100'000}, "Seeds of function and traffic for each cell");
    options.number("--flows", flows_, {1, kMostFlows}, "Connections in each cell and seed");
    settings_.declare_key(options);
    settings_.declare_buckets(options);
    options.number("--threads", threads_, {0, 1024}, "Threads, 0 for one on each core; the answer is the same");
    options.text("--out", out_, "FILE", "Write the JSON object there as well");
  }

  tl::expected<Table, Failure> run(const Common& common) override {
    SweepPlan plan{.functions = {},
                   .selectors = selectors_,
                   .workloads = {},
                   .members = members_,
                   .seeds = seeds_,
                   .flows = flows_,
                   .fields = settings_.fields(),
                   .buckets = settings_.buckets,
                   .toeplitz_key = settings_.toeplitz_key,
                   .seed = common.seed,
                   .threads = threads_};
    for (const std::string& name : hashes_) plan.functions.push_back(parse_hash_function(name).value());
    for (const std::string& ignored : settings_.ignored(plan.functions)) warn(ignored);
    for (const std::string& name : workloads_) plan.workloads.push_back(find_workload(name));
    if (!out_.empty()) {
      if (const auto can = check_writable(out_); !can) return failure("--out: " + can.error());
    }
    const auto cells = sweep(plan);
    if (!cells) return tl::make_unexpected(cells.error());
    Table answer = summarize(plan, *cells);
    if (!out_.empty()) {
      std::ofstream file(out_);
      file << render(answer, Common::Format::kJson) << std::flush;
      if (!file) return failure(fmt::format("--out: cannot write {}", out_));
    }
    return answer;
  }

 private:
  /// Those whose units differ: sizes of flows do not matter here.
  static std::vector<std::string> default_workloads() {
    std::vector<std::string> names = workload_names();
    std::erase(names, "zipf");
    return names;
  }

  std::vector<std::string> hashes_ = {"xxh32"};
  std::vector<std::string> selectors_ = {"resilient"};
  std::vector<std::string> workloads_ = default_workloads();
  std::vector<uint32_t> members_ = {2, 3, 5, 6, 7, 9, 16, 24, 64, 256};
  uint32_t seeds_ = 400;
  uint32_t flows_ = 65536;
  uint32_t threads_ = 0;
  RouterSettings settings_;
  std::string out_;
};

}  // namespace

std::unique_ptr<Command> make_sweep() { return std::make_unique<SweepCommand>(); }

}  // namespace ecmpd::hash::lab
