#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "arch/class_files.hpp"
#include "arch/formulas.hpp"
#include "spec/node.hpp"

namespace tessera {

/// How costs change from one technology node to another, as a file of arch/technology says: for
/// each kind of circuit a formula over node and voltage, of which only ratios count.
class Scaling {
 public:
  /// What a scaling has a formula for. Class files use them as `scale.energy` and so on.
  static constexpr std::array<std::string_view, 9> kFactors = {
      "energy", "int_add", "int_mul", "fp_add", "fp_mul", "sram", "wire", "area", "sram_area"};

  /// Reads the value of the top-level key `scaling`. Throws SpecError.
  static Scaling parse(const SpecNode& node);

  const std::string& name() const { return name_; }
  const std::string& source() const { return source_; }

  struct Point {
    double node_nm = 0;
    double voltage = 0;  ///< 0: not said, no formula may use it then
  };
  /// The formula of `factor` at `to` over the one at `from`; 1 where they are equal; NaN where one
  /// of them lies outside what the scaling knows.
  double ratio(std::string_view factor, Point from, Point to) const;
  /// "7 nm to 130 nm", for messages.
  const std::string& range_text() const { return range_text_; }

 private:
  double value(std::string_view factor, Point at) const;

  std::string name_;
  std::string source_;
  std::string range_text_;
  double least_nm_ = 0;
  double most_nm_ = 0;
  Formulas formulas_;
  std::map<std::string, Expression, std::less<>> factors_;
};

/// The value of the architecture's key `technology`: a text such as `65 nm`, or a map:
///
///   technology: {node: 65 nm, voltage: 1 V, devices: lstp, scaling: stillmaker}
struct Technology {
  std::string text;  ///< named in reports
  std::optional<double> node_nm;
  std::optional<double> voltage;  ///< absent: each class's own
  std::string devices = "lstp";   ///< device family, which leakage hangs on: lstp, lop or hp
  std::string scaling = "stillmaker";
  std::optional<SpecNode> place;  ///< of the key's value
  std::optional<SpecNode> scaling_place;
  bool detailed = false;  ///< written as a map
};

/// Throws SpecError.
Technology parse_technology(const SpecNode& node);

/// What a technology is called where component classes have used it: with its scaling and devices.
std::string full_text(const Technology& technology);

}  // namespace tessera
