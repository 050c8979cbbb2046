#include "bench/ecmpbench/arguments.h"

#include <fmt/core.h>
#include <sched.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <sstream>

#include "bench/ecmpbench/frames.h"
#include "bench/ecmpbench/routes.h"
#include "bench/ecmpbench/traffic.h"
#include "dataplane/rcu.h"
#include "hash/key_fields.h"
#include "hash/lineage.h"

namespace ecmpd::bench {

namespace {

constexpr const char* kTeaching = R"(
Examples:
  ecmpbench forward                                       IPv4, 4,096 flows, one route over 8 members
  ecmpbench forward --family 4,6 --prefixes 1,1000,65000 --groups 64
                                                          every combination, a line each
  ecmpbench forward --egress 8 --json                     one JSON object
  ecmpbench forward --stages                              what each stage costs
  ecmpbench scale --workers 4                             1, 2, 3 and 4 workers, each with queues of its own
  ecmpbench load                                          a million routes come and go while packets pass

Exit status: 0 fine, 1 the router did anything but what it must, or could not run; 2 usage.)";

constexpr const char* kForwardTeaching = R"(
Generated packets pass through the router's own worker code. Every 64 bursts it takes turns with two references on the
same ports and packets: io passes packets on unread, macswap also swaps their MAC addresses, as testpmd does. So "over
io" is what the router costs, whatever the devices cost and however busy the machine is. Cycles are TSC cycles a packet,
medians over those windows in which the core was ours; "contended" says that there were hardly any. Compare with other
runs only when they were not contended. Before, every flow's packet is compared byte for byte with what it must become.
Several values as in --flows 1,4096 measure every combination. docs/benchmarking.md has more.)";

constexpr const char* kScaleTeaching = R"(
As ecmpbench forward, with 1, 2, ... workers at the same time. Each has a queue of its own at every port and takes turns
with the references by itself; packets a second are those of all together.)";

constexpr const char* kLoadTeaching = R"(
Routes with the lengths of the Internet's tables are added and removed while a worker forwards packets that other routes
already cover. For each phase: how long it took, the memory that the process got, and how long the worker's rounds over
its queues took (median, 99.9 %, the longest). Nothing may be dropped.)";

/// What can be listed, as words and numbers.
struct Lists {
  std::vector<uint32_t> families = {4};
  std::vector<uint32_t> flows = {4096};
  std::vector<uint32_t> prefixes = {1};
  std::vector<uint32_t> groups = {1};
  std::vector<uint32_t> members = {8};
  std::vector<uint32_t> egress = {2};
  std::vector<uint32_t> sizes;
  std::vector<std::string> selectors = {"resilient"};
  std::vector<std::string> functions = {"xxh32"};
  std::vector<std::string> keys = {"5-tuple"};
};

std::vector<std::string> selector_names() {
  std::vector<std::string> names;
  for (const hash::Selector selector : hash::kSelectors) {
    if (!hash::is_model(selector)) names.emplace_back(to_string(selector));
  }
  return names;
}

std::vector<std::string> function_names() {
  std::vector<std::string> names;
  for (unsigned i = 0; i < hash::kHashFunctionCount; ++i) {
    names.emplace_back(to_string(static_cast<hash::HashFunction>(i)));
  }
  return names;
}

std::vector<unsigned> allowed_cpus() {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  sched_getaffinity(0, sizeof allowed, &allowed);
  std::vector<unsigned> out;
  for (unsigned cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (CPU_ISSET(cpu, &allowed)) out.push_back(cpu);
  }
  return out;
}

CLI::Validator range(uint64_t least, uint64_t most) {
  return CLI::Validator(
      [=](const std::string& text) {
        uint64_t value = 0;
        if (CLI::detail::lexical_cast(text, value) && value >= least && value <= most) return std::string();
        return fmt::format("{} is not a number from {} to {}", text, least, most);
      },
      "");
}

CLI::Validator seconds_range() {
  return CLI::Validator(
      [](const std::string& text) {
        double value = 0;
        if (CLI::detail::lexical_cast(text, value) && value >= 0.01 && value <= 3600) return std::string();
        return fmt::format("{} is not a number of seconds from 0.01 to 3600", text);
      },
      "");
}

CLI::Validator key_fields() {
  return CLI::Validator(
      [](const std::string& text) {
        const auto fields = hash::parse_key_fields(text);
        return fields ? std::string() : fields.error();
      },
      "");
}

CLI::Option* add_numbers(CLI::App& app, const char* name, std::vector<uint32_t>& target, uint32_t least, uint32_t most,
                         const char* help) {
  return app.add_option(name, target, help)->delimiter(',')->check(range(least, most))->option_text("N,..");
}

