#include "control/ctl/doctor.h"

#include <fmt/core.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <set>

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

/// `fixed` are the checks that --fix did something about.
api::Table present(const Findings& findings, const std::set<std::string>& fixed) {
  api::Table table;
  table.name = "doctor";
  table.columns = {{"Check", "check"}, {"State", "state"}, {"", "", api::Align::kLeft, {{"Finding", ""}}},
                   {"", "found"},      {"", "why"},        {"", "command"},
                   {"", "fixed"}};
  for (const Finding& finding : findings) {
    const bool done = fixed.contains(finding.check);
    std::vector<api::Row> lines = {{finding.found + (done ? " (fixed)" : "")}};
    if (finding.health != Health::kFine) {
      if (!finding.why.empty()) lines.push_back({finding.why});
      if (!finding.command.empty()) lines.push_back({"  " + finding.command});
    }
    const bool fine = finding.health == Health::kFine;
    table.rows.push_back({finding.check, text_of(finding.health), lines, finding.found,
                          fine ? api::Cell() : some(finding.why), fine ? api::Cell() : some(finding.command), done});
  }
  return table;
}

bool mount_here(const std::string& type, const std::string& directory) {
  mkdir(directory.c_str(), 0755);
  // Without a mode bpffs is writable for everybody. What a hugetlbfs holds is nobody else's either.
  return mount(type.c_str(), directory.c_str(), type.c_str(), MS_NOSUID | MS_NODEV | MS_NOEXEC, kMountMode) == 0;
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
  std::set<std::string> fixed;
  if (hands != nullptr) {
    for (const Finding& finding : findings) {
      if (finding.health != Health::kFine && finding.fix && finding.fix(*hands)) fixed.insert(finding.check);
    }
    findings = check_all(tree, why_in_use);
  }
  const bool missing = std::any_of(findings.begin(), findings.end(),
                                   [](const Finding& finding) { return finding.health == Health::kMissing; });
  return {present(findings, fixed), missing ? kFailed : kFine};
}

ExitStatus doctor(const Question& question) {
  const Tree tree("/");
  const Hands hands{[&tree](const std::string& path, const std::string& text) { return tree.write(path, text); },
                    mount_here};
  const Report report = examine(tree, why_in_use, question.parameters.contains("fix") ? &hands : nullptr);
  return print(question.json ? to_json(report.table) : to_text(report.table)) ? report.status : kFailed;
}

}  // namespace ecmpd::control::ctl
