#include "app/constraints_text.hpp"

#include <algorithm>
#include <bit>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "app/evaluation_report.hpp"
#include "app/numbers.hpp"
#include "app/text_table.hpp"

namespace tessera {

namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kArchitecture = "architecture";
constexpr const char* kConstraints = "constraints";

class RuleWriter {
 public:
  RuleWriter(const Problem& problem, const Architecture& architecture,
             const Constraints& constraints)
      : problem_(problem), architecture_(architecture), constraints_(constraints) {}

  Rules all() {
    for (std::size_t i = 0; i < architecture_.hierarchy.size(); ++i) {
      const LevelId level(i);
      if (const Memory* memory = architecture_.memory(level)) {
        add_memory(level, *memory);
      } else if (const Fanout* fanout = architecture_.fanout(level)) {
        add_fanout(level, *fanout);
      }
    }
    if (constraints_.min_utilization > 0) {
      add("mapping",
          fmt::format("utilization (operations / (cycles x lanes)) is at least {}",
                      percent(constraints_.min_utilization)),
          kConstraints);
    }
    return std::move(rules_);
  }

 private:
  void add(std::string element, std::string sentence, std::string source) {
    rules_.push_back({std::move(element), std::move(sentence), std::move(source)});
  }

  std::string names(TensorSet tensors) const {
    std::vector<std::string> names;
    for (const TensorId tensor : as_written(problem_)) {
      if (tensors.contains(tensor)) {
        names.push_back(problem_.at(tensor).name);
      }
    }
    return fmt::format("{}", fmt::join(names, ", "));
  }

  std::string names(const std::vector<DimensionId>& dimensions) const {
    std::vector<std::string> names;
    for (const DimensionId dimension : dimensions) {
      names.push_back(problem_.at(dimension).name);
    }
    return fmt::format("{}", fmt::join(names, ", "));
  }

  TensorSet of_kinds(KindSet kinds) const {
    TensorSet tensors;
    for (std::size_t t = 0; t < problem_.tensors.size(); ++t) {
      if (kinds.contains(problem_.tensors[t].kind)) {
        tensors.insert(TensorId(t));
      }
    }
    return tensors;
  }

  static std::string sources(bool architecture, bool constraints) {
    return architecture && constraints ? "architecture, constraints"
           : architecture              ? kArchitecture
                                       : kConstraints;
  }

  /// Must (`keep`) or must not (`bypass`) hold, by either source.
  void add_holding(const std::string& name, TensorSet by_architecture, TensorSet by_constraints,
                   std::string_view sentence) {
    TensorSet all = by_architecture;
    all.bits |= by_constraints.bits;
    if (!all.empty()) {
      add(name, fmt::format("{} {}", sentence, names(all)),
          sources(!by_architecture.empty(), !by_constraints.empty()));
    }
  }

  void add_memory(LevelId level, const Memory& memory) {
    if (memory.capacity) {
      const bool halved = memory.buffering == Buffering::double_buffer;
      add(memory.name,
          fmt::format("the tiles of one instance take at most {} {} together{}{}",
                      grouped(memory.capacity->amount / (halved ? 2 : 1)),
                      memory.capacity->unit == Capacity::Unit::words ? "words" : "bit",
                      halved ? " (half of it: double buffering)" : "",
                      memory.aligned ? fmt::format(", {} bit at a time", *memory.width) : ""),
          kArchitecture);
    }
    const MemoryConstraint* rules = nullptr;
    for (const MemoryConstraint& each : constraints_.memories) {
      rules = each.memory == level ? &each : rules;
    }
    const TensorSet none;
    const TensorSet keep = of_kinds(memory.keep);
    const TensorSet bypass = of_kinds(memory.bypass);
    add_holding(memory.name, keep, rules != nullptr ? rules->keep : none, "always holds");
    add_holding(memory.name, bypass, rules != nullptr ? rules->bypass : none, "never holds");
    TensorSet open;
    for (std::size_t t = 0; t < problem_.tensors.size(); ++t) {
      const TensorId tensor(t);
      const bool ruled =
          keep.contains(tensor) || bypass.contains(tensor) ||
          (rules != nullptr && (rules->keep.contains(tensor) || rules->bypass.contains(tensor)));
      if (!ruled) {
        open.insert(tensor);
      }
    }
    if (!open.empty()) {
      add(memory.name, fmt::format("may hold {}, or not", names(open)), "free");
    }
    if (rules != nullptr) {
      add_loops(memory, *rules);
    }
    add_factors(level, memory.name, "the temporal loops of its block");
    for (const OrderConstraint& rule : constraints_.orders) {
      if (rule.memory == level) {
        add(memory.name,
            fmt::format("of the temporal loops of its block those over {} stand innermost, outer "
                        "to inner in this order",
                        names(rule.order)),
            kConstraints);
      }
    }
  }

