#include "search/break_finder.hpp"

#include <utility>

#include "search/diagnosis.hpp"

namespace tessera {

using Kind = Demand::Kind;

BreakFinder::BreakFinder(const Problem& problem, const SearchCase& given,
                         std::vector<Demand> demands)
    : problem_(problem),
      given_(given),
      demands_(std::move(demands)),
      roomy_(given.architecture),
      evaluator_(problem, roomy_room()) {
  for (const Demand& demand : demands_) {
    alone_.push_back(only(demand));
  }
}

const std::vector<std::size_t>& BreakFinder::find(const Mapping& mapping) {
  evaluator_.evaluate(mapping, evaluation_);
  broken_.clear();
  for (std::size_t i = 0; i < demands_.size(); ++i) {
    if (!met(demands_[i], alone_[i], mapping)) {
      broken_.push_back(i);
    }
  }
  return broken_;
}

/// The machine without capacities, so that every mapping has counts.
const Architecture& BreakFinder::roomy_room() {
  for (Element& element : roomy_.hierarchy) {
    if (Memory* memory = std::get_if<Memory>(&element)) {
      memory->capacity.reset();
    }
  }
  return roomy_;
}

/// The rules of a demand that is checked on the nodes, and no others.
Constraints BreakFinder::only(const Demand& demand) const {
  const Constraints& all = given_.constraints;
  Constraints rules;
  if (demand.kind == Kind::loops || demand.kind == Kind::innermost) {
    MemoryConstraint memory;
    memory.memory = demand.level;
    if (demand.kind == Kind::loops) {
      memory.loops = {all.memories[demand.index].loops[demand.part]};
    } else {
      memory.innermost = all.memories[demand.index].innermost;
    }
    rules.memories = {memory};
  } else if (demand.kind == Kind::factor) {
    rules.factors = {all.factors[demand.index]};
  } else if (demand.kind == Kind::order) {
    rules.orders = {all.orders[demand.index]};
  }
  return rules;
}

bool BreakFinder::met(const Demand& demand, const Constraints& alone,
                      const Mapping& mapping) const {
  switch (demand.kind) {
    case Kind::capacity: {
      const Memory& memory = *given_.architecture.memory(demand.level);
      return filled(problem_, memory, evaluation_.levels[demand.level.index()]) <= usable(memory);
    }
    case Kind::min_utilization:
      return evaluation_.utilization >= given_.constraints.min_utilization;
    case Kind::limit:
      return !find_broken({given_.options.limits[demand.index]}, evaluation_);
    case Kind::fill:
      return reached_by(problem_, given_, demand, evaluation_) >=
             given_.constraints.memories[demand.index].min_utilization;
    default:
      return !find_violation(problem_, given_.architecture, alone, mapping);
  }
}

}  // namespace tessera
