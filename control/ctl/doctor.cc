#include "control/ctl/doctor.h"

#include <fmt/core.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <iterator>
#include <map>

#include "control/ctl/answer.h"
#include "control/host/interface_use.h"

namespace ecmpd::control::ctl {
namespace {

const char* text_of(Health health) {
  switch (health) {
    case Health::kFine:
      return "ok";
    case Health::kAdvice:
      return "advice";
    case Health::kMissing:
      return "missing";
  }
  return "";
}

api::Cell some(const std::string& text) { return text.empty() ? api::Cell() : api::Cell(text); }

/// What --fix tried: why it did not help, by the check; empty if it did.
using Attempts = std::map<std::string, std::string>;

api::Table present(const Findings& findings, const Attempts& attempts) {
  api::Table table;
  table.name = "doctor";
  table.columns = {{"Check", "check"}, {"State", "state"}, {"", "", api::Align::kLeft, {{"Finding", ""}}},
                   {"", "found"},      {"", "why"},        {"", "command"},
                   {"", "fixed"},      {"", "not_fixed"}};
  for (const Finding& finding : findings) {
    const bool fine = finding.health == Health::kFine;
    const auto attempt = attempts.find(finding.check);
    const bool done = attempt != attempts.end() && fine;
    std::string not_done;
    if (attempt != attempts.end() && !fine) not_done = attempt->second.empty() ? "it did not help" : attempt->second;
    std::vector<api::Row> lines = {{finding.found + (done ? " (fixed)" : "")}};
    if (!not_done.empty()) lines.push_back({"not fixed: " + not_done});
    if (!fine) {
      if (!finding.why.empty()) lines.push_back({finding.why});
      if (!finding.command.empty()) lines.push_back({"  " + finding.command});
    }
    table.rows.push_back({finding.check, text_of(finding.health), lines, finding.found,
                          fine ? api::Cell() : some(finding.why), fine ? api::Cell() : some(finding.command), done,
                          some(not_done)});
  }
  return table;
}

std::string mount_here(const std::string& type, const std::string& directory) {
  if (mkdir(directory.c_str(), 0755) != 0 && errno != EEXIST) return std::strerror(errno);
  // Without a mode bpffs is writable for everybody. What a hugetlbfs holds is nobody else's either.
  const int error = mount(type.c_str(), directory.c_str(), type.c_str(), MS_NOSUID | MS_NODEV | MS_NOEXEC, kMountMode);
  return error == 0 ? "" : std::strerror(errno);
}

}  // namespace

Findings check_all(const Tree& tree, const InterfaceUse& why_in_use) {
  Findings out;
  for (Findings& part :
       std::array{check_cpu(tree), check_memory(tree), check_devices(tree, why_in_use), check_kernel(tree)}) {
    std::move(part.begin(), part.end(), std::back_inserter(out));
  }
  return out;
}

Report examine(const Tree& tree, const InterfaceUse& why_in_use, const Hands* hands) {
  Findings findings = check_all(tree, why_in_use);
  Attempts attempts;
  if (hands != nullptr) {
    for (const Finding& finding : findings) {
      if (finding.health != Health::kFine && finding.fix) attempts[finding.check] = finding.fix(*hands);
    }
    findings = check_all(tree, why_in_use);
  }
  const bool missing = std::any_of(findings.begin(), findings.end(),
                                   [](const Finding& finding) { return finding.health == Health::kMissing; });
  return {present(findings, attempts), missing ? kFailed : kFine};
}

ExitStatus doctor(const Question& question) {
  const Tree tree("/");
  const auto as_root = [](const std::string& error) {
    return error.empty() || geteuid() == 0 ? error : error + " (--fix needs root)";
  };
  const Hands hands{
      [&](const std::string& path, const std::string& text) { return as_root(tree.write(path, text)); },
      [&](const std::string& type, const std::string& directory) { return as_root(mount_here(type, directory)); }};
  const Report report = examine(tree, why_in_use, question.parameters.contains("fix") ? &hands : nullptr);
  return print(question.json ? to_json(report.table) : to_text(report.table)) ? report.status : kFailed;
}

}  // namespace ecmpd::control::ctl
