// The neighbours of a mapping that tell an architect what stands in the way of more reuse: one loop
// or one hold elsewhere, all else as it is. Each is evaluated by the model on a machine without
// capacities, so that also the words of tiles that do not fit are known, and if it promises
// anything once more on the machine as it is.

#include "search/reuse_moves.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

#include "model/evaluate.hpp"
#include "search/occupancy.hpp"
#include "spec/error.hpp"

namespace tessera {
namespace {

/// Moves go at most this many nodes far, which bounds the work on very long mappings.
constexpr std::size_t kFarthest = 32;

Architecture without_capacities(Architecture architecture) {
  for (Element& element : architecture.hierarchy) {
    if (auto* memory = std::get_if<Memory>(&element)) {
      memory->capacity.reset();
    }
  }
  return architecture;
}

Mapping with_single_holds(const Problem& problem, const Mapping& mapping) {
  Mapping single;
  for (const Node& node : mapping.nodes) {
    const Hold* hold = std::get_if<Hold>(&node);
    if (hold == nullptr) {
      single.nodes.push_back(node);
      continue;
    }
    for (std::size_t t = 0; t < problem.tensors.size(); ++t) {
      if (hold->tensors.contains(TensorId(t))) {
        TensorSet one;
        one.insert(TensorId(t));
        single.nodes.emplace_back(Hold{hold->memory, one});
      }
    }
  }
  return single;
}

bool is_spatial(const Node& node) {
  const Loop* loop = std::get_if<Loop>(&node);
  return loop != nullptr && loop->axis;
}

std::int64_t words_of(const Evaluation& evaluation, const Reuse& reuse) {
  const TensorTraffic& traffic =
      evaluation.levels[reuse.memory.index()].tensors[reuse.tensor.index()];
  return traffic.fills + traffic.drains;
}

class Neighbours {
 public:
  Neighbours(const Problem& problem, const Architecture& architecture,
             const Constraints& constraints, const Mapping& mapping)
      : problem_(problem),
        architecture_(architecture),
        constraints_(constraints),
        roomy_architecture_(without_capacities(architecture)),
        roomy_(problem, roomy_architecture_),
        real_(problem, architecture),
        start_(with_single_holds(problem, mapping)) {
    roomy_.evaluate(start_, now_);
    for (std::size_t t = 0; t < problem.tensors.size(); ++t) {
      bool outermost = true;
      for (const Node& node : start_.nodes) {
        const Hold* hold = std::get_if<Hold>(&node);
        if (hold == nullptr || !hold->tensors.contains(TensorId(t))) {
          continue;
        }
        if (!std::exchange(outermost, false)) {
          Reuse reuse;
          reuse.memory = hold->memory;
          reuse.tensor = TensorId(t);
          reuse.words = words_of(now_, reuse);
          result_.reuses.push_back(reuse);
        }
      }
    }
    distance_.assign(result_.reuses.size(), {0, 0});
  }

  ReuseMoves run() {
    const std::size_t count = start_.nodes.size();
    for (std::size_t from = 0; from < count; ++from) {
      if (is_spatial(start_.nodes[from])) {
        continue;
      }
      const std::size_t first = from > kFarthest ? from - kFarthest : 0;
      const std::size_t last = std::min(count - 1, from + kFarthest);
      for (std::size_t to = first; to <= last; ++to) {
        // Passing a spatial loop alone is no step: it is passed with the next node.
        if (to != from && !is_spatial(start_.nodes[to])) {
          score(from, to);
        }
      }
    }
    return std::move(result_);
  }

 private:
  void score(std::size_t from, std::size_t to) {
    candidate_.nodes = start_.nodes;
    const auto at = candidate_.nodes.begin();
    const auto node = [&](std::size_t i) { return at + static_cast<std::ptrdiff_t>(i); };
    if (from < to) {
      std::rotate(node(from), node(from + 1), node(to + 1));
    } else {
      std::rotate(node(to), node(from), node(from + 1));
    }
    if (validate(problem_, architecture_, candidate_)) {
      return;
    }
    try {
      roomy_.evaluate(candidate_, evaluation_);
    } catch (const OverflowError&) {
      return;
    } catch (const ModelError&) {
      return;  // a window in too many pieces to be counted
    }
    ++result_.tried;
    if (!evaluation_.feasible() || breaks_rules()) {
      return;
    }
    compare(from, to);
  }

  bool breaks_rules() const {
    return find_violation(problem_, architecture_, constraints_, candidate_) ||
           evaluation_.utilization < constraints_.min_utilization ||
           find_underfilled(problem_, architecture_, constraints_, evaluation_);
  }

  NodeMove move_of(std::size_t from, std::size_t to) const {
    return {.moved = start_.nodes[from],
            .passed = start_.nodes[to],
            .inward = from < to,
            .mapping = candidate_,
            .evaluation = evaluation_};
  }

  void compare(std::size_t from, std::size_t to) {
    const std::size_t distance = from < to ? to - from : from - to;
    std::optional<Infeasible> shortage;
    const auto fits = [&] {
      if (!shortage) {
        real_.evaluate(candidate_, fitting_);
        shortage = fitting_.infeasible;
      }
      return shortage->why == Infeasible::Why::none;
    };
    const auto rank = [&](const Reuse& reuse, const Evaluation& evaluation, std::size_t way) {
      return std::tuple(evaluation.energy_pj >= now_.energy_pj, words_of(evaluation, reuse),
                        evaluation.energy_pj, evaluation.cycles, way);
    };
    for (std::size_t i = 0; i < result_.reuses.size(); ++i) {
      Reuse& reuse = result_.reuses[i];
      if (words_of(evaluation_, reuse) >= reuse.words) {
        continue;
      }
      auto& best = fits() ? reuse.best : reuse.too_large;
      std::size_t& way = fits() ? distance_[i].first : distance_[i].second;
      if (!best || rank(reuse, evaluation_, distance) < rank(reuse, best->evaluation, way)) {
        best = move_of(from, to);
        way = distance;
        if (!fits()) {
          reuse.shortage = *shortage;
        }
      }
    }
    const auto take = [&](std::optional<NodeMove>& best, const auto& measure) {
      const auto value = measure(evaluation_);
      const bool saves = value.first < measure(now_).first;
      if (saves && (!best || value < measure(best->evaluation)) && fits()) {
        best = move_of(from, to);
      }
    };
    take(result_.least_energy,
         [](const Evaluation& e) { return std::pair(e.energy_pj, e.cycles); });
    take(result_.least_cycles,
         [](const Evaluation& e) { return std::pair(e.cycles, e.energy_pj); });
  }

  const Problem& problem_;
  const Architecture& architecture_;
  const Constraints& constraints_;
  const Architecture roomy_architecture_;
  Evaluator roomy_;
  Evaluator real_;
  const Mapping start_;
  Evaluation now_;
  Mapping candidate_;
  Evaluation evaluation_;
  Evaluation fitting_;
  std::vector<std::pair<std::size_t, std::size_t>> distance_;  ///< of best and of too_large
  ReuseMoves result_;
};

}  // namespace

ReuseMoves find_reuse_moves(const Problem& problem, const Architecture& architecture,
                            const Constraints& constraints, const Mapping& mapping) {
  ReuseMoves result = Neighbours(problem, architecture, constraints, mapping).run();
  for (Reuse& reuse : result.reuses) {
    if (reuse.best && reuse.too_large &&
        words_of(reuse.too_large->evaluation, reuse) >= words_of(reuse.best->evaluation, reuse)) {
      reuse.too_large.reset();
    }
  }
  return result;
}

}  // namespace tessera
