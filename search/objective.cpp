#include "search/objective.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <utility>

#include "spec/units.hpp"

namespace tessera {
namespace {

constexpr std::array<std::pair<Objective::Kind, std::string_view>, 6> kNames = {{
    {Objective::energy, "energy"},
    {Objective::latency, "latency"},
    {Objective::area, "area"},
    {Objective::edp, "edp"},
    {Objective::power, "power"},
    {Objective::dram_words, "dram_words"},
}};

/// A non-negative number in front of one of `units`, with spaces between.
std::optional<double> number_with(std::string_view text,
                                  std::initializer_list<std::string_view> units) {
  double number = 0;
  const auto end = std::from_chars(text.data(), text.data() + text.size(), number);
  if (end.ec != std::errc() || !std::isfinite(number) || number < 0) {
    return std::nullopt;
  }
  text.remove_prefix(static_cast<std::size_t>(end.ptr - text.data()));
  while (!text.empty() && text.front() == ' ') {
    text.remove_prefix(1);
  }
  for (const std::string_view unit : units) {
    if (text == unit) {
      return number;
    }
  }
  return std::nullopt;
}

/// The bound in the metric's unit.
std::optional<double> bound_of(Metric metric, std::string_view text) {
  const auto quantity = [&](Measure measure) -> std::optional<double> {
    const auto read = parse_quantity(text, measure);
    return read && read->per.empty() ? std::optional(read->value) : std::nullopt;
  };
  switch (metric) {
    case Metric::energy:
      return quantity(Measure::energy);
    case Metric::latency:
      return quantity(Measure::time);
    case Metric::area:
      return quantity(Measure::area);
    case Metric::power:
      return quantity(Measure::power);
    case Metric::cycles:
      return number_with(text, {"", "cycles"});
    case Metric::dram_words:
      return number_with(text, {"", "words"});
    case Metric::edp:
      return number_with(text, {"", "J*s", "Js"});
    case Metric::throughput:
      return number_with(text, {"frames/s", "/s", "fps"});
    case Metric::utilization:
      if (const auto percent = number_with(text, {"%"})) {
        return *percent <= 100 ? std::optional(*percent / 100) : std::nullopt;
      }
      const auto share = number_with(text, {""});
      return share && *share <= 1 ? share : std::nullopt;
  }
  return std::nullopt;
}

std::string expected_of(Metric metric) {
  switch (metric) {
    case Metric::energy:
      return "an energy such as 1.5 mJ (fJ, pJ, nJ, uJ, mJ or J)";
    case Metric::latency:
      return std::string(describe(Measure::time));
    case Metric::area:
      return std::string(describe(Measure::area));
    case Metric::power:
      return std::string(describe(Measure::power));
    case Metric::cycles:
      return "a number of cycles";
    case Metric::dram_words:
      return "a number of words";
    case Metric::edp:
      return "an energy-delay product such as 4e-6 J*s";
    case Metric::throughput:
      return "a throughput such as 30 frames/s";
    case Metric::utilization:
      return "a share such as 0.5 or 50 %";
  }
  return "";
}

}  // namespace

std::string_view to_string(const Objective& objective) {
  if (objective == Objective::formula) {
    return objective.terms().text();
  }
  return kNames[static_cast<std::size_t>(objective)].second;
}

std::variant<Objective, std::string> parse_objective(std::string_view text) {
  for (const auto& [kind, known] : kNames) {
    if (known == text) {
      return Objective(kind);
    }
  }
  auto parsed = MetricFormula::parse(text);
  if (auto* fault = std::get_if<std::string>(&parsed)) {
    return std::move(*fault);
  }
  return Objective(std::get<MetricFormula>(std::move(parsed)));
}

std::vector<std::string_view> objective_names() {
  std::vector<std::string_view> names;
  for (const auto& [kind, name] : kNames) {
    names.push_back(name);
  }
  return names;
}

double value_of(const Objective& objective, const Evaluation& evaluation) {
  switch (objective) {
    case Objective::energy:
      return evaluation.energy_pj;
    case Objective::latency:
      return static_cast<double>(evaluation.cycles);
    case Objective::area:
      return evaluation.area_mm2;
    case Objective::edp:
      return evaluation.edp_js();
    case Objective::power:
      return evaluation.power_w();
    case Objective::dram_words:
      return static_cast<double>(evaluation.dram_words);
    case Objective::formula:
      return objective.terms().value(metrics_of(evaluation));
  }
  return 0;
}

Objective limited_objective(Metric metric) {
  switch (metric) {
    case Metric::energy:
      return Objective::energy;
    case Metric::area:
      return Objective::area;
    case Metric::edp:
      return Objective::edp;
    case Metric::power:
      return Objective::power;
    case Metric::dram_words:
      return Objective::dram_words;
    case Metric::latency:
    case Metric::cycles:
    case Metric::utilization:
    case Metric::throughput:
      return Objective::latency;
  }
  return Objective::latency;
}

std::variant<Limit, std::string> parse_limit(Metric metric, std::string_view text) {
  if (const auto bound = bound_of(metric, text)) {
    return Limit{metric, *bound, std::string(text)};
  }
  return "expected " + expected_of(metric) + ", got '" + std::string(text) + "'";
}

std::optional<std::size_t> find_broken(const std::vector<Limit>& limits,
                                       const Evaluation& evaluation) {
  if (limits.empty()) {
    return std::nullopt;
  }
  const MetricValues values = metrics_of(evaluation);
  for (std::size_t i = 0; i < limits.size(); ++i) {
    const double value = values[static_cast<std::size_t>(limits[i].metric)];
    if (limits[i].at_least() ? value < limits[i].bound : value > limits[i].bound) {
      return i;
    }
  }
  return std::nullopt;
}

}  // namespace tessera
