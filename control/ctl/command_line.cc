#include "control/ctl/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <sstream>

#include "control/ctl/words.h"

namespace ecmpd::control::ctl {
namespace {

constexpr const char* kExamples = R"(
Examples:
  ecmpctl show bgp summary            sessions, and how many prefixes each peer announced
  ecmpctl show bgp timing             how long routes take from the socket to the FIB
  ecmpctl show routes                 every route with its nexthops
  ecmpctl show routes 203.0.113.10    the route that this address takes (a prefix: exactly that one)
  ecmpctl show group 1                members, and how evenly the buckets are dealt
  ecmpctl show drops --json           packets dropped, by reason, for jq
  ecmpctl explain 192.0.2.7 203.0.113.10 tcp 40000 80
                                      which nexthop this connection has, and why
  ecmpctl trace 5 tcp dst port 80     the next five such packets, stage by stage
  ecmpctl capture web.pcapng --timeout 10 host 203.0.113.10
                                      ten seconds of a service, in and out, for tcpdump and Wireshark
  ecmpctl reload                      apply the changed configuration while packets flow
  ecmpctl doctor                      what this machine lacks, why it matters, and the command that helps

Words may be shortened as long as they stay unique (ecmpctl sh bgp sum); a last word "json" is --json.
Exit status: 0 fine, 1 failed, 2 usage, 3 no daemon, 4 not found.)";

/// Adds `name` below `parent`; when it is used the question is for `path`.
CLI::App* leaf(CLI::App* parent, Question& question, const std::string& name, const std::string& path,
               const std::string& description) {
  CLI::App* command = parent->add_subcommand(name, description);
  command->final_callback([&question, path] { question.path = path; });
  return command;
}

CLI::Option* parameter(CLI::App* command, Question& question, const std::string& key, const std::string& label,
                       const std::string& description) {
  const auto store = [&question, name = key.substr(key.find_first_not_of('-'))](const std::string& value) {
    question.parameters[name] = value;
  };
  return command->add_option_function<std::string>(key, store, description)->option_text(label);
}

void add_show(CLI::App& app, Question& question) {
  CLI::App* show = app.add_subcommand("show", "Show what the router knows");
  show->require_subcommand(1);
  CLI::App* bgp = show->add_subcommand("bgp", "BGP sessions");
  bgp->require_subcommand(1);
  leaf(bgp, question, "summary", "/v1/show/bgp/summary", "All sessions, a line each");
  CLI::App* neighbor = leaf(bgp, question, "neighbor", "/v1/show/bgp/neighbor", "One session in full");
  neighbor->alias("neighbors");
  leaf(bgp, question, "timing", "/v1/show/bgp/timing", "How long routes take from the socket to the FIB, by neighbor");
  parameter(neighbor, question, "address", "ADDRESS", "The peer's address")->required();

  CLI::App* routes = leaf(show, question, "routes", "/v1/show/routes", "Routes and their nexthops");
  parameter(routes, question, "prefix", "PREFIX", "Only this prefix, or the longest match of an address");
  routes->add_flag_callback(
      "--all", [&question] { question.parameters["all"] = "1"; },
      "Own and broadcast addresses and the host routes of neighbors too");
  leaf(show, question, "groups", "/v1/show/groups", "Nexthop groups, their members and shares");
  CLI::App* group = leaf(show, question, "group", "/v1/show/group", "One nexthop group");
  parameter(group, question, "id", "ID", "The group's number, as in show routes")->required();
  leaf(show, question, "ports", "/v1/show/ports", "Ports and their counters");
  leaf(show, question, "drops", "/v1/show/drops", "Dropped packets by reason");
  leaf(show, question, "icmp", "/v1/show/icmp", "ICMP errors that the router sent, by the port that caused them");
  leaf(show, question, "workers", "/v1/show/workers", "What the workers do: bursts, packets, idle time");
  leaf(show, question, "hash", "/v1/show/hash", "What is hashed, and how");
  leaf(show, question, "neighbors", "/v1/show/neighbors", "Resolved neighbors and their MAC addresses");
}

void add_explain(CLI::App& app, Question& question) {
  CLI::App* explain = leaf(&app, question, "explain", "/v1/explain",
                           "Where a packet of a flow goes, and why; asks the worker's own code");
  parameter(explain, question, "src", "SRC", "Source address")->required();
  parameter(explain, question, "dst", "DST", "Destination address")->required();
  parameter(explain, question, "protocol", "PROTO", "tcp, udp, sctp, icmp, ... or a number")->required();
  CLI::Option* sport =
      parameter(explain, question, "sport", "SPORT", "Source port; without ports: a fragment of the flow");
  CLI::Option* dport = parameter(explain, question, "dport", "DPORT", "Destination port");
  sport->needs(dport);
}

/// What trace and capture have in common: an answer bit by bit, of which packets, and for how long.
CLI::App* watch_leaf(CLI::App& app, Question& question, const std::string& name, const std::string& description) {
  CLI::App* command = app.add_subcommand(name, description);
  command->final_callback([&question, name] {
    question.path = "/v1/" + name;
    question.streamed = true;
  });
  parameter(command, question, "--port", "NAME", "Only packets of this port of the router");
  parameter(command, question, "--timeout", "SECONDS", "End after this time, whatever has come");
  return command;
}

/// The last of the positionals, which are taken in the order of their adding.
void add_filter(CLI::App* command, Question& question) {
  const auto join = [&question](const std::vector<std::string>& words) {
    std::string& filter = question.parameters["filter"];
    for (const std::string& word : words) filter += (filter.empty() ? "" : " ") + word;
  };
  command->add_option_function<std::vector<std::string>>("filter", join, "Only packets that match, as for tcpdump")
      ->option_text("[FILTER ...]");
}

void add_trace(CLI::App& app, Question& question) {
  CLI::App* trace =
      watch_leaf(app, question, "trace",
                 "The next packets on their way through the router, stage by stage, as a worker recorded them");
  parameter(trace, question, "count", "N", "How many packets")->required();
  add_filter(trace, question);
}

void add_capture(CLI::App& app, Question& question) {
  CLI::App* capture =
      watch_leaf(app, question, "capture", "Write what comes in and goes out to a pcapng file, until Ctrl-C");
  capture->add_option("file", question.file, "Where to; - is standard output")->option_text("FILE")->required();
  parameter(capture, question, "--count", "N", "End after this many packets");
  parameter(capture, question, "--snaplen", "BYTES", "Of each packet keep so many bytes (default: all)");
  add_filter(capture, question);
}

void add_reload(CLI::App& app, Question& question) {
  leaf(&app, question, "reload", "/v1/reload",
       "Read the configuration again and apply what changed; a file with a mistake changes nothing");
}

void add_doctor(CLI::App& app, Question& question) {
  CLI::App* doctor = leaf(&app, question, "doctor", "", "Is this machine ready for ecmpd? Needs no daemon");
  doctor->add_flag_callback(
      "--fix", [&question] { question.parameters["fix"] = "1"; },
      "Do what is safe: reserve hugepages from free memory, mount filesystems");
}

std::vector<Word> words_of(CLI::App& app) {
  std::vector<Word> words;
  for (const CLI::App* command : app.get_subcommands([](CLI::App*) { return true; })) {
    Word word{{command->get_name()}, words_of(const_cast<CLI::App&>(*command))};
    const auto& aliases = command->get_aliases();
    word.names.insert(word.names.end(), aliases.begin(), aliases.end());
    words.push_back(std::move(word));
  }
  return words;
}

Ended usage(const std::string& why) {
  return {kUsage, "", "ecmpctl: " + why + "\nRun ecmpctl --help for the commands, with examples.\n"};
}

}  // namespace

