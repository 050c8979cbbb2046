// A drawing as SVG text: the few shapes that charts are made of. Coordinates in pixels, origin at the top left. Values.
#pragma once

#include <string>
#include <string_view>

namespace ecmpd::hash::lab {

/// For text and attributes of HTML and SVG.
std::string escape_markup(std::string_view text);

class Svg {
 public:
  enum class Anchor : uint8_t { kStart, kMiddle, kEnd };

  /// `label` is what a screen reader says.
  Svg(double width, double height, std::string_view label);

  /// `hint`, where it is given, is shown when the pointer rests on the shape.
  void rect(double x, double y, double width, double height, std::string_view fill, std::string_view hint = {});
  void circle(double x, double y, double radius, std::string_view fill, std::string_view hint = {});
  void line(double x1, double y1, double x2, double y2, std::string_view stroke, double width = 1);
  void text(double x, double y, std::string_view text, Anchor anchor = Anchor::kStart,
            std::string_view fill = "#1f2933", double size = 12);

  std::string finish() &&;

 private:
  std::string out_;
};

}  // namespace ecmpd::hash::lab
