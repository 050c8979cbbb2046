// ecmplab spread: how evenly a workload lands on the members.
#include <algorithm>
#include <numeric>

#include "hash/key_common.h"
#include "hash/lab/commands.h"
#include "hash/lab/measure.h"
#include "hash/lab/output.h"
#include "hash/lab/probability.h"
#include "hash/lab/workload_option.h"

namespace ecmpd::hash::lab {
namespace {

constexpr double kPower = 0.9;

std::vector<uint32_t> weights_of(std::span<const Member> members) {
  std::vector<uint32_t> weights;
  for (const Member& member : members) weights.push_back(member.weight);
  return weights;
}

class Spread : public Command {
 public:
  std::string name() const override { return "spread"; }
  std::string summary() const override { return "How evenly a workload lands on the members"; }
  std::string teaching() const override {
    return WorkloadOption::teaching() + R"help(
Examples:
  ecmplab spread --members 6                   65,536 connections on 6 members, in the default configuration
  ecmplab spread --members 6 --flows 1000000 --buckets 65536
                                               a finer table than a router takes by itself
  ecmplab spread --members 6 --workload paired --hash crc32c
                                               a linear function on sequential traffic: more even than chance
  ecmplab spread --members 8 --hash toeplitz --toeplitz-key symmetric --workload nat
                                               as a router with hash = "toeplitz", toeplitz_key = "symmetric"
  ecmplab spread --members 8 --workload few-clients --key 3-tuple
                                               16 clients are 16 units, whatever the function
  ecmplab spread --members 8 --workload zipf   even flows, uneven bytes: elephants, which no function can part
  ecmplab spread --members 4 --pcap trace.pcap --key src,dst
                                               what a router would do with the traffic of a capture
  ecmplab spread --members 3 --weights 1,1,2   shares in proportion to weights

How to read it: each figure stands beside what perfect hashing of the same flows would give (median; for the largest
over mean also what 99 of 100 stay below). The chi-square test looks at units, the flows of one key, and at both tails.
Verdicts: "even"; "uneven": hot spots; "too even (structured)": the function maps the traffic's structure to the members,
and other traffic to few of them; "uneven (table)": the selector's shares are off the weights' by more than 1/64 (1.6 %),
which those of resilient and maglev never are with equal members up. Where nothing is wrong, one run in 1,000 gives another
verdict than "even".)help";
  }

  void declare(Options& options) override {
    settings_.declare(options);
    workload_.declare(options);
  }

  tl::expected<Table, Failure> run(const Common& common) override {
    for (const std::string& ignored : settings_.ignored()) warn(ignored);
    const auto members = make_members(settings_.members, settings_.weights);
    if (!members) return tl::make_unexpected(members.error());
    const auto table = make_table(settings_, *members, common.seed);
    if (!table) return tl::make_unexpected(table.error());
    const auto units = workload_.units(settings_.fields(), common.seed);
    if (!units) return tl::make_unexpected(units.error());
    if (!units->warning.empty()) warn(units->warning);
    const Hasher hasher = settings_.hasher(common.seed);
    const Loads loads = place_units(*units, hash_units(*units, hasher), *table, members->size());
    return present(*members, *table, *units, loads, common.seed);
  }

