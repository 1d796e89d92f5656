// Finds what moves between which holds, by which roles of the loops; explain_formula.cpp writes the
// counts. evaluate.cpp does the same with numbers alone.

#include "model/explain.hpp"

#include <algorithm>
#include <utility>

#include "model/explain_formula.hpp"
#include "model/explain_terms.hpp"

namespace tessera {
namespace {

bool in(std::uint32_t set, std::size_t dimension) {
  return (set >> dimension & 1u) != 0;
}

class Explainer {
 public:
  Explainer(const Problem& problem, const Architecture& architecture, const Mapping& mapping)
      : problem_(problem),
        architecture_(architecture),
        mapping_(mapping),
        formulas_(problem, architecture, mapping) {
    for (const FormulaMaker::Placed& loop : formulas_.loops()) {
      spread_ |= loop.digit.temporal() ? 0 : 1u << loop.digit.level;
    }
  }

  Explanation run() const;

 private:
  bool spreads(std::int16_t outer, std::int16_t inner) const;
  Sharing sharing_between(std::size_t tensor, std::int16_t outer, std::int16_t inner) const;
  std::int16_t links_of(std::size_t tensor, const Boundary& child, bool compute) const;
  TransferExplanation transfer(std::size_t tensor, std::size_t hold) const;
  void find_roles(std::size_t tensor, const Boundary& boundary, TransferExplanation& out) const;
  void add_fanouts(std::size_t tensor, const Boundary& child, const Formula& by_child,
                   TransferExplanation& out) const;
  std::size_t node_of(std::size_t tensor, std::int16_t level) const;