std::variant<Question, Ended> parse_command_line(std::vector<std::string> arguments) {
  Question question;
  CLI::App app("Asks a running ecmpd, the multipath router, what it does and why.", "ecmpctl");
  app.fallthrough();  // options may stand behind the words
  app.require_subcommand(1);
  app.set_version_flag("--version", "ecmpctl " ECMPD_VERSION);
  app.add_option("-s,--socket", question.socket, "The daemon's socket")->option_text("PATH [" + question.socket + "]");
  app.add_flag("-j,--json", question.json, "Print one JSON object instead of a table");
  add_show(app, question);
  add_explain(app, question);
  add_trace(app, question);
  add_capture(app, question);
  add_reload(app, question);
  add_doctor(app, question);
  app.footer(kExamples);  // after the subcommands, which would inherit it

  auto words = expand_words(words_of(app), {"-s", "--socket", "--port", "--timeout", "--count", "--snaplen"},
                            {"-h", "--help", "--version"}, std::move(arguments));
  if (!words) return usage(words.error());
  std::reverse(words->begin(), words->end());  // as the parser wants them
  try {
    app.parse(*words);
  } catch (const CLI::ParseError& end) {
    if (end.get_exit_code() != 0) return usage(end.what());
    std::ostringstream output;
    app.exit(end, output, output);
    return Ended{kFine, output.str(), ""};
  }
  return question;
}

}  // namespace ecmpd::control::ctl
