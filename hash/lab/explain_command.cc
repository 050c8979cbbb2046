// ecmplab explain: where packets go, and why; and which source ports go to a member.
#include <fmt/core.h>

#include <utility>

#include "hash/count_text.h"
#include "hash/ip_layer.h"
#include "hash/lab/capture_file.h"
#include "hash/lab/commands.h"
#include "hash/lab/explain_table.h"
#include "hash/lab/group_option.h"
#include "hash/lab/hex.h"
#include "hash/lab/placing.h"
#include "hash/tuple_text.h"

namespace ecmpd::hash::lab {
namespace {

constexpr uint32_t kFirstFreePort = 1024;

class ExplainCommand : public Command {
 public:
  std::string name() const override { return "explain"; }
  std::string summary() const override { return "Where a flow, a packet or a whole capture goes, and why"; }
  std::string teaching() const override {
    return R"help(
Examples:
  ecmplab explain 192.0.2.7 203.0.113.10 tcp 40000 80 --nexthop 10.0.1.11,10.0.2.11=2 --seed 7
                                               one flow, as `ecmpctl explain` of a router with these settings answers
  ecmplab explain 192.0.2.7 203.0.113.10 tcp 40000 80 --nexthop 10.0.1.11,10.0.2.11 --down 10.0.1.11
                                               and while a node is down
  ecmplab explain --packet 4500001812344000400600000a000001cb00710a9c400050
                                               one IP packet, or Ethernet frame, in hexadecimal digits
  ecmplab explain --pcap capture.pcap --members 8 --json
                                               every frame of a capture
  ecmplab explain --reach 10.0.0.3 192.0.2.7 203.0.113.10 tcp 0 80 --members 8 --count 4
                                               source ports with which this client reaches that member
  ecmpctl show group 1 --json | ecmplab explain --group - 192.0.2.7 203.0.113.10 tcp 40000 80
                                               in the group that a router has now

How to read it: the key is what is hashed, zero where a field does not count. Without ports the answer holds for a
fragment. The first choice owns the bucket when everybody is up; the others follow in the order of preference.)help";
  }

  void declare(Options& options) override {
    Declared src = options.text("SRC", src_, "ADDRESS", "Source address");
    Declared dst = options.text("DST", dst_, "ADDRESS", "Destination address");
    Declared protocol = options.text("PROTO", protocol_, "NAME|N", "tcp, udp, sctp, icmp, ... or a number");
    Declared sport = options.number("SPORT", sport_, {0, 65535}, "Source port; with --reach the first to be tried");
    Declared dport = options.number("DPORT", dport_, {0, 65535}, "Destination port");
    src.needs(dst);
    dst.needs(protocol);
    sport.needs(dport);
    Declared packet = options.text("--packet", packet_, "HEX", "An IP packet, or an Ethernet frame, instead");
    packet.excludes(src);
    Declared pcap =
        options.text("--pcap", pcap_, "FILE", "Every frame of a pcap or pcapng file instead; - is standard input");
    pcap.excludes(src).excludes(packet);
    Declared reach = options.text("--reach", reach_, "ADDRESS", "Find source ports that reach this member");
    reach.needs(protocol).excludes(packet).excludes(pcap);
    options.number("--count", count_, {1, 65536}, "So many of them").needs(reach);
    group_.declare(options, settings_);
    settings_.declare_key(options);
    settings_.declare_hash(options);
  }

  tl::expected<Table, Failure> run(const Common& common) override {
    for (const std::string& ignored : settings_.ignored()) warn(ignored);
    auto group = group_.group(settings_, common.seed);
    if (!group) return tl::make_unexpected(group.error());
    if (common.seed_given && group->home->seed() != common.seed) warn("--seed does not count: the group has its own");
    const uint64_t seed = group->home->seed();  // a router has one for both
    const Placing placing(settings_.fields(), settings_.hasher(seed), *std::move(group));
    if (!pcap_.empty()) return of_capture(placing);
    if (!packet_.empty()) return of_packet(placing);
    if (src_.empty()) return usage_error("nothing to explain: SRC DST PROTO, --packet or --pcap is missing");
    const auto tuple = make_tuple();
    if (!tuple) return tl::make_unexpected(tuple.error());
    if (!reach_.empty()) return ports_that_reach(placing, *tuple);
    return table_of(placing, placing.place(*tuple), *tuple);
  }

