// ecmplab churn: what members that come and go move.
#include <fmt/core.h>

#include <algorithm>

#include "hash/lab/churn.h"
#include "hash/lab/commands.h"
#include "hash/lab/output.h"
#include "hash/lab/router.h"
#include "hash/lab/text_file.h"

namespace ecmpd::hash::lab {
namespace {

using Kind = Event::Kind;

/// Of the leaves: the fraction of the other members' flows that moved.
struct Leaves {
  uint64_t count = 0;
  uint64_t with_survivors = 0;
  double mean = 0;
  double least = 1;
  double most = 0;

  explicit Leaves(const std::vector<Step>& steps) {
    for (const Step& step : steps) {
      if (step.event.kind != Kind::kLeave) continue;
      ++count;
      if (step.lost) continue;
      ++with_survivors;
      mean += step.survivors_moved;
      least = std::min(least, step.survivors_moved);
      most = std::max(most, step.survivors_moved);
    }
    if (with_survivors > 0) mean /= static_cast<double>(with_survivors);
  }
};

class ChurnCommand : public Command {
 public:
  // Fine enough that what the selector does is not lost in the grain of the table.
  ChurnCommand() { settings_.buckets = "65536"; }

  std::string name() const override { return "churn"; }
  std::string summary() const override { return "What moves when members leave, return, join or change weight"; }
  std::string teaching() const override {
    return R"help(
Examples:
  ecmplab churn --selector modulo --events 1   one of 16 leaves: 93 % of the connections to the others move, too
  ecmplab churn --selector resilient --events 3000
                                               random leaves and returns, up to half of the members down: none moves
  ecmplab churn --members 8 --newcomers 8 --events 400
                                               new members join in between
  ecmplab churn --selector maglev --events 50 --mix flap,weight,drain --curve
                                               other events, and every one of them in the answer
  ecmplab churn --selector hash-threshold --script FILE
                                               lines such as: leave 3 / return 3 / flap 10.0.0.4 / drain 5 /
                                               weight 2 10 / join 17 / forget 3   (3 is 10.0.0.3)
  ecmplab churn --members 16 --buckets auto    with the table that a router makes if its configuration names none
  ecmplab churn --selector rendezvous --events 500 --orders 200
                                               does the order of events matter for where flows end?

How to read it: all are fractions of flows, exact for a hash that is perfect. "Moved over least" compares with what the
change of shares makes unavoidable: 1 is perfect. Collateral moved between two members that nothing had happened to.
The largest share is over the exact one that the weights ask for. The flap at the end comes after everybody is back.
The table has 65536 buckets, so that the selector shows and not the grain of its table; --buckets auto is the router's
default.)help";
  }

  void declare(Options& options) override {
    settings_.declare_members(options);
    settings_.declare_selector(options);
    options.number("--events", events_, {1, 1000000}, "Random events");
    options.choices("--mix", mix_, {"leave", "flap", "drain", "weight"},
                    "Kinds of random events; leave (and return) is always among them");
    options.number("--down-limit", down_limit_, {1, kMaxMembers - 1}, "At most so many are away [half of them]");
    options.number("--newcomers", newcomers_, {0, kMaxMembers - 1}, "Of the events, joins of further members");
    options.text("--script", script_, "FILE", "Events from a file instead");
    options.number("--orders", orders_, {0, 100000}, "Random orders of the same events to compare the outcome of");
    options.flag("--curve", curve_, "Every event in the answer");
  }

  tl::expected<Table, Failure> run(const Common& common) override {
    for (const std::string& ignored : settings_.ignored()) warn(ignored);
    const auto members = make_members(settings_.members, settings_.weights);
    if (!members) return tl::make_unexpected(members.error());
    const auto home = make_home(settings_, *members, common.seed);
    if (!home) return tl::make_unexpected(home.error());
    const auto events = make_events(common.seed);
    if (!events) return tl::make_unexpected(events.error());
    if (const auto wrong = too_few_buckets(**home, *events)) return usage_error(*wrong);
    const auto churn = play(*home, *events, common.seed);
    if (!churn) return failure(script_.empty() ? churn.error() : fmt::format("{}: {}", script_, churn.error()));
    const uint32_t agree = orders_ == 0 ? 0 : orders_that_agree(*home, *events, orders_, common.seed);
    const auto lost = static_cast<uint64_t>(
        std::count_if(churn->steps.begin(), churn->steps.end(), [](const Step& step) { return step.lost; }));
    if (lost > 0)
      warn(fmt::format("{} of the events left nobody up: every flow was lost, which counts as no move", lost));
    return present(**home, *churn, events->size(), lost, agree, common.seed);
  }

 private:
  /// Joins included: a maglev table that grew in between would not be one table.
  std::optional<std::string> too_few_buckets(const Home& home, const std::vector<Event>& events) const {
    const auto joins = static_cast<size_t>(
        std::count_if(events.begin(), events.end(), [](const Event& event) { return event.kind == Kind::kJoin; }));
    const size_t most = home.members().size() + joins;
    if (home.selector() != Selector::kMaglev || most <= home.lineage().buckets) return std::nullopt;
    return fmt::format("--buckets: {} for up to {} members: maglev needs one for each", home.lineage().buckets, most);
  }

