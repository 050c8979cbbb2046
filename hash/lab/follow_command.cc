// ecmplab follow: do fragments and ICMP errors go where their connection goes?
#include "hash/lab/commands.h"
#include "hash/lab/follow.h"
#include "hash/lab/group_option.h"
#include "hash/lab/output.h"

namespace ecmpd::hash::lab {
namespace {

class FollowCommand : public Command {
 public:
  std::string name() const override { return "follow"; }
  std::string summary() const override { return "Whether fragments and ICMP errors follow their connection"; }
  std::string teaching() const override {
    return R"help(
Examples:
  ecmplab follow --key 3-tuple        everything of a connection goes to its member
  ecmplab follow --key 5-tuple        ICMP errors too; fragments, which have no ports, stay together
  ecmplab follow --members 64 --selector maglev --connections 100000

How to read it: connections, half of them IPv6, send whole packets and datagrams in fragments; routers on the way back
send ICMP errors about what the servers answered. "On its member" counts the packets that the router sends to the member
of the connection's whole packets. With ports in the key a fragment is there by chance only, one time in as many as
there are members; what matters then is that all fragments of a datagram are on one member.)help";
  }

  void declare(Options& options) override {
    group_.declare(options, settings_);
    settings_.declare_key(options);
    settings_.declare_hash(options);
    options.number("--connections", connections_, {1, 1u << 24}, "Connections to follow");
  }

  tl::expected<Table, Failure> run(const Common& common) override {
    for (const std::string& ignored : settings_.ignored()) warn(ignored);
    auto group = group_.group(settings_, common.seed);
    if (!group) return tl::make_unexpected(group.error());
    const Hasher hasher = settings_.hasher(group->home->seed());
    const Placing placing(settings_.fields(), hasher, *std::move(group));
    return present(follow(placing, connections_, common.seed));
  }

 private:
  static Real fraction(uint64_t some, uint64_t all) {
    return percent(static_cast<double>(some) / static_cast<double>(all));
  }

  Table present(const Followed& followed) const {
    std::vector<Row> rows;
    for (const Part part : kParts) {
      const Followed::Count& count = followed.parts[static_cast<size_t>(part)];
      rows.push_back({std::string(to_string(part)), count.packets, count.with_connection,
                      fraction(count.with_connection, count.packets)});
    }
    Table answer;
    answer.shape = Table::Shape::kRecord;
    answer.columns = {{"Key", "key"},
                      {"Connections", "connections"},
                      {"Datagrams in fragments", "datagrams"},
                      {"  all on one member", "datagrams_together"},
                      {"",
                       "packets",
                       Align::kLeft,
                       {{"Packets", "part"},
                        {"Sent", "packets", Align::kRight},
                        {"On its member", "with_connection", Align::kRight},
                        {"Fraction", "fraction", Align::kRight}}}};
    answer.rows = {{settings_.key, connections_, followed.datagrams,
                    fraction(followed.datagrams_together, followed.datagrams), std::move(rows)}};
    return answer;
  }

  RouterSettings settings_;
  GroupOption group_;
  uint32_t connections_ = 10000;
};

}  // namespace

std::unique_ptr<Command> make_follow() { return std::make_unique<FollowCommand>(); }

}  // namespace ecmpd::hash::lab
