#include "hash/lab/svg.h"

#include <fmt/core.h>

namespace ecmpd::hash::lab {
namespace {

/// The end of a shape's element: empty, or with its hint.
std::string closing(std::string_view element, std::string_view hint) {
  if (hint.empty()) return "/>\n";
  return fmt::format("><title>{}</title></{}>\n", escape_markup(hint), element);
}

}  // namespace

std::string escape_markup(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

Svg::Svg(double width, double height, std::string_view label)
    : out_(fmt::format("<svg viewBox=\"0 0 {0:.0f} {1:.0f}\" width=\"{0:.0f}\" height=\"{1:.0f}\" role=\"img\" "
                       "aria-label=\"{2}\" xmlns=\"http://www.w3.org/2000/svg\">\n",
                       width, height, escape_markup(label))) {}

void Svg::rect(double x, double y, double width, double height, std::string_view fill, std::string_view hint) {
  out_ += fmt::format("<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" fill=\"{}\"{}", x, y, width,
                      height, fill, closing("rect", hint));
}

void Svg::circle(double x, double y, double radius, std::string_view fill, std::string_view hint) {
  out_ += fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"{:.1f}\" fill=\"{}\"{}", x, y, radius, fill,
                      closing("circle", hint));
}

void Svg::line(double x1, double y1, double x2, double y2, std::string_view stroke, double width) {
  out_ += fmt::format(
      "<line x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\" stroke=\"{}\" stroke-width=\"{:.1f}\"/>\n", x1, y1,
      x2, y2, stroke, width);
}

void Svg::text(double x, double y, std::string_view text, Anchor anchor, std::string_view fill, double size) {
  const std::string_view where = anchor == Anchor::kStart ? "start" : anchor == Anchor::kMiddle ? "middle" : "end";
  out_ += fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\" fill=\"{}\" font-size=\"{:.0f}\">{}</text>\n",
                      x, y, where, fill, size, escape_markup(text));
}

std::string Svg::finish() && { return std::move(out_) + "</svg>\n"; }

}  // namespace ecmpd::hash::lab