void declare_lists(CLI::App& app, Lists& lists) {
  app.add_option("--family", lists.families, "IPv4 or IPv6")
      ->delimiter(',')
      ->check(CLI::IsMember({4, 6}))
      ->option_text("4|6,..");
  add_numbers(app, "--flows", lists.flows, 1, 65536, "Different UDP flows [4096]");
  add_numbers(app, "--prefixes", lists.prefixes, 1, kMostPrefixes, "Routes, of the Internet table's lengths [1]");
  add_numbers(app, "--groups", lists.groups, 1, 65536, "Nexthop groups that they share [1]");
  add_numbers(app, "--members", lists.members, 1, hash::kMaxMembers, "Members of each group [8]");
  add_numbers(app, "--egress", lists.egress, 1, 16, "Ports that members are at [2]");
  add_numbers(app, "--size", lists.sizes, 64, kMostSize, "Bytes of a frame on the wire [64, for IPv6 66]");
  app.add_option("--selector", lists.selectors, "From a hash to a member [resilient]")
      ->delimiter(',')
      ->check(CLI::IsMember(selector_names()))
      ->option_text("NAME,..");
  app.add_option("--hash", lists.functions, "The hash function [xxh32]")
      ->delimiter(',')
      ->check(CLI::IsMember(function_names()))
      ->option_text("NAME,..");
  app.add_option("--key", lists.keys, "What is hashed: 3-tuple, 5-tuple, or fields as in src,dst; may be repeated")
      ->check(key_fields())
      ->option_text("KEY");
}

template <typename T, typename Values, typename Set>
std::vector<T> times(const std::vector<T>& cases, const Values& values, Set set) {
  std::vector<T> out;
  for (const T& one : cases) {
    for (const auto& value : values) set(out.emplace_back(one), value);
  }
  return out;
}

std::vector<Case> combinations(const Lists& lists, uint64_t seed) {
  std::vector<Case> out(1);
  out[0].seed = seed;
  const auto sizes = lists.sizes.empty() ? std::vector<uint32_t>{0} : lists.sizes;
  out = times(out, lists.families,
              [](Case& c, uint32_t family) { c.family = hash::Family{static_cast<uint8_t>(family)}; });
  out = times(out, lists.flows, [](Case& c, uint32_t n) { c.flows = n; });
  out = times(out, lists.prefixes, [](Case& c, uint32_t n) { c.prefixes = n; });
  out = times(out, lists.groups, [](Case& c, uint32_t n) { c.groups = n; });
  out = times(out, lists.members, [](Case& c, uint32_t n) { c.members = n; });
  out = times(out, lists.egress, [](Case& c, uint32_t n) { c.egress = n; });
  out = times(out, sizes, [](Case& c, uint32_t n) { c.size = n; });
  out = times(out, lists.selectors, [](Case& c, const std::string& s) { c.selector = *hash::parse_selector(s); });
  out = times(out, lists.functions, [](Case& c, const std::string& s) { c.function = *hash::parse_hash_function(s); });
  return times(out, lists.keys, [](Case& c, const std::string& s) { c.key = *hash::parse_key_fields(s); });
}

/// What no single option can see; empty: nothing is wrong.
std::string mistake(const Case& one) {
  if (one.size != 0 && one.size < least_size(one.family)) {
    return fmt::format("--size: {} is too short for an IPv6 packet with UDP; allowed are {} to {}", one.size,
                       least_size(one.family), kMostSize);
  }
  if (const std::string why = refusal(one); !why.empty()) return "--members: " + why;
  return "";
}

Ended usage(const std::string& why) {
  return {kUsage, "", fmt::format("ecmpbench: {}\nRun ecmpbench --help for what is allowed.\n", why)};
}

std::string joined(const std::vector<unsigned>& numbers) {
  std::string out;
  for (const unsigned number : numbers) out += fmt::format("{}{}", out.empty() ? "" : ", ", number);
  return out;
}

/// What "forward" and "scale" share.
struct Words {
  ForwardCommand command;
  Lists lists;
  uint64_t seed = 1;
};

void declare(CLI::App& app, Words& words) {
  declare_lists(app, words.lists);
  app.add_option("--seed", words.seed, "Of everything that is drawn, and of the hash [1]");
  app.add_option("--seconds", words.command.seconds, "For each combination and round [3]")->check(seconds_range());
  app.add_option("--rounds", words.command.rounds, "How often all combinations are measured, by turns [1]")
      ->check(range(1, 1000));
  app.add_option("--cpu", words.command.cpus, "CPUs for the workers [from the last on]")
      ->delimiter(',')
      ->option_text("N,..");
  app.add_flag("--stages", words.command.stages, "Also what each stage costs");
  CLI::Option* json = app.add_flag_callback(
      "-j,--json", [&] { words.command.format = Format::kJson; }, "Print JSON: one object, or a list");
  app.add_flag_callback(
         "--csv", [&] { words.command.format = Format::kCsv; }, "Print comma-separated values")
      ->excludes(json);
}