  const Problem& problem_;
  const Architecture& architecture_;
  const Mapping& mapping_;
  FormulaMaker formulas_;
  std::uint32_t spread_ = 0;  ///< levels of fanouts over which the mapping spreads
};

bool Explainer::spreads(std::int16_t outer, std::int16_t inner) const {
  return (spread_ >> (outer + 1) & ((1u << (inner - outer - 1)) - 1)) != 0;
}

Sharing Explainer::sharing_between(std::size_t tensor, std::int16_t outer,
                                   std::int16_t inner) const {
  const Tensor& t = problem_.tensors[tensor];
  for (auto level = static_cast<std::size_t>(outer + 1); level < static_cast<std::size_t>(inner);
       ++level) {
    if ((spread_ >> level & 1u) != 0 && t.role != TensorRole::output &&
        architecture_.fanout(LevelId(level))->multicast[static_cast<std::size_t>(t.kind)] ==
            Multicast::tile) {
      return Sharing::tile;
    }
  }
  return Sharing::word;
}

/// The fanout over which instances of the child pass words on; -1: none.
std::int16_t Explainer::links_of(std::size_t tensor, const Boundary& child, bool compute) const {
  for (auto level = static_cast<std::int16_t>(child.level - 1); !compute && level > child.server;
       --level) {
    const Fanout* fanout = architecture_.fanout(LevelId(static_cast<std::size_t>(level)));
    if (fanout != nullptr) {
      Boundary groups = child;
      groups.links = groups.server = level;
      const auto& windows = formulas_.shape(tensor).windows;
      const bool links = fanout->links.contains(problem_.tensors[tensor].kind) &&
                         std::any_of(windows.begin(), windows.end(), [&](const Window& window) {
                           return window.passes(formulas_.nest(), groups);
                         });
      return links && (spread_ >> level & 1u) != 0 ? level : std::int16_t{-1};
    }
  }
  return -1;
}

void Explainer::find_roles(std::size_t tensor, const Boundary& boundary,
                           TransferExplanation& out) const {
  const TensorShape& shape = formulas_.shape(tensor);
  for (const FormulaMaker::Placed& loop : formulas_.loops()) {
    const Digit& digit = loop.digit;
    const bool relevant = in(shape.relevant, digit.dimension);
    if (!digit.temporal()) {
      const bool between = digit.level > boundary.server && digit.level < boundary.level;
      if (between && (!relevant || !in(shape.plain, digit.dimension))) {
        (shape.apart.contains(digit) ? out.apart : out.sharers).push_back(loop.node);
      }
    } else if (!out.child_node) {
      continue;
    } else if (digit.time < boundary.outside) {
      if (!relevant) {
        out.again.push_back(loop.node);
      }
    } else if (digit.time < boundary.sweep) {
      out.sweep.push_back(loop.node);
    } else if (digit.time < boundary.time) {
      out.free.push_back(loop.node);
    }
  }
}

void Explainer::add_fanouts(std::size_t tensor, const Boundary& child, const Formula& by_child,
                            TransferExplanation& out) const {
  const Direction direction = problem_.tensors[tensor].role == TensorRole::output
                                  ? Direction::leaving
                                  : Direction::entering;
  for (auto level = static_cast<std::int16_t>(child.server + 1); level < child.level; ++level) {
    const LevelId id(static_cast<std::size_t>(level));
    if (architecture_.fanout(id) == nullptr) {
      continue;
    }
    if (!spreads(level, child.level)) {
      out.fanouts.push_back({id, by_child});
      continue;
    }
    Boundary here = child;
    here.server = static_cast<std::int16_t>(level + 1);
    out.fanouts.push_back(
        {id,
         formulas_.moves(tensor, here, sharing_between(tensor, level, child.level), direction)});
  }
}

std::size_t Explainer::node_of(std::size_t tensor, std::int16_t level) const {
  for (std::size_t i = 0; i < mapping_.nodes.size(); ++i) {
    const Hold* hold = std::get_if<Hold>(&mapping_.nodes[i]);
    if (hold != nullptr && hold->memory.index() == static_cast<std::size_t>(level) &&
        hold->tensors.contains(TensorId(tensor))) {
      return i;
    }
  }
  return mapping_.nodes.size();
}

TransferExplanation Explainer::transfer(std::size_t tensor, std::size_t hold) const {
  const auto holds = formulas_.nest().holds(tensor);
  const bool innermost = hold + 1 == holds.size();
  const auto compute = static_cast<std::int16_t>(architecture_.hierarchy.size() - 1);
  Boundary child = innermost
                       ? formulas_.counter().compute_boundary(compute)
                       : formulas_.counter().boundary(formulas_.shape(tensor), holds[hold + 1]);
  child.server = holds[hold].level;
  TransferExplanation out;
  out.tensor = TensorId(tensor);
  out.parent = LevelId(static_cast<std::size_t>(child.server));
  out.child = LevelId(static_cast<std::size_t>(child.level));
  out.parent_node = node_of(tensor, child.server);
  if (!innermost) {
    out.child_node = node_of(tensor, child.level);
  }
  child.links = links_of(tensor, child, innermost);
  if (child.links >= 0) {
    child.linked = sharing_between(tensor, static_cast<std::int16_t>(child.links - 1), child.level);
  }
  find_roles(tensor, child, out);
  const bool output = problem_.tensors[tensor].role == TensorRole::output;
  const Direction direction = output ? Direction::leaving : Direction::entering;
  const bool shared = spreads(child.server, child.level);
  out.sharing = sharing_between(tensor, child.server, child.level);
  const Formula by_child = innermost ? number(Meaning::operations, problem_.operations())
                                     : formulas_.moves(tensor, child, Sharing::none, direction);
  Formula by_parent = shared ? formulas_.moves(tensor, child, out.sharing, direction) : by_child;
  if (output) {
    if (!innermost) {
      out.drains = by_child;
      out.fills = formulas_.less_first_visits(tensor, number(Meaning::drains, by_child.value),
                                              child, child.level);
    }
    out.reads = formulas_.less_first_visits(tensor, number(Meaning::updates, by_parent.value),
                                            child, child.server);
    out.updates = std::move(by_parent);
  } else {
    if (!innermost) {
      out.fills = by_child;
      if (child.links >= 0) {
        Formula passed = formulas_.passed(tensor, child);
        if (passed.value > 0) {
          out.passed = std::move(passed);
        }
      }
    }
    out.reads = std::move(by_parent);
  }
  add_fanouts(tensor, child, by_child, out);
  return out;
}

Explanation Explainer::run() const {
  Explanation result;
  for (std::size_t i = 0; i < mapping_.nodes.size(); ++i) {
    const Hold* hold = std::get_if<Hold>(&mapping_.nodes[i]);
    for (std::size_t t = 0; hold != nullptr && t < problem_.tensors.size(); ++t) {
      if (!hold->tensors.contains(TensorId(t))) {
        continue;
      }
      for (const HoldPlace& place : formulas_.nest().holds(t)) {
        if (static_cast<std::size_t>(place.level) == hold->memory.index()) {
          const Boundary boundary{.time = place.time, .level = place.level};
          result.tiles.push_back({i, hold->memory, TensorId(t), formulas_.tile(t, boundary)});
        }
      }
    }
  }
  for (std::size_t t = 0; t < problem_.tensors.size(); ++t) {
    for (std::size_t h = 0; h < formulas_.nest().holds(t).size(); ++h) {
      result.transfers.push_back(transfer(t, h));
    }
  }
  result.compute_cycles = formulas_.steps_of(
      static_cast<std::int16_t>(formulas_.nest().temporal_count()), 0, Meaning::steps);
  for (std::size_t l = 0; l < architecture_.hierarchy.size(); ++l) {
    result.instances_used.push_back(
        formulas_.steps_of(0, static_cast<std::int16_t>(l), Meaning::used));
  }
  return result;
}

}  // namespace

Explanation explain(const Problem& problem, const Architecture& architecture,
                    const Mapping& mapping) {
  return Explainer(problem, architecture, mapping).run();
}

}  // namespace tessera
