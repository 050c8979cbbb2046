#include "hash/lab/charts.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "hash/lab/probability.h"
#include "hash/lab/svg.h"

namespace ecmpd::hash::lab {
namespace {

using Anchor = Svg::Anchor;
constexpr std::string_view kInk = "#1f2933", kFaint = "#52606d", kGrid = "#dde3ea", kBand = "#d7ead9";
constexpr std::string_view kGood = "#1d5fa8", kBad = "#c0392b", kMinimum = "#7b8794", kNeedless = "#d9730d";
constexpr double kWidth = 960, kLeft = 64, kTop = 14;
constexpr double kLowest = 0.1, kHighest = 10;  // times perfect hashing; what is beyond is drawn at the edge

template <typename T, typename Field>
std::vector<Field> distinct(std::span<const T> items, Field T::*field) {
  std::vector<Field> found;
  for (const T& item : items) {
    if (std::find(found.begin(), found.end(), item.*field) == found.end()) found.push_back(item.*field);
  }
  return found;
}

template <typename Field>
size_t place(const std::vector<Field>& list, const Field& value) {
  return static_cast<size_t>(std::find(list.begin(), list.end(), value) - list.begin());
}

/// White to deep red.
std::string heat(double fraction) {
  const double at = std::clamp(fraction, 0.0, 1.0);
  const auto mix = [at](int from, int to) { return static_cast<int>(std::lround(from + at * (to - from))); };
  return fmt::format("#{:02x}{:02x}{:02x}", mix(255, 0xb0), mix(255, 0x2a), mix(255, 0x1f));
}

}  // namespace

std::string evenness_chart(std::span<const EvennessPoint> points) {
  constexpr double kHeight = 190, kPlot = 140;
  const auto members = distinct(points, &EvennessPoint::members);
  const auto workloads = distinct(points, &EvennessPoint::workload);
  Svg svg(kWidth, kHeight, "Unevenness over that of perfect hashing, by number of members");
  const auto y = [](double ratio) {
    const double at = std::log(std::clamp(ratio, kLowest, kHighest) / kLowest) / std::log(kHighest / kLowest);
    return kTop + kPlot * (1 - at);
  };
  const double column = (kWidth - kLeft - 10) / static_cast<double>(members.size());
  for (size_t m = 0; m < members.size(); ++m) {
    const double left = kLeft + static_cast<double>(m) * column;
    if (members[m] > 1) {
      const double freedom = members[m] - 1;
      const double low = std::sqrt(chi_square_quantile(0.05, members[m] - 1) / freedom);
      const double high = std::sqrt(chi_square_quantile(0.95, members[m] - 1) / freedom);
      svg.rect(left + 2, y(high), column - 4, y(low) - y(high), kBand);
    }
    svg.text(left + column / 2, kTop + kPlot + 18, fmt::format("{}", members[m]), Anchor::kMiddle);
  }
  for (const double tick : {0.1, 0.3, 1.0, 3.0, 10.0}) {
    svg.line(kLeft, y(tick), kWidth - 10, y(tick), tick == 1 ? kMinimum : kGrid);
    svg.text(kLeft - 8, y(tick) + 4, fmt::format("{} x", tick), Anchor::kEnd, kFaint);
  }
  svg.text(kLeft + (kWidth - kLeft - 10) / 2, kTop + kPlot + 34, "members", Anchor::kMiddle, kFaint);
  for (const EvennessPoint& point : points) {
    const double slot = (column - 12) / static_cast<double>(workloads.size());
    const double x = kLeft + static_cast<double>(place(members, point.members)) * column + 6 +
                     (static_cast<double>(place(workloads, point.workload)) + 0.5) * slot;
    const std::string_view colour = point.adjusted_p > 0.01 ? kGood : kBad;
    const std::string hint = fmt::format("{}, {} members: median {:.2f} x, p {:.3g}", point.workload, point.members,
                                         point.middle, point.adjusted_p);
    svg.line(x, y(point.low), x, y(point.high), colour, 1.6);
    if (point.adjusted_p > 0.01) {
      svg.circle(x, y(point.middle), 2.2, colour, hint);
    } else {
      svg.rect(x - 2.5, y(point.middle) - 2.5, 5, 5, colour, hint);
    }
  }
  return std::move(svg).finish();
}

std::string disruption_chart(const Disruption& disruption) {
  constexpr double kHeight = 128, kPlot = 92;
  Svg svg(kWidth, kHeight, "Flows moved by each event");
  const auto y = [](double fraction) { return kTop + kPlot * (1 - std::clamp(fraction, 0.0, 1.0)); };
  for (const double tick : {0.0, 0.5, 1.0}) {
    svg.line(kLeft, y(tick), kWidth - 10, y(tick), kGrid);
    svg.text(kLeft - 8, y(tick) + 4, fmt::format("{:.0f} %", tick * 100), Anchor::kEnd, kFaint);
  }
  const double step = (kWidth - kLeft - 10) / static_cast<double>(std::max<size_t>(disruption.events.size(), 1));
  for (size_t i = 0; i < disruption.events.size(); ++i) {
    const Disruption::Event& event = disruption.events[i];
    const double x = kLeft + (static_cast<double>(i) + 0.15) * step;
    const std::string hint = fmt::format("{}: {:.2f} % of all flows moved, {:.2f} % unavoidable", event.name,
                                         event.moved * 100, event.minimum * 100);
    const double needless = std::max(0.0, event.moved - event.minimum);
    svg.rect(x, y(event.minimum), 0.7 * step, y(0) - y(event.minimum), kMinimum, hint);
    svg.rect(x, y(event.minimum + needless), 0.7 * step, y(event.minimum) - y(event.minimum + needless), kNeedless,
             hint);
  }
  svg.text(kLeft + (kWidth - kLeft - 10) / 2, kTop + kPlot + 17, "events, in order", Anchor::kMiddle, kFaint);
  return std::move(svg).finish();
}

std::string polarization_chart(std::span<const TierPair> pairs) {
  constexpr double kCellWidth = 84, kCellHeight = 40, kNames = 90;
  const auto firsts = distinct(pairs, &TierPair::first);
  const auto seconds = distinct(pairs, &TierPair::second);
  Svg svg(kNames + 20 + kCellWidth * static_cast<double>(seconds.size()),
          50 + kCellHeight * static_cast<double>(firsts.size()), "How much of the second tier's choice is known");
  svg.text(kNames + kCellWidth * static_cast<double>(seconds.size()) / 2, 14, "second tier", Anchor::kMiddle, kFaint);
  for (size_t i = 0; i < seconds.size(); ++i) {
    svg.text(kNames + (static_cast<double>(i) + 0.5) * kCellWidth, 34, seconds[i], Anchor::kMiddle);
  }
  svg.text(kNames - 8, 34, "first tier", Anchor::kEnd, kFaint);
  for (size_t i = 0; i < firsts.size(); ++i) {
    svg.text(kNames - 8, 42 + (static_cast<double>(i) + 0.62) * kCellHeight, firsts[i], Anchor::kEnd);
  }
  for (const TierPair& pair : pairs) {
    const double x = kNames + static_cast<double>(place(seconds, pair.second)) * kCellWidth;
    const double y = 42 + static_cast<double>(place(firsts, pair.first)) * kCellHeight;
    const double fraction = pair.most_bits > 0 ? pair.shared_bits / pair.most_bits : 0;
    const std::string_view ink = fraction > 0.45 ? "#ffffff" : kInk;
    svg.rect(x + 1, y + 1, kCellWidth - 2, kCellHeight - 2, kGrid);
    svg.rect(
        x + 2, y + 2, kCellWidth - 4, kCellHeight - 4, heat(fraction),
        fmt::format("{} then {}: {:.4f} of {:.2f} bits", pair.first, pair.second, pair.shared_bits, pair.most_bits));
    svg.text(x + kCellWidth / 2, y + 17, fmt::format("{:.2f} bits", pair.shared_bits), Anchor::kMiddle, ink);
    svg.text(x + kCellWidth / 2, y + 32, fmt::format("{} of {}", pair.paths_used, pair.paths), Anchor::kMiddle, ink,
             11);
  }
  return std::move(svg).finish();
}

std::string speed_chart(std::span<const Speed> speeds) {
  constexpr double kRow = 36, kNames = 120, kNumbers = 70;
  double most = 0.1;
  for (const Speed& speed : speeds) most = std::max({most, speed.ipv4_ns, speed.ipv6_ns});
  Svg svg(kWidth, 8 + kRow * static_cast<double>(speeds.size()), "Nanoseconds for a key");
  const double scale = (kWidth - kNames - kNumbers) / most;
  for (size_t i = 0; i < speeds.size(); ++i) {
    const double y = 4 + static_cast<double>(i) * kRow;
    svg.text(kNames - 10, y + 19, speeds[i].name, Anchor::kEnd);
    const auto bar = [&](double at, double ns, std::string_view colour) {
      svg.rect(kNames, at, std::max(1.0, ns * scale), 12, colour);
      svg.text(kNames + std::max(1.0, ns * scale) + 6, at + 11, fmt::format("{:.2f} ns", ns));
    };
    bar(y + 2, speeds[i].ipv4_ns, kGood);
    bar(y + 17, speeds[i].ipv6_ns, "#8db5dd");
  }
  return std::move(svg).finish();
}

}  // namespace ecmpd::hash::lab
