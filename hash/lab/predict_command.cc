// ecmplab predict: what a change to a group would move, before it is made.
#include <fmt/core.h>

#include <algorithm>

#include "hash/lab/commands.h"
#include "hash/lab/group_file.h"
#include "hash/lab/output.h"
#include "hash/lab/prediction.h"
#include "hash/lab/text_file.h"

namespace ecmpd::hash::lab {
namespace {

/// "10.0.1.11=5" as an event's words.
std::string event_text(const char* kind, std::string operand) {
  std::replace(operand.begin(), operand.end(), '=', ' ');
  return fmt::format("{} {}", kind, operand);
}

class PredictCommand : public Command {
 public:
  std::string name() const override { return "predict"; }
  std::string summary() const override { return "What a drain, leave, join or weight would move in a group you have"; }
  std::string teaching() const override {
    return R"help(
Examples:
  ecmpctl show group 1 --json > group.json     save a router's group; then
  ecmplab predict group.json --drain 10.0.1.11 what moves, and to whom, if that node is drained
  ecmplab predict group.json --leave 10.0.1.11,10.0.1.12 --flows counts.txt
                                               two nodes fail; connections are counted in lines such as
                                               "10.0.1.11 5210" or "bucket 17 40"
  ecmplab predict group.json --join 10.0.1.19=2 --weight 10.0.1.11=3
                                               a new node of weight 2, and another weight for one
  ecmplab predict group.json --script FILE     events in that order, as in `ecmplab churn`

A group can be written by hand, too: {"members":[{"address":"10.0.1.11"},{"address":"10.0.1.12","weight":2}]}, with
"selector", "seed" and "buckets" if they matter, "live": false and "flows": N for each member.

How to read it: "least possible" is what the change of shares makes unavoidable, collateral moves between two members
that nothing happened to. The moves are what a router with this selector does, bucket for bucket.)help";
  }

  void declare(Options& options) override {
    options.text("GROUP", file_, "FILE", "The group; - is standard input").required();
    const std::vector<std::string> any;
    options.choices("--leave", leave_, any, "Members that fail");
    options.choices("--return", return_, any, "Members that come back");
    options.choices("--drain", drain_, any, "Members that are taken out on purpose");
    options.choices("--weight", weight_, any, "Other weights, as ADDRESS=WEIGHT");
    options.choices("--join", join_, any, "New members, as ADDRESS or ADDRESS=WEIGHT");
    options.choices("--forget", forget_, any, "Members that are struck from the group");
    options.text("--script", script_, "FILE", "Events from a file, after those above");
    options.text("--flows", flows_, "FILE", "Counts of connections, by bucket or by member");
  }

  tl::expected<Table, Failure> run(const Common& common) override {
    if (common.seed_given) warn("--seed does not count: nothing is drawn, and the table's seed is the group's");
    const auto events = make_events();
    if (!events) return tl::make_unexpected(events.error());
    const auto text = read_text_file(file_);
    if (!text) return failure(text.error());
    const auto group = parse_group(*text, file_);
    if (!group) return failure(group.error());

    Scene scene(group->home, group->live);
    const BucketTable before = scene.table();
    if (before.owners.empty()) return failure(file_ + ": nobody is up; there is nothing that could move");
    BucketFlows flows;
    if (!group->flows.empty() && flows_.empty()) {
      auto spread = spread_over_buckets(group->flows, scene, before);
      if (!spread) return failure(fmt::format("{}: {}", file_, spread.error()));
      flows = *std::move(spread);
    }
    if (!flows_.empty()) {
      const auto counts = read_text_file(flows_);
      if (!counts) return failure(counts.error());
      auto parsed = parse_flows(*counts, flows_, scene, before);
      if (!parsed) return failure(parsed.error());
      flows = *std::move(parsed);
    }
    const double uneven = scene.max_over_mean(before);
    std::vector<IpAddress> subjects;
    for (const Event& event : *events) {
      if (const auto why = scene.refusal(event)) return failure(*why);
      scene.apply(event);
      subjects.push_back(event.member);
    }
    const BucketTable after = scene.table();
    if (after.owners.empty()) return failure("nobody is up after these events: every flow would be lost");
    const Prediction prediction = predict(scene, before, after, flows, subjects);
    return present(scene, before, after, prediction, uneven, !flows.empty());
  }