 private:
  tl::expected<Tuple, Failure> make_tuple() const {
    Tuple tuple;
    for (const auto& [name, text, address] :
         {std::tuple("SRC", &src_, &tuple.src), std::tuple("DST", &dst_, &tuple.dst)}) {
      const auto parsed = IpAddress::parse(*text);
      if (!parsed) return usage_error(fmt::format("{}: \"{}\" is not an address", name, *text));
      *address = *parsed;
    }
    if (tuple.src.family() != tuple.dst.family()) {
      return usage_error(fmt::format("{} and {} are not of one family", src_, dst_));
    }
    const auto protocol = parse_protocol(protocol_);
    if (!protocol) {
      return usage_error(fmt::format("PROTO: \"{}\" is neither a known name nor a number to 255", protocol_));
    }
    tuple.protocol = *protocol;
    tuple.sport = static_cast<uint16_t>(sport_);
    tuple.dport = static_cast<uint16_t>(dport_);
    return tuple;
  }

  tl::expected<Table, Failure> of_packet(const Placing& placing) const {
    const auto bytes = parse_hex(packet_);
    if (!bytes) return usage_error("--packet: " + bytes.error());
    // What does not look like an IP packet may be a frame.
    constexpr LinkType kEthernet = 1;
    const auto in_frame =
        begins_with_ip(*bytes) ? std::optional(std::span<const uint8_t>(*bytes)) : ip_in_frame(kEthernet, *bytes);
    const auto placed = in_frame ? placing.place(*in_frame) : std::nullopt;
    if (!placed) {
      return usage_error(
          fmt::format("--packet: {} that hold no whole IPv4 or IPv6 header, as they are or behind an Ethernet "
                      "header",
                      count_text(bytes->size(), "byte")));
    }
    return table_of(placing, *placed, tuple_of(placed->key));
  }

  tl::expected<Table, Failure> of_capture(const Placing& placing) {
    auto file = CaptureFile::open(pcap_);
    if (!file) return failure(file.error());
    FrameTable table;
    while (true) {
      const auto frame = file->next();
      if (!frame) return failure(frame.error());
      if (!*frame) {
        if (!file->cut().empty()) warn(file->cut());
        return table.take(file->cut());
      }
      const auto packet = ip_in_frame(file->link_type(), (*frame)->bytes);
      table.add(placing, **frame, packet ? placing.place(*packet) : std::nullopt);
    }
  }

  tl::expected<Table, Failure> ports_that_reach(const Placing& placing, Tuple tuple) const {
    const auto address = IpAddress::parse(reach_);
    const int member = address ? placing.home().index_of(*address) : -1;
    if (member < 0) return usage_error(fmt::format("--reach: \"{}\" is not a member", reach_));
    if (!placing.fields().sport || !has_ports(tuple.protocol)) {
      return usage_error(
          fmt::format("--reach: the source port does not count with key {} and protocol {}", settings_.key, protocol_));
    }
    if (!placing.is_live(static_cast<uint16_t>(member))) {
      return failure(fmt::format("--reach: {} is down: no flow goes there", reach_));
    }
    std::vector<std::pair<uint16_t, Placed>> found;
    const uint32_t first = sport_ == 0 ? kFirstFreePort : sport_;
    for (uint32_t port = first; port <= 65535 && found.size() < count_; ++port) {
      tuple.sport = static_cast<uint16_t>(port);
      const Placed placed = placing.place(tuple);
      if (placed.member == static_cast<uint16_t>(member)) found.emplace_back(tuple.sport, placed);
    }
    if (found.empty())
      return failure(fmt::format("--reach: no source port from {} to 65535 reaches {}", first, reach_));
    return table_of_ports(placing, found);
  }

  RouterSettings settings_;
  GroupOption group_;
  std::string src_, dst_, protocol_;
  uint32_t sport_ = 0, dport_ = 0;
  std::string packet_, pcap_, reach_;
  uint32_t count_ = 10;
};

}  // namespace

std::unique_ptr<Command> make_explain() { return std::make_unique<ExplainCommand>(); }

}  // namespace ecmpd::hash::lab
