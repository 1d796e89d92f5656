#pragma once

#include <algorithm>
#include <vector>

#include "mapper/constraints.hpp"
#include "mapper/mapping.hpp"
#include "tests/random_source.hpp"

namespace tessera::test {

inline std::vector<LevelId> memories_of(const Architecture& architecture) {
  std::vector<LevelId> memories;
  for (std::size_t i = 0; i < architecture.hierarchy.size(); ++i) {
    if (architecture.memory(LevelId(i)) != nullptr) {
      memories.emplace_back(i);
    }
  }
  return memories;
}

inline std::vector<AxisRef> axes_of(const Architecture& architecture) {
  std::vector<AxisRef> axes;
  for (std::size_t i = 0; i < architecture.hierarchy.size(); ++i) {
    if (const Fanout* fanout = architecture.fanout(LevelId(i))) {
      for (std::size_t k = 0; k < fanout->axes.size(); ++k) {
        axes.push_back({LevelId(i), static_cast<std::uint8_t>(k)});
      }
    }
  }
  return axes;
}

/// Up to three bounds that cover `bound` so that none can be lowered.
inline std::vector<std::int64_t> random_bounds(RandomSource& random, std::int64_t bound) {
  std::vector<std::int64_t> bounds;
  std::int64_t product = 1;
  for (std::int64_t i = random.integer(0, 2); i > 0 && product < bound; --i) {
    bounds.push_back(random.integer(1, std::min<std::int64_t>(bound, 6)));
    product *= bounds.back();
  }
  bounds.push_back((bound - 1) / product + 1);
  random.shuffle(bounds);
  for (std::size_t i = 0; i < bounds.size(); ++i) {
    std::int64_t others = 1;
    for (std::size_t j = 0; j < bounds.size(); ++j) {
      others *= j == i ? 1 : bounds[j];
    }
    bounds[i] = (bound - 1) / others + 1;
  }
  std::erase(bounds, 1);
  return bounds;
}

/// Any mapping that `validate` accepts: each tensor in a random set of memories, holds and loops
/// interleaved at random.
inline Mapping random_mapping(RandomSource& random, const Problem& problem,
                              const Architecture& architecture) {
  const std::vector<LevelId> memories = memories_of(architecture);
  const std::vector<AxisRef> axes = axes_of(architecture);
  Mapping mapping;
  std::vector<std::vector<LevelId>> inner(problem.tensors.size());
  std::vector<std::size_t> order;  // a tensor's next hold, or (from tensors.size()) a loop
  for (std::size_t t = 0; t < problem.tensors.size(); ++t) {
    TensorSet tensors;
    tensors.insert(TensorId(t));
    bool first = true;
    for (std::size_t m = 0; m < memories.size(); ++m) {
      const bool last_chance = first && m + 1 == memories.size();
      if (!last_chance && random.chance(40)) {
        continue;
      }
      if (first) {
        mapping.nodes.emplace_back(Hold{memories[m], tensors});
      } else {
        inner[t].push_back(memories[m]);
        order.push_back(t);
      }
      first = false;
    }
  }
  std::vector<Loop> loops;
  for (std::size_t d = 0; d < problem.dimensions.size(); ++d) {
    for (const std::int64_t bound : random_bounds(random, problem.dimensions[d].bound)) {
      Loop loop{DimensionId(d), bound, std::nullopt};
      if (!axes.empty() && random.chance(40)) {
        loop.axis = random.pick(axes);
      }
      order.push_back(problem.tensors.size() + loops.size());
      loops.push_back(loop);
    }
  }
  random.shuffle(order);
  std::vector<std::size_t> next(problem.tensors.size(), 0);
  for (const std::size_t step : order) {
    if (step >= problem.tensors.size()) {
      mapping.nodes.emplace_back(loops[step - problem.tensors.size()]);
      continue;
    }
    TensorSet tensors;
    tensors.insert(TensorId(step));
    const LevelId memory = inner[step][next[step]++];
    auto* before = std::get_if<Hold>(&mapping.nodes.back());
    if (before != nullptr && before->memory == memory && random.chance(70)) {
      before->tensors.insert(TensorId(step));
    } else {
      mapping.nodes.emplace_back(Hold{memory, tensors});
    }
  }
  return mapping;
}

/// Any constraints that the parser's rules allow.
inline Constraints random_constraints(RandomSource& random, const Problem& problem,
                                      const Architecture& architecture) {
  Constraints constraints;
  const auto random_dimensions = [&] {
    std::vector<DimensionId> dimensions;
    for (std::size_t d = 0; d < problem.dimensions.size(); ++d) {
      if (random.chance(50)) {
        dimensions.emplace_back(d);
      }
    }
    random.shuffle(dimensions);
    return dimensions;
  };
  for (const LevelId level : memories_of(architecture)) {
    if (random.chance(40)) {
      continue;
    }
    MemoryConstraint rules{.memory = level, .keep = {}, .bypass = {}, .loops = {}, .innermost = {}};
    for (std::size_t t = 0; t < problem.tensors.size(); ++t) {
      const Memory& memory = *architecture.memory(level);
      const TensorKind kind = problem.tensors[t].kind;
      if (random.chance(30) && !memory.bypass.contains(kind)) {
        rules.keep.insert(TensorId(t));
      } else if (level.index() > 0 && random.chance(30) && !memory.keep.contains(kind)) {
        rules.bypass.insert(TensorId(t));
      }
    }
    for (const DimensionId dimension : random_dimensions()) {
      rules.loops.emplace_back(dimension, random.integer(1, 2 * problem.at(dimension).bound - 1));
    }
    rules.innermost = random_dimensions();
    constraints.memories.push_back(rules);
  }
  for (const AxisRef axis : axes_of(architecture)) {
    if (random.chance(50)) {
      AxisConstraint rule{axis, {}};
      for (const DimensionId dimension : random_dimensions()) {
        rule.allowed.insert(dimension);
      }
      constraints.axes.push_back(rule);
    }
  }
  constraints.min_utilization =
      random.chance(50) ? 0 : static_cast<double>(random.integer(0, 1000)) / 1000;
  return constraints;
}

}  // namespace tessera::test
