#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "model/evaluation.hpp"

namespace tessera {

/// A number of an evaluation that formulas and limits speak of, with its unit there.
enum class Metric : std::uint8_t {
  energy,       ///< pJ
  latency,      ///< s
  cycles,       ///< cycles
  area,         ///< mm2
  edp,          ///< J*s
  power,        ///< W
  dram_words,   ///< words
  utilization,  ///< 0 to 1
  throughput,   ///< runs of the problem a second
};
inline constexpr std::size_t kMetrics = 9;

std::string_view to_string(Metric metric);
std::optional<Metric> parse_metric(std::string_view name);
/// The names of all metrics, in their order.
std::vector<std::string_view> metric_names();

/// By metric.
using MetricValues = std::array<double, kMetrics>;
MetricValues metrics_of(const Evaluation& evaluation);

/// Arithmetic over metrics: `0.5*energy + 2e9*latency`, `energy * latency^2`. Numbers, names of
/// metrics, + - * / ^ and parentheses; ^ binds tightest and from the right, a sign looser than ^.
class MetricFormula {
 public:
  /// The formula, or what is wrong with the text, as part of a sentence.
  static std::variant<MetricFormula, std::string> parse(std::string_view text);

  const std::string& text() const { return text_; }
  /// May be infinite or not a number, where something is divided by zero.
  double value(const MetricValues& metrics) const;
  /// True if it is plain that the value is never negative and never falls where energy, latency,
  /// cycles, area, edp and dram_words rise, and nothing else matters: then bounds on those bound
  /// the formula.
  bool rises() const;

 private:
  class Parser;
  struct Step {
    enum class Kind : std::uint8_t {
      number,
      metric,
      add,
      subtract,
      multiply,
      divide,
      raise,
      negate
    };
    Kind kind = Kind::number;
    Metric metric = Metric::energy;
    double number = 0;
  };
  static constexpr std::size_t kDeepest = 32;  ///< values at a time
  static constexpr std::size_t kLongest = 256;

  std::string text_;
  std::vector<Step> steps_;  ///< in postfix order
};

}  // namespace tessera
