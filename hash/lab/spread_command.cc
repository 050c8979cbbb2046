// ecmplab spread: how evenly a workload lands on the members.
#include <algorithm>
#include <cmath>

#include "hash/key_common.h"
#include "hash/lab/commands.h"
#include "hash/lab/output.h"
#include "hash/lab/router.h"
#include "hash/random.h"

namespace ecmpd::hash::lab {
namespace {

class Spread : public Command {
 public:
  std::string name() const override { return "spread"; }
  std::string summary() const override { return "How evenly a workload lands on the members"; }
  std::string teaching() const override {
    return R"(Examples:
  ecmplab spread --members 6                  65,536 connections on 6 members, in the default configuration
  ecmplab spread --members 3 --weights 1,1,2  with weights
  ecmplab spread --members 6 --selector modulo --csv)";
  }

  void declare(Options& options) override {
    settings_.declare(options);
    options.number("--flows", flows_, {1, 1u << 28}, "Connections to make");
  }

  tl::expected<Table, Failure> run(const Common& common) override {
    const auto members = make_members(settings_.members, settings_.weights);
    if (!members) return tl::make_unexpected(members.error());
    const auto table = make_table(settings_, *members, common.seed);
    if (!table) return tl::make_unexpected(table.error());
    return measure(*members, *table, common.seed);
  }

 private:
  Table measure(std::span<const Member> members, const BucketTable& table, uint64_t seed) const {
    const Key4 mask = mask4(*parse_key_fields(settings_.key), true);
    const uint32_t expanded = expand_seed(seed);
    Random random(seed);
    std::vector<uint64_t> counts(members.size());
    for (uint32_t i = 0; i < flows_; ++i) {
      Key4 key;
      for (size_t word = 0; word < 2; ++word) {
        const uint64_t drawn = random.next();
        std::memcpy(&key.bytes[8 * word], &drawn, 8);
      }
      ++counts[table.owner(xxh32(masked(key, mask), expanded))];
    }
    return present(members, table, counts);
  }

  Table present(std::span<const Member> members, const BucketTable& table, std::span<const uint64_t> counts) const {
    const std::vector<uint32_t> entries = table.entries(members.size());
    double worst = 0;
    double squares = 0;
    std::vector<Row> rows;
    for (size_t i = 0; i < members.size(); ++i) {
      const double share = static_cast<double>(entries[i]) / static_cast<double>(table.owners.size());
      const double expected = share * flows_;
      const double ratio = static_cast<double>(counts[i]) / expected;
      worst = std::max(worst, ratio);
      squares += (ratio - 1) * (ratio - 1) / static_cast<double>(members.size());
      rows.push_back(
          {members[i].address.to_string(), uint32_t{members[i].weight}, entries[i], counts[i], rounded(expected, 1)});
    }
    Table answer;
    answer.shape = Table::Shape::kRecord;
    answer.columns = {{"Flows", "flows"},
                      {"Coefficient of variation", "cov"},
                      {"Largest over mean", "max_mean"},
                      {"",
                       "members",
                       Align::kLeft,
                       {{"Member", "address"},
                        {"Weight", "weight", Align::kRight},
                        {"Buckets", "buckets", Align::kRight},
                        {"Flows", "flows", Align::kRight},
                        {"Expected", "expected", Align::kRight}}}};
    answer.rows = {{flows_, percent(std::sqrt(squares), 3), rounded(worst), std::move(rows)}};
    return answer;
  }

  RouterSettings settings_;
  uint32_t flows_ = 65536;
};

}  // namespace

std::unique_ptr<Command> make_spread() { return std::make_unique<Spread>(); }

}  // namespace ecmpd::hash::lab
