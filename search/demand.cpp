// What could be given up, one by one. Indices into lists of rules stay good when several demands
// are dropped: a dropped rule stays in its list, but says nothing.

#include "search/demand.hpp"

#include <algorithm>
#include <limits>

#include "arch/tile_room.hpp"

namespace tessera {
namespace {

using Kind = Demand::Kind;

bool has_kind(const Problem& problem, TensorKind kind) {
  return std::any_of(problem.tensors.begin(), problem.tensors.end(),
                     [&](const Tensor& tensor) { return tensor.kind == kind; });
}

void list_machine(const Problem& problem, const SearchCase& given, std::vector<Demand>& demands) {
  const Architecture& architecture = given.architecture;
  for (std::size_t i = 0; i < architecture.hierarchy.size(); ++i) {
    const LevelId level(i);
    if (const Memory* memory = architecture.memory(level)) {
      if (memory->capacity) {
        demands.push_back({.kind = Kind::capacity, .level = level});
      }
      for (const TensorKind kind : kTensorKinds) {
        // The outermost memory holds all that it is not told to bypass.
        if (i > 0 && memory->keep.contains(kind) && has_kind(problem, kind)) {
          demands.push_back({.kind = Kind::machine_keep, .level = level, .tensor_kind = kind});
        }
        if (memory->bypass.contains(kind) && has_kind(problem, kind)) {
          demands.push_back({.kind = Kind::machine_bypass, .level = level, .tensor_kind = kind});
        }
      }
    } else if (const Fanout* fanout = architecture.fanout(level)) {
      const bool asked =
          std::any_of(given.constraints.factors.begin(), given.constraints.factors.end(),
                      [&](const FactorConstraint& rule) {
                        return rule.level == level && rule.relation != FactorRelation::at_most;
                      });
      for (std::size_t a = 0; a < fanout->axes.size(); ++a) {
        const auto axis = static_cast<std::uint8_t>(a);
        if (asked) {
          demands.push_back({.kind = Kind::axis_size, .level = level, .axis = axis});
        }
        if (!fanout->axes[a].reuse.empty()) {
          demands.push_back({.kind = Kind::axis_reuse, .level = level, .axis = axis});
        }
      }
    }
  }
}

void list_memory_rules(const Problem& problem, const SearchCase& given,
                       std::vector<Demand>& demands) {
  for (std::size_t m = 0; m < given.constraints.memories.size(); ++m) {
    const MemoryConstraint& rules = given.constraints.memories[m];
    const Demand of_rules{.level = rules.memory, .index = m};
    const auto add = [&](Kind kind) -> Demand& {
      demands.push_back(of_rules);
      demands.back().kind = kind;
      return demands.back();
    };
    for (std::size_t t = 0; t < problem.tensors.size(); ++t) {
      if (rules.keep.contains(TensorId(t))) {
        add(Kind::keep).tensor = TensorId(t);
      }
      if (rules.bypass.contains(TensorId(t))) {
        add(Kind::bypass).tensor = TensorId(t);
      }
    }
    for (std::size_t l = 0; l < rules.loops.size(); ++l) {
      add(Kind::loops).part = l;
    }
    if (!rules.innermost.empty()) {
      add(Kind::innermost);
    }
    if (rules.min_utilization > 0) {
      add(Kind::fill);
    }
  }
}

void list_other_rules(const SearchCase& given, std::vector<Demand>& demands) {
  const Constraints& constraints = given.constraints;
  for (std::size_t i = 0; i < constraints.axes.size(); ++i) {
    const AxisRef axis = constraints.axes[i].axis;
    demands.push_back({.kind = Kind::allowed, .level = axis.fanout, .axis = axis.axis, .index = i});
  }
  for (std::size_t i = 0; i < constraints.factors.size(); ++i) {
    demands.push_back({.kind = Kind::factor, .level = constraints.factors[i].level, .index = i});
  }
  for (std::size_t i = 0; i < constraints.orders.size(); ++i) {
    demands.push_back({.kind = Kind::order, .level = constraints.orders[i].memory, .index = i});
  }
}

/// An axis as long as any that the rules ask of its fanout need, as far as instances can be
/// counted. A loop of at least some bound may need its whole dimension, where bounds have to divide
/// it.
std::int64_t long_axis(const Problem& problem, const SearchCase& given, const Demand& demand) {
  const Fanout& fanout = *given.architecture.fanout(demand.level);
  std::int64_t others = 1;  // instances but for this axis
  for (std::size_t i = 0; i < given.architecture.hierarchy.size(); ++i) {
    if (const Fanout* each = given.architecture.fanout(LevelId(i))) {
      others *= each->instances();
    }
  }
  const std::int64_t size = fanout.axes[demand.axis].size;
  others /= size;
  const std::int64_t most = std::numeric_limits<std::int32_t>::max() / others;
  std::int64_t asked = 1;
  for (const FactorConstraint& rule : given.constraints.factors) {
    if (rule.level == demand.level && rule.relation != FactorRelation::at_most) {
      const std::int64_t bound = problem.at(rule.dimension).bound;
      const bool equal = rule.relation == FactorRelation::equal;
      asked = std::min(most, asked * (equal ? std::min(rule.factor, bound) : bound));
    }
  }
  return std::max(size, asked);
}

void drop(const Problem& problem, const Demand& demand, SearchCase& from) {
  Element& element = from.architecture.hierarchy[demand.level.index()];
  Constraints& rules = from.constraints;
  const auto erase = [&](KindSet& kinds) {
    kinds.bits =
        static_cast<std::uint8_t>(kinds.bits & ~(1u << static_cast<unsigned>(demand.tensor_kind)));
  };
  switch (demand.kind) {
    case Kind::factors:
      from.options.factors = Factors::imperfect;
      break;
    case Kind::space:
      from.options.space = Space::free;
      break;
    case Kind::capacity:
      std::get<Memory>(element).capacity.reset();
      break;
    case Kind::axis_size:
      std::get<Fanout>(element).axes[demand.axis].size = long_axis(problem, from, demand);
      break;
    case Kind::min_utilization:
      rules.min_utilization = 0;
      break;
    case Kind::limit: {
      Limit& limit = from.options.limits[demand.index];
      limit.bound = limit.at_least() ? 0 : std::numeric_limits<double>::infinity();
      break;
    }
    case Kind::fill:
      rules.memories[demand.index].min_utilization = 0;
      break;
    case Kind::machine_keep:
      erase(std::get<Memory>(element).keep);
      break;
    case Kind::machine_bypass:
      erase(std::get<Memory>(element).bypass);
      break;
    case Kind::axis_reuse:
      std::get<Fanout>(element).axes[demand.axis].reuse = {};
      break;
    case Kind::keep:
      rules.memories[demand.index].keep.erase(demand.tensor);
      break;
    case Kind::bypass:
      rules.memories[demand.index].bypass.erase(demand.tensor);
      break;
    case Kind::loops:
      // A product of 0 marks the rule as dropped; remove_dropped() takes it out.
      rules.memories[demand.index].loops[demand.part].second = 0;
      break;
    case Kind::innermost:
      rules.memories[demand.index].innermost.clear();
      break;
    case Kind::allowed:
      for (std::size_t d = 0; d < problem.dimensions.size(); ++d) {
        rules.axes[demand.index].allowed.insert(DimensionId(d));
      }
      break;
    case Kind::factor:
      rules.factors[demand.index].factor = 0;  // likewise
      break;
    case Kind::order:
      rules.orders[demand.index].order.clear();
      break;
  }
}

void remove_dropped(SearchCase& from) {
  for (MemoryConstraint& memory : from.constraints.memories) {
    std::erase_if(memory.loops, [](const auto& rule) { return rule.second == 0; });
  }
  std::erase_if(from.constraints.factors,
                [](const FactorConstraint& rule) { return rule.factor == 0; });
  std::erase_if(from.constraints.orders,
                [](const OrderConstraint& rule) { return rule.order.empty(); });
  std::erase_if(from.options.limits, [](const Limit& limit) {
    return limit.at_least() ? limit.bound <= 0
                            : limit.bound == std::numeric_limits<double>::infinity();
  });
}

}  // namespace

bool Demand::measured() const {
  return kind == Kind::capacity || kind == Kind::axis_size || kind == Kind::min_utilization ||
         kind == Kind::limit || kind == Kind::fill;
}

bool Demand::breakable() const {
  switch (kind) {
    case Kind::capacity:
    case Kind::min_utilization:
    case Kind::limit:
    case Kind::fill:
    case Kind::loops:
    case Kind::innermost:
    case Kind::factor:
    case Kind::order:
      return true;
    case Kind::factors:
    case Kind::space:
    case Kind::axis_size:
    case Kind::machine_keep:
    case Kind::machine_bypass:
    case Kind::axis_reuse:
    case Kind::keep:
    case Kind::bypass:
    case Kind::allowed:
      return false;
  }
  return false;
}

std::vector<Demand> demands_of(const Problem& problem, const SearchCase& given) {
  std::vector<Demand> demands;
  if (given.options.factors == Factors::perfect) {
    demands.push_back({.kind = Kind::factors});
  }
  if (given.options.space != Space::free) {
    demands.push_back({.kind = Kind::space});
  }
  list_machine(problem, given, demands);
  if (given.constraints.min_utilization > 0) {
    demands.push_back({.kind = Kind::min_utilization});
  }
  for (std::size_t i = 0; i < given.options.limits.size(); ++i) {
    demands.push_back({.kind = Kind::limit, .index = i});
  }
  list_memory_rules(problem, given, demands);
  list_other_rules(given, demands);
  std::stable_sort(demands.begin(), demands.end(),
                   [](const Demand& a, const Demand& b) { return a.kind < b.kind; });
  return demands;
}

SearchCase without(const Problem& problem, const SearchCase& given,
                   const std::vector<Demand>& demands) {
  SearchCase rest = given;
  for (const Demand& demand : demands) {
    drop(problem, demand, rest);
  }
  remove_dropped(rest);
  return rest;
}

SearchCase without(const Problem& problem, const SearchCase& given, const Demand& demand) {
  return without(problem, given, std::vector<Demand>{demand});
}

std::int64_t usable(const Memory& memory) {
  return memory.capacity->amount / (memory.buffering == Buffering::double_buffer ? 2 : 1);
}

SearchCase with_usable(const SearchCase& given, LevelId level, std::int64_t amount) {
  SearchCase changed = given;
  Memory& memory = std::get<Memory>(changed.architecture.hierarchy[level.index()]);
  memory.capacity->amount = amount * (memory.buffering == Buffering::double_buffer ? 2 : 1);
  return changed;
}

std::int64_t filled(const Problem& problem, const Memory& memory, const LevelResult& level) {
  const TileRoom room = tile_room(memory, problem.words());
  std::int64_t amount = 0;
  for (std::size_t t = 0; t < level.tensors.size(); ++t) {
    amount += level.tensors[t].tile_words * room.per_word[t];
  }
  return room.in_capacity(amount);
}

}  // namespace tessera
