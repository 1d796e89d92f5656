#include "app/sweep/known_front.hpp"

#include <variant>

#include <fmt/format.h>

#include "app/errors.hpp"

namespace tessera {

namespace {

constexpr std::size_t kDigits = 16;
constexpr int kHexadecimal = 16;

/// Division is monotone, so bounds stay bounds.
double value_by_item(const Objective& objective, const Evaluation& e, double items) {
  switch (objective) {
    case Objective::energy:
      return e.energy_pj / items;
    case Objective::latency:
      return e.latency_s / items;
    case Objective::dram_words:
      return static_cast<double>(e.dram_words) / items;
    case Objective::edp:
      return e.edp_js() / (items * items);
    case Objective::formula: {
      MetricValues metrics = metrics_of(e);
      const auto metric = [&](Metric which) -> double& {
        return metrics[static_cast<std::size_t>(which)];
      };
      for (const Metric which :
           {Metric::energy, Metric::latency, Metric::cycles, Metric::dram_words}) {
        metric(which) /= items;
      }
      metric(Metric::edp) /= items * items;
      metric(Metric::throughput) *= items;
      return objective.terms().value(metrics);
    }
    case Objective::area:
    case Objective::power:
      return value_of(objective, e);
  }
  return 0;
}

}  // namespace

std::vector<double> compared_values(const std::vector<Objective>& objectives, const Evaluation& e,
                                    std::int64_t items, bool by_item) {
  std::vector<double> values;
  for (const Objective& objective : objectives) {
    values.push_back(by_item ? value_by_item(objective, e, static_cast<double>(items))
                     : objective == Objective::latency ? e.latency_s
                                                       : value_of(objective, e));
  }
  return values;
}

std::vector<Objective> objectives_of(const SweepIdentity& identity) {
  std::vector<Objective> objectives;
  for (const std::string& name : identity.objectives) {
    const auto parsed = parse_objective(name);
    if (!std::holds_alternative<Objective>(parsed)) {
      throw UsageError(fmt::format("the objective '{}' of the results cannot be read", name));
    }
    objectives.push_back(std::get<Objective>(parsed));
  }
  return objectives;
}

Evaluation evaluation_of(const FrontRow& row) {
  Evaluation e;
  e.energy_pj = row.energy_pj;
  e.cycles = row.cycles;
  e.latency_s = row.latency_s;
  e.area_mm2 = row.area_mm2;
  e.utilization = row.utilization;
  e.dram_words = row.dram_words;
  e.operations = row.operations;
  return e;
}

void KnownFront::add(const PointResult& result) {
  for (const FrontRow& row : result.front) {
    ParetoPoint point;
    point.values = compared_values(objectives_, evaluation_of(row), result.batch, by_item_);
    point.key = fmt::format("{:016x}{:016x}", row.point, row.place);
    front_.insert(std::move(point));
  }
}

std::set<std::pair<std::uint64_t, std::uint64_t>> KnownFront::rows() const {
  std::set<std::pair<std::uint64_t, std::uint64_t>> list;
  for (const ParetoPoint& point : front_.points()) {
    list.emplace(std::stoull(point.key.substr(0, kDigits), nullptr, kHexadecimal),
                 std::stoull(point.key.substr(kDigits), nullptr, kHexadecimal));
  }
  return list;
}

std::optional<std::uint64_t> KnownFront::dominating(const Evaluation& least,
                                                    std::int64_t items) const {
  const std::vector<double> bound = compared_values(objectives_, least, items, by_item_);
  for (const ParetoPoint& point : front_.points()) {
    bool reached = true;
    bool better = false;
    for (std::size_t o = 0; o < bound.size(); ++o) {
      reached = reached && point.values[o] <= bound[o];
      better = better || point.values[o] < bound[o];
    }
    if (reached && better) {
      return std::stoull(point.key.substr(0, kDigits), nullptr, kHexadecimal);
    }
  }
  return std::nullopt;
}

}  // namespace tessera
