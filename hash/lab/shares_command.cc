// ecmplab shares: how far each selector's table is from the exact shares.
#include <fmt/core.h>

#include <algorithm>
#include <charconv>

#include "hash/lab/commands.h"
#include "hash/lab/output.h"
#include "hash/lab/router.h"

namespace ecmpd::hash::lab {
namespace {

class SharesCommand : public Command {
 public:
  std::string name() const override { return "shares"; }
  std::string summary() const override { return "How exactly tables divide the buckets, beside VPP's and grout's"; }
  std::string teaching() const override {
    return R"help(
Examples:
  ecmplab shares                               2 to 64 equal members: the worst member's distance from its exact share
  ecmplab shares --members 3-9 --buckets 65536 with the largest table instead of the one that a router would choose
  ecmplab shares --members 3 --weights 1,2,5 --selectors resilient,maglev,vpp,grout

How to read it: 0.1 % says that no member owns more than 1.001 or less than 0.999 times what its weight asks for; 100 %
that one owns nothing, or twice its share. The bound is what whole buckets allow at most: members / buckets for equal
ones. vpp and grout are models of the tables of those routers.)help";
  }

  void declare(Options& options) override {
    options.value(
        "-n,--members", "N|N-N", "2-64", [this](const std::string& text) { return parse_members(text); },
        "Members of the nexthop group, or a range of them");
    options.numbers("--weights", settings_.weights, {1, 65535}, "A weight for each member; without it all are equal");
    options.text("--buckets", settings_.buckets, "N|auto",
                 "Buckets of resilient and rendezvous; about that for maglev");
    options.choices("--selectors", selectors_, selector_names(), "What to compare");
  }

  tl::expected<Table, Failure> run(const Common& common) override {
    std::vector<Row> rows;
    for (uint32_t n = first_; n <= last_; ++n) {
      auto row = shares_of(n, common.seed);
      if (!row) return tl::make_unexpected(row.error());
      rows.push_back(*std::move(row));
    }
    Table answer;
    answer.name = "shares";
    answer.columns = {{"Members", "members", Align::kRight}, {"Bound", "bound", Align::kRight}};
    for (const std::string& selector : selectors_) answer.columns.push_back({selector, selector, Align::kRight});
    answer.rows = std::move(rows);
    return answer;
  }

 private:
  std::optional<std::string> parse_members(const std::string& text) {
    const char* end = text.data() + text.size();
    auto [next, error] = std::from_chars(text.data(), end, first_);
    last_ = first_;
    if (error == std::errc() && next != end && *next == '-') {
      const auto second = std::from_chars(next + 1, end, last_);
      next = second.ptr;
      error = second.ec;
    }
    const bool good = error == std::errc() && next == end && first_ >= 1 && first_ <= last_ && last_ <= kMaxMembers;
    if (good) return std::nullopt;
    return fmt::format("{} is neither a number nor a range from 1 to {}", text, kMaxMembers);
  }

  tl::expected<Row, Failure> shares_of(uint32_t count, uint64_t seed) {
    const auto members = make_members(count, settings_.weights);
    if (!members) return tl::make_unexpected(members.error());
    double worst_allowed = 0;
    std::vector<double> worst;
    const std::vector<bool> live(count, true);
    for (const std::string& selector : selectors_) {
      settings_.selector = selector;
      const auto home = make_home(settings_, *members, seed);
      if (!home) return tl::make_unexpected(home.error());
      const BucketTable table = (*home)->table(live);
      worst.push_back((*home)->worst_deviation(table, live));
      if (selector == "resilient") worst_allowed = bound(*members, table);
    }
    Row row;
    row.emplace_back(count);
    row.emplace_back(percent(worst_allowed, 3));
    for (const double deviation : worst) row.emplace_back(percent(deviation, 3));
    return row;
  }

  /// A share that is off by less than one bucket is off by less than this.
  static double bound(std::span<const Member> members, const BucketTable& table) {
    uint64_t sum = 0, least = UINT64_MAX;
    for (const Member& member : members) {
      sum += member.weight;
      least = std::min<uint64_t>(least, member.weight);
    }
    return static_cast<double>(sum) / static_cast<double>(least) / static_cast<double>(table.owners.size());
  }

  RouterSettings settings_;
  uint32_t first_ = 2;
  uint32_t last_ = 64;
  std::vector<std::string> selectors_ = {"resilient", "vpp", "grout"};  // the bound is resilient's; 0 without it
};

}  // namespace

std::unique_ptr<Command> make_shares() { return std::make_unique<SharesCommand>(); }

}  // namespace ecmpd::hash::lab
