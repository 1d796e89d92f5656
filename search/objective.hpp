#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "model/evaluation.hpp"
#include "search/formula.hpp"

namespace tessera {

/// What can be minimised: a metric, or a formula over metrics. Where only the kind matters, an
/// objective stands for it, also in `switch`.
class Objective {
 public:
  enum Kind : std::uint8_t { energy, latency, area, edp, power, dram_words, formula };

  Objective(Kind kind) : kind_(kind) {}  // NOLINT: a kind is an objective
  explicit Objective(MetricFormula terms) : kind_(formula), terms_(std::move(terms)) {}

  operator Kind() const { return kind_; }  // NOLINT: and the other way round
  /// Of a formula.
  const MetricFormula& terms() const { return *terms_; }

 private:
  Kind kind_;
  std::optional<MetricFormula> terms_;
};

/// Its name, or its formula as it was given.
std::string_view to_string(const Objective& objective);
/// A name of a kind is that kind, anything else a formula; or what is wrong with it.
std::variant<Objective, std::string> parse_objective(std::string_view text);
/// The names of the kinds but `formula`.
std::vector<std::string_view> objective_names();

/// The value of one objective: pJ, cycles (exact, orders as seconds do), mm2, J*s, W, words; of a
/// formula what it comes to in the units of its metrics.
double value_of(const Objective& objective, const Evaluation& evaluation);

/// A bound on a metric that no result may break: a least one for utilization and throughput, a most
/// one for all others.
struct Limit {
  Metric metric = Metric::energy;
  double bound = 0;  ///< in the metric's unit
  std::string text;  ///< as it was given, such as `300 mW`

  bool at_least() const { return metric == Metric::utilization || metric == Metric::throughput; }
};

/// The objective whose least value is the best that the metric can be: latency for a utilization.
Objective limited_objective(Metric metric);

/// Reads a limit on the metric of this name: `300 mW`, `33 ms`, `30 frames/s`, `50 %`; or says what
/// was expected.
std::variant<Limit, std::string> parse_limit(Metric metric, std::string_view text);

/// Index of the first limit that the evaluation breaks.
std::optional<std::size_t> find_broken(const std::vector<Limit>& limits,
                                       const Evaluation& evaluation);

}  // namespace tessera
