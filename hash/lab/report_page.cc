#include "hash/lab/report_page.h"

#include <fmt/core.h>

#include <algorithm>

#include "hash/lab/charts.h"
#include "hash/lab/svg.h"

namespace ecmpd::hash::lab {
namespace {

constexpr std::string_view kHead = R"(<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<link rel="icon" href="data:,">
<title>{0}</title>
<style>
body {{ font: 15px/1.5 system-ui, "DejaVu Sans", sans-serif; color: #1f2933; background: #fff;
       max-width: 980px; margin: 2em auto; padding: 0 1em; }}
h1 {{ font-size: 1.7em; }} h2 {{ font-size: 1.25em; margin-top: 2.2em; }} h3 {{ font-size: 1em; margin: 1.2em 0 0.2em; }}
svg {{ display: block; max-width: 100%; height: auto; font-family: inherit; }}
table {{ border-collapse: collapse; margin: 0.8em 0; }}
th, td {{ text-align: right; padding: 0.2em 0.9em; border-bottom: 1px solid #dde3ea; }}
th:first-child, td:first-child {{ text-align: left; padding-left: 0; }}
.key {{ display: inline-block; width: 0.8em; height: 0.8em; margin: 0 0.3em 0 0.9em; vertical-align: -0.05em; }}
.key:first-child {{ margin-left: 0; }}
@media print {{ section {{ break-inside: avoid; }} }}
</style>
</head>
<body>
<h1>{0}</h1>
)";

std::string key(std::string_view colour, std::string_view text) {
  return fmt::format("<span class=\"key\" style=\"background:{}\"></span>{}\n", colour, text);
}

struct SweptFunction {
  std::string hash, selector;
  std::vector<EvennessPoint> points;
  size_t failed = 0;
};

std::vector<SweptFunction> by_function(const std::vector<EvennessPoint>& points) {
  std::vector<SweptFunction> functions;
  for (const EvennessPoint& point : points) {
    auto found = std::find_if(functions.begin(), functions.end(), [&](const SweptFunction& function) {
      return function.hash == point.hash && function.selector == point.selector;
    });
    if (found == functions.end()) found = functions.insert(found, {point.hash, point.selector, {}});
    found->points.push_back(point);
    if (point.adjusted_p <= 0.01) ++found->failed;
  }
  return functions;
}

std::string evenness_section(const std::vector<EvennessPoint>& points) {
  std::string out =
      "<h2>Evenness</h2>\n<p>How uneven members are loaded, over what perfect hashing gives: 1 x is "
      "chance, above are hot spots, below is more even than chance, which only structure in the traffic "
      "can make. A mark is a workload; it spans 5 to 95 of 100 seeds around the median; what is beyond 0.1 or 10 times "
      "is drawn at the edge.</p>\n<p>";
  out += key("#d7ead9", "where 90 of 100 seeds of perfect hashing lie");
  out += key("#1d5fa8", "as perfect hashing (dot)");
  out += key("#c0392b", "not (square)");
  std::vector<std::string> workloads;
  for (const EvennessPoint& point : points) {
    if (std::find(workloads.begin(), workloads.end(), point.workload) == workloads.end()) {
      workloads.push_back(point.workload);
    }
  }
  out += "</p>\n<p>In each column from left to right: ";
  for (size_t i = 0; i < workloads.size(); ++i) out += (i == 0 ? "" : ", ") + escape_markup(workloads[i]);
  out += ".</p>\n";
  for (const SweptFunction& function : by_function(points)) {
    const std::string verdict =
        function.failed == 0
            ? fmt::format("as perfect hashing in all {} cells", function.points.size())
            : fmt::format("unlike perfect hashing in {} of {} cells", function.failed, function.points.size());
    out += fmt::format("<section><h3>{}, {}: {}</h3>\n", escape_markup(function.hash), escape_markup(function.selector),
                       verdict);
    out += evenness_chart(function.points) + "</section>\n";
  }
  return out;
}

std::string disruption_section(const std::vector<Disruption>& disruptions) {
  std::string out =
      "<h2>Disruption</h2>\n<p>Members leave and return. Each bar is an event: the part of all flows that "
      "moved to another member.</p>\n<p>";
  out += key("#7b8794", "unavoidable: the flows of the member that left, or the share of the one that came");
  out += key("#d9730d", "needless");
  out +=
      "</p>\n<table><tr><th>selector</th><th>members</th><th>others' flows moved by a leave</th>"
      "<th>home after a flap</th><th>worst largest share</th></tr>\n";
  for (const Disruption& one : disruptions) {
    out += fmt::format("<tr><td>{}</td><td>{}</td><td>{:.2f} %</td><td>{:.2f} %</td><td>{:.4f} x</td></tr>\n",
                       escape_markup(one.selector), one.members, one.survivors_moved * 100, one.home_after_flap * 100,
                       one.worst_max_mean);
  }
  out += "</table>\n";
  for (const Disruption& one : disruptions) {
    out += fmt::format("<section><h3>{}</h3>\n{}</section>\n", escape_markup(one.selector), disruption_chart(one));
  }
  return out;
}

std::string polarization_section(const std::vector<TierPair>& pairs) {
  return "<h2>Polarization</h2>\n<p>Two routers in a row with different seeds: how many bits of the second one's "
         "choice "
         "are known from the first one's (0 is independent, red is dependent), and how many of all paths carry "
         "flows.</p>\n<section>" +
         polarization_chart(pairs) + "</section>\n";
}

std::string speed_section(const std::vector<Speed>& speeds) {
  return "<h2>Speed</h2>\n<p>Nanoseconds for a key on the machine that made this page, many keys at a time from the "
         "first-level cache.</p>\n<p>" +
         key("#1d5fa8", "IPv4 key, 16 bytes") + key("#8db5dd", "IPv6 key, 40 bytes") + "</p>\n<section>" +
         speed_chart(speeds) + "</section>\n";
}

}  // namespace

std::string report_page(const Report& report) {
  std::string out = fmt::format(fmt::runtime(kHead), escape_markup(report.title));
  if (!report.evenness.empty()) out += evenness_section(report.evenness);
  if (!report.disruptions.empty()) out += disruption_section(report.disruptions);
  if (!report.pairs.empty()) out += polarization_section(report.pairs);
  if (!report.speeds.empty()) out += speed_section(report.speeds);
  return out + "</body>\n</html>\n";
}

}  // namespace ecmpd::hash::lab
