#include "tests/oracle/nest.hpp"

namespace tessera::oracle {

Nest::Nest(const Problem& problem, const Architecture& architecture, const Mapping& mapping) {
  read_digits(mapping);
  step_values = values_of(false);
  instance_values = values_of(true);
  find_work(problem);
  name_instances(architecture.hierarchy.size());
}

void Nest::read_digits(const Mapping& mapping) {
  for (std::size_t node = 0; node < mapping.nodes.size(); ++node) {
    const auto* loop = std::get_if<Loop>(&mapping.nodes[node]);
    if (loop == nullptr) {
      continue;
    }
    Digit digit;
    digit.node = node;
    digit.dimension = loop->dimension.index();
    digit.bound = loop->bound;
    if (loop->axis) {
      digit.fanout = loop->axis->fanout.index();
      digit.axis = loop->axis->axis;
    }
    for (Digit& outer : digits) {
      if (outer.dimension == digit.dimension) {
        outer.weight *= digit.bound;
      }
    }
    digits.push_back(digit);
  }
}

/// Loops of the other sort stay at 0.
LoopValues Nest::values_of(bool spatial) const {
  LoopValues all;
  std::vector<std::int64_t> values(digits.size(), 0);
  for (;;) {
    all.push_back(values);
    std::size_t d = digits.size();
    for (; d > 0; --d) {
      if (digits[d - 1].fanout.has_value() != spatial) {
        continue;
      }
      if (++values[d - 1] < digits[d - 1].bound) {
        break;
      }
      values[d - 1] = 0;
    }
    if (d == 0) {
      return all;
    }
  }
}

/// What the loops' values add to the index of each dimension.
std::vector<std::int64_t> Nest::index_parts(const LoopValues& values,
                                            std::size_t dimensions) const {
  std::vector<std::int64_t> parts(values.size() * dimensions, 0);
  for (std::size_t i = 0; i < values.size(); ++i) {
    for (std::size_t d = 0; d < digits.size(); ++d) {
      parts[i * dimensions + digits[d].dimension] += values[i][d] * digits[d].weight;
    }
  }
  return parts;
}

void Nest::find_work(const Problem& problem) {
  const std::size_t dimensions = problem.dimensions.size();
  const auto by_step = index_parts(step_values, dimensions);
  const auto by_instance = index_parts(instance_values, dimensions);
  std::vector<std::int64_t> index(dimensions);
  for (std::size_t step = 0; step < step_values.size(); ++step) {
    for (std::size_t instance = 0; instance < instance_values.size(); ++instance) {
      bool exists = true;
      for (std::size_t d = 0; d < dimensions; ++d) {
        index[d] = by_step[step * dimensions + d] + by_instance[instance * dimensions + d];
        exists = exists && index[d] < problem.dimensions[d].bound;
      }
      if (exists) {
        work.push_back({static_cast<std::uint32_t>(step), static_cast<std::uint32_t>(instance)});
        indices.insert(indices.end(), index.begin(), index.end());
      }
    }
  }
}

void Nest::name_instances(std::size_t levels) {
  outside.resize(levels);
  inside.resize(levels);
  for (std::size_t level = 0; level < levels; ++level) {
    for (const auto& values : instance_values) {
      std::uint32_t above = 0;
      std::uint32_t below = 0;
      for (std::size_t d = 0; d < digits.size(); ++d) {
        const auto value = static_cast<std::uint32_t>(values[d]);
        const auto bound = static_cast<std::uint32_t>(digits[d].bound);
        if (digits[d].fanout && *digits[d].fanout < level) {
          above = above * bound + value;
        }
        if (digits[d].fanout && *digits[d].fanout <= level) {
          below = below * bound + value;
        }
      }
      outside[level].push_back(above);
      inside[level].push_back(below);
    }
  }
}

}  // namespace tessera::oracle