  tl::expected<std::vector<Event>, Failure> make_events(uint64_t seed) const {
    if (!script_.empty()) {
      const auto text = read_text_file(script_);
      if (!text) return failure(text.error());
      auto events = parse_script(*text, script_);
      if (!events) return failure(events.error());
      return *std::move(events);
    }
    RandomEvents random{.members = settings_.members, .events = events_, .newcomers = newcomers_};
    random.down_limit = down_limit_.value_or(0);
    const auto has = [this](const char* kind) { return std::find(mix_.begin(), mix_.end(), kind) != mix_.end(); };
    random.flaps = has("flap");
    random.drains = has("drain");
    random.weights = has("weight");
    if (settings_.members < 2) return usage_error("--members: 1 member; one must stay, and one must be able to leave");
    if (random.down_limit >= settings_.members) {
      return usage_error(
          fmt::format("--down-limit: {} of {} members; one must stay", random.down_limit, settings_.members));
    }
    if (newcomers_ > events_ || settings_.members + newcomers_ > kMaxMembers) {
      return usage_error(fmt::format("--newcomers: {} is more than {} events, or makes more than {} members",
                                     newcomers_, events_, kMaxMembers));
    }
    return random_events(random, seed);
  }

  Table present(const Home& home, const Churn& churn, size_t events, uint64_t lost, uint32_t agree,
                uint64_t seed) const {
    const Leaves leaves(churn.steps);
    double moved = 0, minimum = 0, collateral = 0;
    for (const Step& step : churn.steps) {
      moved += step.moved;
      minimum += step.minimum;
      collateral += step.collateral;
    }
    const auto steps = static_cast<double>(churn.steps.size());
    const Cell none;
    const auto size = home.table(std::vector<bool>(home.members().size(), true)).owners.size();
    std::vector<Row> by_away;
    for (const auto& [away, states] : churn.by_away) {
      by_away.push_back({away, states.first, rounded(states.second)});
    }
    Table answer;
    answer.shape = Table::Shape::kRecord;
    const auto add = [&](Column column, Cell cell) {
      answer.columns.push_back(std::move(column));
      answer.rows[0].push_back(std::move(cell));
    };
    answer.rows.emplace_back();
    add({"Selector", "selector"}, settings_.selector);
    add({"Members", "members"}, settings_.members);
    add({"Buckets", "buckets"}, uint64_t{size});
    add({"", "seed"}, seed);
    add({"Events", "events"}, uint64_t{events});
    add({"  leaves", "leaves"}, leaves.count);
    add({lost == 0 ? "" : "  that left nobody up, all flows lost", "all_lost"}, lost);
    const bool survivors = leaves.with_survivors > 0;
    add({"Survivors' flows moved, mean of leaves", "survivors_moved"}, survivors ? Cell(percent(leaves.mean)) : none);
    add({"  least", "survivors_moved_least"}, survivors ? Cell(percent(leaves.least)) : none);
    add({"  most", "survivors_moved_most"}, survivors ? Cell(percent(leaves.most)) : none);
    add({"Moved, mean of events", "moved"}, percent(moved / steps));
    add({"  least possible", "minimum"}, percent(minimum / steps));
    add({"Moved over least", "moved_over_minimum"}, minimum == 0 ? none : Cell(rounded(moved / minimum)));
    add({"Collateral, mean of events", "collateral"}, percent(collateral / steps));
    add({"Home again after a flap", "home_after_flap"}, percent(churn.home_after_flap));
    add({"Largest share over exact, worst", "worst_max_mean"}, rounded(churn.worst_max_mean(UINT32_MAX)));
    add({"  with at most 2 away", "worst_max_mean_two_down"}, rounded(churn.worst_max_mean(2)));
    add({"  with all up", "worst_max_mean_all_up"}, rounded(churn.worst_max_mean(0)));
    if (orders_ > 0) {
      add({"Orders of the same events", "orders"}, orders_);
      add({"  that end in the same table", "orders_equal"}, agree);
    }
    if (!churn.exact) add({"Method", "method"}, "sample points");
    if (curve_) add({"Curve", "curve", Align::kLeft, curve_columns()}, curve_rows(churn));
    add({"By members away",
         "by_away",
         Align::kLeft,
         {{"Away", "away", Align::kRight},
          {"States", "states", Align::kRight},
          {"Largest share", "worst_max_mean", Align::kRight}}},
        std::move(by_away));
    return answer;
  }

  static std::vector<Column> curve_columns() {
    return {{"Event", "event"},
            {"Away", "away", Align::kRight},
            {"Moved", "moved", Align::kRight},
            {"Least", "minimum", Align::kRight},
            {"Collateral", "collateral", Align::kRight},
            {"Survivors'", "survivors_moved", Align::kRight},
            {"All lost", "lost"},
            {"Largest share", "max_mean", Align::kRight}};
  }

  static std::vector<Row> curve_rows(const Churn& churn) {
    std::vector<Row> rows;
    for (const Step& step : churn.steps) {
      rows.push_back({to_string(step.event), step.away, percent(step.moved), percent(step.minimum),
                      percent(step.collateral), percent(step.survivors_moved), step.lost, rounded(step.max_mean)});
    }
    return rows;
  }

  RouterSettings settings_;
  uint32_t events_ = 1000;
  std::vector<std::string> mix_ = {"leave"};
  std::optional<uint32_t> down_limit_;
  uint32_t newcomers_ = 0;
  std::string script_;
  uint32_t orders_ = 0;
  bool curve_ = false;
};

}  // namespace

std::unique_ptr<Command> make_churn() { return std::make_unique<ChurnCommand>(); }

}  // namespace ecmpd::hash::lab