 private:
  Table present(std::span<const Member> members, const BucketTable& table, const Units& units, const Loads& loads,
                uint64_t seed) const {
    const std::vector<uint32_t> weights = weights_of(members);
    const std::vector<uint32_t> entries = entries_of(table, members.size());
    const PerfectHashing perfect(units.size(), entries, seed);
    const Tails of_table = perfect.tails(loads.units);
    const Tails of_weights = PerfectHashing(units.size(), weights, seed).tails(loads.units);
    const double deviation = table_deviation(entries, weights);
    const Evenness flows = evenness(loads.flows, weights);
    const Evenness bytes = evenness(loads.bytes, weights);
    const IdealEvenness ideal_flows = ideal_evenness(units.flows, weights, seed);
    const IdealEvenness ideal_bytes = ideal_evenness(units.bytes, weights, seed);
    Cell seen;
    if (members.size() > 1) {
      seen = percent(detectable_bias(static_cast<double>(units.size()), settings_.members, kSignificance / 2, kPower));
    }
    std::vector<Row> rows;
    const double flow_sum = static_cast<double>(std::accumulate(loads.flows.begin(), loads.flows.end(), uint64_t{0}));
    const double weight_sum = std::accumulate(weights.begin(), weights.end(), 0.0);
    for (size_t i = 0; i < members.size(); ++i) {
      rows.push_back({members[i].address.to_string(), weights[i], entries[i], loads.flows[i],
                      rounded(flow_sum * weights[i] / weight_sum, 1), loads.bytes[i]});
    }
    Table answer;
    answer.shape = Table::Shape::kRecord;
    answer.columns = {{"Workload", "workload"},
                      {"Hash", "hash"},
                      {"Selector", "selector"},
                      {"Key", "key"},
                      {"Buckets", "buckets"},
                      {"  worst share off its weight's", "table_deviation"},
                      {"", "seed"},
                      {"Flows", "flows"},
                      {"Units (distinct keys)", "units"},
                      {"Frames in the capture", "frames"},
                      {"  without an IP packet", "frames_without_ip"},
                      {"Warning", "warning"},
                      {"Verdict", "verdict"},
                      {"Chi-square, two-sided p", "chi2_p"},
                      {"  method", "chi2_method"},
                      {"", "chi2"},
                      {"", "chi2_upper_p"},
                      {"Bias that would be seen", "detectable_bias"},
                      {"Flows: coefficient of variation", "cov"},
                      {"  perfect hashing", "cov_ideal"},
                      {"Flows: largest over mean", "max_mean"},
                      {"  perfect hashing", "max_mean_ideal"},
                      {"  99 of 100 below", "max_mean_high"},
                      {"Flows: N_eff", "n_eff"},
                      {"Bytes: coefficient of variation", "byte_cov"},
                      {"  perfect hashing", "byte_cov_ideal"},
                      {"Bytes: largest over mean", "byte_max_mean"},
                      {"  perfect hashing", "byte_max_mean_ideal"},
                      {"  99 of 100 below", "byte_max_mean_high"},
                      {"Bytes: N_eff", "byte_n_eff"},
                      {"", "table_p"},
                      {"Members",
                       "members",
                       Align::kLeft,
                       {{"Member", "address"},
                        {"Weight", "weight", Align::kRight},
                        {"Buckets", "buckets", Align::kRight},
                        {"Flows", "flows", Align::kRight},
                        {"Exact share", "expected", Align::kRight},
                        {"Bytes", "bytes", Align::kRight}}}};
    answer.rows = {{workload_.name(),
                    settings_.hash,
                    settings_.selector,
                    settings_.key,
                    uint64_t{table.owners.size()},
                    percent(deviation, 3),
                    seed,
                    static_cast<uint64_t>(flow_sum),
                    uint64_t{units.size()},
                    units.frames > 0 ? Cell(units.frames) : Cell(),
                    units.frames > 0 ? Cell(units.without_ip) : Cell(),
                    units.warning.empty() ? Cell() : Cell(units.warning),
                    std::string(to_string(judge(of_table, of_weights, deviation))),
                    rounded(of_table.two_sided()),
                    std::string(to_string(perfect.method())),
                    rounded(of_table.statistic),
                    rounded(of_table.upper),
                    seen,
                    percent(flows.cov, 3),
                    percent(ideal_flows.cov, 3),
                    rounded(flows.max_mean),
                    rounded(ideal_flows.max_mean),
                    rounded(ideal_flows.max_mean_high),
                    rounded(effective_units(units.flows), 0),
                    percent(bytes.cov, 3),
                    percent(ideal_bytes.cov, 3),
                    rounded(bytes.max_mean),
                    rounded(ideal_bytes.max_mean),
                    rounded(ideal_bytes.max_mean_high),
                    rounded(effective_units(units.bytes), 0),
                    rounded(of_weights.upper),
                    std::move(rows)}};
    return answer;
  }

  RouterSettings settings_;
  WorkloadOption workload_;
};

}  // namespace

std::unique_ptr<Command> make_spread() { return std::make_unique<Spread>(); }

}  // namespace ecmpd::hash::lab