/// Fills in the CPUs; empty: nothing is wrong.
std::string choose_cpus(ForwardCommand& command) {
  const std::vector<unsigned> allowed = allowed_cpus();
  if (command.cpus.empty()) command.cpus.assign(allowed.rbegin(), allowed.rend());
  for (const unsigned cpu : command.cpus) {
    if (std::find(allowed.begin(), allowed.end(), cpu) == allowed.end()) {
      return fmt::format("--cpu: {} is not one of {}", cpu, joined(allowed));
    }
    if (std::count(command.cpus.begin(), command.cpus.end(), cpu) != 1) {
      return fmt::format("--cpu: {} stands there twice", cpu);
    }
  }
  if (command.workers.back() > command.cpus.size()) {
    return fmt::format("--workers: {} need a CPU each; there are {}", command.workers.back(), joined(command.cpus));
  }
  return "";
}

void declare_load(CLI::App& app, LoadCommand& load, std::vector<unsigned>& cpus) {
  LoadSettings& settings = load.settings;
  settings.plan.groups = 1000;
  app.add_option("--routes4", settings.routes4, "IPv4 routes [1000000]")->check(range(1, kMostPrefixes));
  app.add_option("--routes6", settings.routes6, "IPv6 routes [250000]")->check(range(1, kMostPrefixes));
  app.add_option("--groups", settings.plan.groups, "Nexthop groups that they share [1000]")->check(range(1, 65536));
  app.add_option("--members", settings.plan.members, "Members of each group [8]")->check(range(1, hash::kMaxMembers));
  app.add_option("--flows", settings.plan.flows, "Different flows that pass meanwhile [4096]")->check(range(1, 65536));
  app.add_option("--seed", settings.plan.seed, "Of everything that is drawn [1]");
  app.add_option("--seconds", settings.seconds, "Of the phases in which nothing changes [2]")->check(seconds_range());
  app.add_option("--cpu", cpus, "CPU for the worker [the last]")->expected(1)->option_text("N");
  CLI::Option* json = app.add_flag_callback(
      "-j,--json", [&] { load.format = Format::kJson; }, "Print one JSON object");
  app.add_flag_callback(
         "--csv", [&] { load.format = Format::kCsv; }, "Print comma-separated values")
      ->excludes(json);
}

}  // namespace

std::variant<ForwardCommand, LoadCommand, Ended> parse_arguments(std::vector<std::string> words) {
  Words said;
  unsigned most_workers = 2;
  CLI::App app("Measures the packet rate of ecmpd's data plane, beside what the devices alone cost.", "ecmpbench");
  app.require_subcommand(1);
  app.set_version_flag("--version", "ecmpbench " ECMPD_VERSION);
  CLI::App* forward = app.add_subcommand("forward", "Forward generated packets through the router's worker");
  forward->footer(kForwardTeaching);
  declare(*forward, said);
  CLI::App* scale = app.add_subcommand("scale", "The same with 1, 2, ... workers");
  scale->footer(kScaleTeaching);
  scale->add_option("--workers", most_workers, "The most workers [2]")->check(range(1, dataplane::Rcu::kMaxReaders));
  declare(*scale, said);
  LoadCommand load;
  CLI::App* load_words = app.add_subcommand("load", "Add and remove full tables while packets pass");
  load_words->footer(kLoadTeaching);
  declare_load(*load_words, load, said.command.cpus);
  app.footer(kTeaching);  // after the subcommands, which would inherit it

  if (!words.empty() && !words[0].starts_with('-') && words[0] != "forward" && words[0] != "scale" &&
      words[0] != "load") {
    return usage(fmt::format("{} is not one of forward, scale, load", words[0]));
  }
  std::reverse(words.begin(), words.end());  // as the parser wants them
  try {
    app.parse(words);
  } catch (const CLI::ParseError& end) {
    if (end.get_exit_code() != 0) return usage(end.what());
    std::ostringstream output;
    app.exit(end, output, output);
    return Ended{kFine, output.str(), ""};
  }
  ForwardCommand& command = said.command;
  if (scale->parsed()) {
    for (unsigned i = 2; i <= most_workers; ++i) command.workers.push_back(i);
  }
  if (const std::string why = choose_cpus(command); !why.empty()) return usage(why);
  if (load_words->parsed()) {
    load.settings.cpu = command.cpus.front();
    if (const std::string why = mistake(load.settings.plan); !why.empty()) return usage(why);
    return load;
  }
  command.cases = combinations(said.lists, said.seed);
  for (const Case& one : command.cases) {
    if (const std::string why = mistake(one); !why.empty()) return usage(why);
  }
  return command;
}

}  // namespace ecmpd::bench