  void add_loops(const Memory& memory, const MemoryConstraint& rules) {
    constexpr const char* kBelow = "for each tensor held, from this hold to its next one inward:";
    for (const auto& [dimension, product] : rules.loops) {
      const std::string& name = problem_.at(dimension).name;
      add(memory.name,
          product == 1 ? fmt::format("{} no temporal loop over {}", kBelow, name)
                       : fmt::format("{} the temporal loops over {} multiply to {}", kBelow, name,
                                     grouped(product)),
          kConstraints);
    }
    if (!rules.innermost.empty()) {
      add(memory.name,
          fmt::format("{} the innermost temporal loops are over {} (the last one innermost), as "
                      "far as there are that many",
                      kBelow, names(rules.innermost)),
          kConstraints);
    }
    if (rules.min_utilization > 0) {
      add(memory.name,
          fmt::format("the tiles of one instance fill at least {} of the capacity",
                      percent(rules.min_utilization)),
          kConstraints);
    }
  }

  void add_factors(LevelId level, const std::string& name, std::string_view which) {
    for (const FactorConstraint& rule : constraints_.factors) {
      if (rule.level == level) {
        const std::string_view relation = rule.relation == FactorRelation::equal     ? ""
                                          : rule.relation == FactorRelation::at_most ? "at most "
                                                                                     : "at least ";
        add(name,
            fmt::format("{} over {} multiply to {}{}", which, problem_.at(rule.dimension).name,
                        relation, grouped(rule.factor)),
            kConstraints);
      }
    }
  }

  void add_fanout(LevelId level, const Fanout& fanout) {
    for (std::size_t a = 0; a < fanout.axes.size(); ++a) {
      const Axis& axis = fanout.axes[a];
      const std::string name = fmt::format("{}.{}", fanout.name, axis.name);
      add(name, fmt::format("spatial loops multiply to at most {}", grouped(axis.size)),
          kArchitecture);
      add_allowed(name, axis, AxisRef{level, static_cast<std::uint8_t>(a)});
    }
    add_factors(level, fanout.name, "the spatial loops");
  }

  void add_allowed(const std::string& name, const Axis& axis, AxisRef ref) {
    const AxisConstraint* rule = nullptr;
    for (const AxisConstraint& each : constraints_.axes) {
      rule = each.axis == ref ? &each : rule;
    }
    const TensorSet reused = of_kinds(axis.reuse);
    std::vector<DimensionId> allowed;
    for (std::size_t d = 0; d < problem_.dimensions.size(); ++d) {
      const DimensionId dimension(d);
      bool may = problem_.dimensions[d].bound > 1 &&
                 (rule == nullptr || rule->allowed.contains(dimension));
      for (std::size_t t = 0; t < problem_.tensors.size(); ++t) {
        may = may && !(reused.contains(TensorId(t)) &&
                       relevant_dimensions(problem_, TensorId(t)).contains(dimension));
      }
      if (may) {
        allowed.push_back(dimension);
      }
    }
    if (rule == nullptr && reused.empty()) {
      add(name, "any dimension may lie on it", "free");
      return;
    }
    const std::string why =
        reused.empty() ? ""
                       : fmt::format(" (for the reuse of {}, which {} not depend on {})",
                                     names(reused), std::popcount(reused.bits) == 1 ? "does" : "do",
                                     allowed.size() > 1 ? "them" : "it");
    add(name,
        allowed.empty() ? "no dimension may lie on it" + why
                        : fmt::format("only {} may lie on it{}", names(allowed), why),
        sources(!reused.empty(), rule != nullptr));
  }

  const Problem& problem_;
  const Architecture& architecture_;
  const Constraints& constraints_;
  Rules rules_;
};

}  // namespace

Rules rules_of(const Problem& problem, const Architecture& architecture,
               const Constraints& constraints) {
  return RuleWriter(problem, architecture, constraints).all();
}

std::string rules_text(const Problem& problem, const Architecture& architecture,
                       const Rules& rules) {
  using Align = TextTable::Align;
  TextTable table({{"element", Align::left}, {"rule", Align::left}, {"from", Align::left}});
  std::string before;
  for (const Rule& rule : rules) {
    table.add({rule.element == before ? "" : rule.element, rule.sentence, rule.source});
    before = rule.element;
  }
  return fmt::format("{}: {}\non {}: every mapping must obey\n\n{}", problem.name,
                     problem_text(problem), architecture.name, table.text(2));
}

Json rules_json(const Problem& problem, const Architecture& architecture, const Rules& rules) {
  Json document = {{"schema", "tessera.constraints/1"},
                   {"problem", problem.name},
                   {"architecture", architecture.name},
                   {"rules", Json::array()}};
  for (const Rule& rule : rules) {
    document["rules"].push_back(
        {{"element", rule.element}, {"rule", rule.sentence}, {"from", rule.source}});
  }
  return document;
}

}  // namespace tessera
