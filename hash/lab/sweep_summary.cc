#include "hash/lab/sweep_summary.h"

#include <algorithm>
#include <numeric>

#include "hash/lab/uniformity.h"

namespace ecmpd::hash::lab {
namespace {

constexpr double kAlpha = 0.01;  // of Kolmogorov-Smirnov after Holm; and of the tails that are counted

struct Judged {
  Uniformity uniformity;
  double adjusted = 1;  // by Holm, over the cells of one function and selector
  size_t below = 0;     // p-values in the tails
  size_t above = 0;
  bool failed() const { return adjusted <= kAlpha; }
};

/// What a cell that failed shows: p-values pile up in one of the tails, or elsewhere (where the seed hardly matters).
enum class Flaw : uint8_t { kUneven, kTooEven, kClustered };

Flaw flaw_of(const Judged& judged, size_t seeds) {
  const size_t many = seeds / 20;  // five times what chance puts there
  if (judged.below > std::max(judged.above, many)) return Flaw::kUneven;
  if (judged.above > many) return Flaw::kTooEven;
  return Flaw::kClustered;
}

Judged judge(const SweepCell& cell) {
  Judged judged;
  judged.uniformity = uniformity(cell.ps);
  judged.below =
      static_cast<size_t>(std::count_if(cell.ps.begin(), cell.ps.end(), [](double p) { return p < kAlpha; }));
  judged.above =
      static_cast<size_t>(std::count_if(cell.ps.begin(), cell.ps.end(), [](double p) { return p > 1 - kAlpha; }));
  return judged;
}

/// Several cells as one line.
struct Sum {
  size_t cells = 0, values = 0, below = 0, above = 0, uneven = 0, too_even = 0, clustered = 0;
  double least_adjusted = 1;

  void add(const Judged& judged, size_t seeds) {
    ++cells;
    values += seeds;
    below += judged.below;
    above += judged.above;
    least_adjusted = std::min(least_adjusted, judged.adjusted);
    if (!judged.failed()) return;
    const Flaw flaw = flaw_of(judged, seeds);
    ++(flaw == Flaw::kUneven ? uneven : flaw == Flaw::kTooEven ? too_even : clustered);
  }
  double share(size_t part) const { return static_cast<double>(part) / static_cast<double>(values); }
  std::string verdict() const {
    std::string words;
    for (const auto& [count, word] :
         {std::pair(uneven, "uneven"), std::pair(too_even, "too even"), std::pair(clustered, "clustered")}) {
      if (count > 0) words += (words.empty() ? "" : ", ") + std::string(word);
    }
    return words.empty() ? "uniform" : words;
  }
};

double quantile(std::vector<double> values, double at) {
  std::sort(values.begin(), values.end());
  return values[static_cast<size_t>(at * static_cast<double>(values.size() - 1) + 0.5)];
}

std::vector<Column> sum_columns() {
  return {{"Cells", "cells", Align::kRight},       {"Uneven", "uneven", Align::kRight},
          {"Too even", "too_even", Align::kRight}, {"Clustered", "clustered", Align::kRight},
          {"Least p", "least_p", Align::kRight},   {"Below 0.01", "below", Align::kRight},
          {"Above 0.99", "above", Align::kRight},  {"Verdict", "verdict"}};
}

void append(Row& row, const Sum& sum) {
  row.insert(row.end(), {uint64_t{sum.cells}, uint64_t{sum.uneven}, uint64_t{sum.too_even}, uint64_t{sum.clustered},
                         rounded(sum.least_adjusted), percent(sum.share(sum.below)), percent(sum.share(sum.above)),
                         sum.verdict()});
}

std::vector<Column> joined(std::vector<Column> first, const std::vector<Column>& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

}  // namespace

Table summarize(const SweepPlan& plan, std::span<const SweepCell> cells) {
  const size_t inner = plan.members.size();
  const size_t group = plan.workloads.size() * inner;  // cells of one function and selector
  std::vector<Row> rows, functions, details;
  for (size_t begin = 0; begin < cells.size(); begin += group) {
    std::vector<Judged> judged;
    std::vector<double> ps;
    for (const SweepCell& cell : cells.subspan(begin, group))
      ps.push_back(judged.emplace_back(judge(cell)).uniformity.p);
    const std::vector<double> adjusted = holm(ps);
    Sum all;
    const SweepCell& head = cells[begin];
    const std::string function(to_string(plan.functions[head.function]));
    const std::string& selector = plan.selectors[head.selector];
    for (size_t w = 0; w < plan.workloads.size(); ++w) {
      Sum sum;
      const std::string workload(plan.workloads[w]->name);
      for (size_t m = 0; m < inner; ++m) {
        const size_t place = w * inner + m;
        const SweepCell& cell = cells[begin + place];
        judged[place].adjusted = adjusted[place];
        sum.add(judged[place], plan.seeds);
        all.add(judged[place], plan.seeds);
        details.push_back({function, selector, workload, plan.members[m], rounded(judged[place].uniformity.distance),
                           rounded(judged[place].uniformity.p), rounded(adjusted[place]), uint64_t{judged[place].below},
                           uint64_t{judged[place].above}, rounded(quantile(cell.unevenness, 0.05)),
                           rounded(quantile(cell.unevenness, 0.5)), rounded(quantile(cell.unevenness, 0.95))});
      }
      append(rows.emplace_back(Row{function, selector, workload}), sum);
    }
    append(functions.emplace_back(Row{function, selector}), all);
  }

  std::vector<std::string> members;
  for (const uint32_t number : plan.members) members.push_back(std::to_string(number));
  Table answer;
  answer.shape = Table::Shape::kRecord;
  answer.columns = {
      {"", "seed"},
      {"Seeds", "seeds"},
      {"Flows", "flows"},
      {"Members", "members"},
      {"", "rows", Align::kLeft,
       joined({{"Hash", "hash"}, {"Selector", "selector"}, {"Workload", "workload"}}, sum_columns())},
      {"", "functions", Align::kLeft, joined({{"Hash", "hash"}, {"Selector", "selector"}}, sum_columns())},
      {"",
       "cells",
       Align::kLeft,
       {{"", "hash"},
        {"", "selector"},
        {"", "workload"},
        {"", "members"},
        {"", "ks_distance"},
        {"", "ks_p"},
        {"", "ks_p_adjusted"},
        {"", "below"},
        {"", "above"},
        {"", "cov_over_ideal_05"},
        {"", "cov_over_ideal"},
        {"", "cov_over_ideal_95"}}}};
  answer.rows = {{plan.seed, plan.seeds, plan.flows, std::move(members), std::move(rows), std::move(functions),
                  std::move(details)}};
  return answer;
}

}  // namespace ecmpd::hash::lab
