#include "search/exact_objectives.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "search/search_error.hpp"

namespace tessera {
namespace {

/// Limits are compared with values that the model rounds in its own way.
constexpr double kLimitRounding = 1e-11;

}  // namespace

ExactObjectives::ExactObjectives(const Problem& problem, const Architecture& architecture,
                                 const SearchOptions& options)
    : objectives_(options.objectives),
      limits_(options.limits),
      power_(problem, architecture),
      clock_hz_(architecture.clock_hz),
      lane_operations_(
          static_cast<double>(problem.operations()) /
          static_cast<double>(architecture.instances(LevelId(architecture.hierarchy.size() - 1)))) {
  for (const Objective& objective : objectives_) {
    needs_power_ = needs_power_ || objective == Objective::power;
  }
  for (const Limit& limit : limits_) {
    needs_power_ = needs_power_ || limit.metric == Metric::power;
  }
  if (objectives_.size() > kMostObjectives) {
    throw SearchError("more than " + std::to_string(kMostObjectives) + " objectives are given");
  }
  for (std::size_t i = 0; i < architecture.hierarchy.size(); ++i) {
    const double area =
        std::visit([](const auto& e) { return e.area_mm2.value_or(0); }, architecture.hierarchy[i]);
    area_mm2_ += area * static_cast<double>(architecture.instances(LevelId(i)));
  }
  area_mm2_ *= 1 + architecture.area_overhead;
}

void ExactObjectives::bounds(const TermCost& cost, ObjectiveBounds& values) const {
  const double cycles = std::ceil(cost.cycles * (1 - kExactRounding));
  for (std::size_t o = 0; o < objectives_.size(); ++o) {
    switch (objectives_[o]) {
      case Objective::energy:
        values[o] = cost.energy_pj;
        break;
      case Objective::latency:
        values[o] = cycles;
        break;
      case Objective::area:
        values[o] = area_mm2_;
        break;
      case Objective::edp:
        values[o] = cost.energy_pj * 1e-12 * (cycles / clock_hz_);
        break;
      case Objective::dram_words:
        values[o] = cost.dram_words;
        break;
      case Objective::power:
        values[o] = power_.least(cost);
        break;
      case Objective::formula: {
        // It rises with all of these, and knows no others: exact_obstacle() refuses the rest.
        MetricValues metrics{};
        const auto set = [&](Metric metric, double value) {
          metrics[static_cast<std::size_t>(metric)] = value;
        };
        const double latency_s = cycles / clock_hz_;
        set(Metric::energy, cost.energy_pj);
        set(Metric::latency, latency_s);
        set(Metric::cycles, cycles);
        set(Metric::area, area_mm2_);
        set(Metric::edp, cost.energy_pj * 1e-12 * latency_s);
        set(Metric::dram_words, cost.dram_words);
        values[o] = objectives_[o].terms().value(metrics);
        break;
      }
    }
  }
}

void ExactObjectives::bounds(const BatchCosts& costs, std::size_t count, BatchRow* values) const {
  for (std::size_t o = 0; o < objectives_.size(); ++o) {
    if (objectives_[o] == Objective::energy) {
      values[o] = costs.energy_pj;
    } else if (objectives_[o] == Objective::dram_words) {
      values[o] = costs.dram_words;
    } else if (objectives_[o] == Objective::latency) {
      for (std::size_t i = 0; i < count; ++i) {
        values[o][i / 2][i % 2] = std::ceil(costs.cycles[i / 2][i % 2] * (1 - kExactRounding));
      }
    } else {
      for (std::size_t i = 0; i < count; ++i) {
        ObjectiveBounds of_one;
        bounds(costs.at(i), of_one);
        values[o][i / 2][i % 2] = of_one[o];
      }
    }
  }
}

bool ExactObjectives::beyond_limits(const TermCost& cost) const {
  if (limits_.empty()) {
    return false;
  }
  const double cycles = std::ceil(cost.cycles * (1 - kExactRounding));
  const double latency_s = cycles / clock_hz_;
  const auto least_of = [&](Metric metric) {
    switch (metric) {
      case Metric::energy:
        return cost.energy_pj;
      case Metric::latency:
        return latency_s;
      case Metric::cycles:
        return cycles;
      case Metric::area:
        return area_mm2_;
      case Metric::edp:
        return cost.energy_pj * 1e-12 * latency_s;
      case Metric::power:
        return power_.least(cost);
      case Metric::dram_words:
        return cost.dram_words;
      case Metric::utilization:  // at most
        return cycles > 0 ? lane_operations_ / cycles : 1;
      case Metric::throughput:  // at most
        return latency_s > 0 ? 1 / latency_s : std::numeric_limits<double>::infinity();
    }
    return 0.0;
  };
  return std::any_of(limits_.begin(), limits_.end(), [&](const Limit& limit) {
    const double value = least_of(limit.metric);
    return limit.at_least() ? value * (1 + kLimitRounding) < limit.bound
                            : value * (1 - kLimitRounding) > limit.bound;
  });
}

double ExactObjectives::rank(const ObjectiveBounds& values) const {
  double product = 1;
  for (std::size_t o = 0; o < objectives_.size(); ++o) {
    product *= values[o];
  }
  return product;
}

void Incumbents::reset(const ParetoFront& front) {
  points_.clear();
  for (const ParetoPoint& point : front.points()) {
    add(point.values);
  }
}

void Incumbents::add(const std::vector<double>& values) {
  width_ = values.size();
  points_.emplace_back();
  std::copy(values.begin(), values.end(), points_.back().begin());
}

bool Incumbents::reach(const ObjectiveBounds& bound, std::size_t first) const {
  for (std::size_t p = first; p < points_.size(); ++p) {
    bool below = true;
    for (std::size_t i = 0; i < width_ && below; ++i) {
      below = points_[p][i] <= bound[i] * (1 + kExactRounding);
    }
    if (below) {
      return true;
    }
  }
  return false;
}

void Incumbents::reach(const BatchRow* bounds, std::size_t count,
                       std::array<bool, kBatch>& open) const {
  const std::size_t pairs = (count + 1) / 2;
  for (const ObjectiveBounds& point : points_) {
    std::array<PairMask, kBatch / 2> below;
    below.fill(PairMask{-1, -1});
    for (std::size_t o = 0; o < width_; ++o) {
      for (std::size_t i = 0; i < pairs; ++i) {
        below[i] &= Pair{} + point[o] <= bounds[o][i] * (1 + kExactRounding);
      }
    }
    for (std::size_t i = 0; i < count; ++i) {
      open[i] = open[i] && below[i / 2][i % 2] == 0;
    }
  }
}

}  // namespace tessera