 private:
  tl::expected<std::vector<Event>, Failure> make_events() const {
    std::vector<Event> events;
    const std::pair<const char*, const std::vector<std::string>&> lists[] = {{"weight", weight_}, {"join", join_},
                                                                             {"return", return_}, {"drain", drain_},
                                                                             {"leave", leave_},   {"forget", forget_}};
    for (const auto& [kind, operands] : lists) {
      for (const std::string& operand : operands) {
        const auto event = parse_event(event_text(kind, operand));
        if (!event) return usage_error(fmt::format("--{}: {}", kind, event.error()));
        events.push_back(*event);
      }
    }
    if (!script_.empty()) {
      const auto text = read_text_file(script_);
      if (!text) return failure(text.error());
      const auto more = parse_script(*text, script_);
      if (!more) return failure(more.error());
      events.insert(events.end(), more->begin(), more->end());
    }
    if (events.empty())
      return usage_error(
          "nothing to predict: one of --leave, --return, --drain, --weight, --join, --forget or --script is needed");
    return events;
  }

  static Table present(const Scene& scene, const BucketTable& before, const BucketTable& after,
                       const Prediction& prediction, double uneven, bool has_flows) {
    const TableDiff& diff = prediction.diff;
    const Cell none;
    const auto flows = [&](double count) { return has_flows ? Cell(rounded(count, 0)) : none; };
    std::vector<Row> moves, members;
    for (const auto& [way, move] : prediction.moves) {
      moves.push_back({scene.addresses()[way.first].to_string(), scene.addresses()[way.second].to_string(),
                       percent(move.share), flows(move.flows)});
    }
    double total = 0, worst = 0;
    for (uint32_t number = 0; number < prediction.members.size(); ++number) {
      const Prediction::Share& share = prediction.members[number];
      members.push_back({scene.addresses()[number].to_string(), percent(share.before), percent(share.after),
                         flows(share.flows_before), flows(share.flows_after)});
      if (scene.state(number) == Scene::State::kUp) total += scene.weight(number);
    }
    for (uint32_t number = 0; number < prediction.members.size(); ++number) {
      if (scene.state(number) != Scene::State::kUp || prediction.flows == 0) continue;
      const double exact = prediction.flows * scene.weight(number) / total;
      worst = std::max(worst, prediction.members[number].flows_after / exact);
    }
    Table answer;
    answer.shape = Table::Shape::kRecord;
    answer.columns = {
        {"Selector", "selector"},
        {"Buckets", "buckets"},
        {"  after", "buckets_after"},
        {"Moved", "moved"},
        {"  least possible", "minimum"},
        {"Collateral", "collateral"},
        {"Survivors' flows moved", "survivors_moved"},
        {"Flows", "flows"},
        {"  moved", "flows_moved"},
        {"Largest share over exact", "max_mean"},
        {"  after", "max_mean_after"},
        {"  after, of flows", "flows_max_mean_after"},
        {"", "exact"},
        {"Moves",
         "moves",
         Align::kLeft,
         {{"From", "from"}, {"To", "to"}, {"Share", "share", Align::kRight}, {"Flows", "flows", Align::kRight}}},
        {"Members",
         "members",
         Align::kLeft,
         {{"Member", "address"},
          {"Share", "share", Align::kRight},
          {"After", "share_after", Align::kRight},
          {"Flows", "flows", Align::kRight},
          {"After", "flows_after", Align::kRight}}}};
    const double survivors = static_cast<double>(std::max<uint64_t>(diff.survivors, 1));
    answer.rows = {{std::string(to_string(scene.home().selector())), uint64_t{before.owners.size()},
                    uint64_t{after.owners.size()}, percent(diff.fraction(diff.moved)),
                    percent(diff.fraction(diff.minimum)), percent(diff.fraction(diff.collateral)),
                    percent(static_cast<double>(diff.survivors_moved) / survivors), flows(prediction.flows),
                    flows(prediction.flows_moved), rounded(uneven), rounded(scene.max_over_mean(after)),
                    has_flows ? Cell(rounded(worst)) : none, diff.exact, std::move(moves), std::move(members)}};
    return answer;
  }

  std::string file_;
  std::vector<std::string> leave_, return_, drain_, weight_, join_, forget_;
  std::string script_;
  std::string flows_;
};

}  // namespace

std::unique_ptr<Command> make_predict() { return std::make_unique<PredictCommand>(); }

}  // namespace ecmpd::hash::lab
