// Named dataflows as constraints.
//
// A tensor's home is the innermost memory that may hold it, among those inside an array of more
// than one instance (of all, where a machine has no array): the storage of a processing element.
//
// X-stationary (X: weights, outputs, inputs). The home of X keeps X, and below it there are no
// temporal loops over dimensions that X depends on: one element at a time stays there while all
// that need it go by. On the axes outside the home lie only dimensions that X depends on: the
// elements that stay differ from one processing element to the next. For a convolution in Chen's
// terms: weights spread over K, C, R, S; each output accumulates in its place; each input stays
// while the output channels go by.
//
// Row-stationary. A processing element slides one row of a filter over one row of an input: homes
// keep all three, and below them there are no temporal loops over filter rows (R) or output rows
// (P). In an array of two axes the second takes filter rows, the first output rows, both also
// replicate: the first over output channels, the second over all channels. Columns (Q and S) lie on
// no axis. Which dimensions these are is read off the input's ranks: of each sum of a dimension
// that only outputs share and one that only weights share, the first such rank is the rows.
//
// No local reuse. Memories inside the array hold nothing; on the axes lie channels only, those
// dimensions of the weights that slide nowhere: inputs are multicast, partial sums added on the way
// up (DianNao).
#include "mapper/dataflow.hpp"

#include <algorithm>
#include <vector>

namespace tessera {
namespace {

std::string_view text_of(TensorKind kind) {
  return to_string(kind);
}

class Bundle {
 public:
  Bundle(Dataflow dataflow, const Problem& problem, const Architecture& architecture,
         Constraints& constraints)
      : name_(to_string(dataflow)),
        problem_(problem),
        architecture_(architecture),
        constraints_(constraints) {
    for (std::size_t i = 0; i < architecture.hierarchy.size(); ++i) {
      const Fanout* fanout = architecture.fanout(LevelId(i));
      if (fanout == nullptr) {
        continue;
      }
      const bool spreads = std::any_of(fanout->axes.begin(), fanout->axes.end(),
                                       [](const Axis& axis) { return axis.size > 1; });
      if (spreads) {
        arrays_.push_back(i);
      }
    }
  }

  std::optional<std::string> add_stationary(TensorKind kind) {
    const TensorSet tensors = of_kind(kind);
    if (tensors.empty()) {
      return name_ + " needs " + std::string(text_of(kind)) + "; " + problem_.name + " has none";
    }
    const DimensionSet dimensions = dimensions_of(tensors);
    std::size_t innermost = 0;
    for (std::size_t t = 0; t < problem_.tensors.size(); ++t) {
      if (!tensors.contains(TensorId(t))) {
        continue;
      }
      const auto home = find_home(TensorId(t));
      if (!home) {
        return no_home(TensorId(t));
      }
      rules_of(*home).keep.insert(TensorId(t));
      forbid_loops(*home, dimensions);
      innermost = std::max(innermost, home->index());
    }
    for (const std::size_t array : arrays_) {
      if (array < innermost) {
        allow(array, dimensions);
      }
    }
    return std::nullopt;
  }

  std::optional<std::string> add_row_stationary() {
    const TensorSet weights = of_kind(TensorKind::weights);
    const auto rows = find_rows(weights);
    if (!rows) {
      return name_ + " slides rows of a filter over rows of an input; " + problem_.name +
             " has no rank that is a sum of two dimensions, one of the outputs and one of the "
             "weights";
    }
    DimensionSet in_time;
    in_time.insert(rows->output);
    in_time.insert(rows->filter);
    for (std::size_t t = 0; t < problem_.tensors.size(); ++t) {
      const auto home = find_home(TensorId(t));
      if (!home) {
        return no_home(TensorId(t));
      }
      rules_of(*home).keep.insert(TensorId(t));
      forbid_loops(*home, in_time);
    }
    if (arrays_.empty()) {
      return name_ + " needs an array of processing elements; " + architecture_.name +
             " has no fanout of more than one instance";
    }
    const DimensionSet channels = channels_of(weights);
    DimensionSet replicated;  // over output channels, and what all tensors share
    replicated.bits = channels.bits & dimensions_of(of_kind(TensorKind::outputs)).bits;
    DimensionSet first = replicated;
    first.insert(rows->output);
    DimensionSet second = channels;
    second.insert(rows->filter);
    const Fanout& array = *architecture_.fanout(LevelId(arrays_.back()));
    if (array.axes.size() == 1) {
      first.bits |= second.bits;
    }
    for (std::size_t a = 0; a < array.axes.size(); ++a) {
      allow_axis(arrays_.back(), a, a == 0 ? first : second);
    }
    return std::nullopt;
  }

  std::optional<std::string> add_no_local_reuse() {
    const TensorSet weights = of_kind(TensorKind::weights);
    if (weights.empty()) {
      return name_ + " spreads the channels of weights over an array; " + problem_.name +
             " has no weights";
    }
    if (arrays_.empty()) {
      return name_ + " needs an array of processing elements; " + architecture_.name +
             " has no fanout of more than one instance";
    }
    for (std::size_t i = arrays_.front(); i < architecture_.hierarchy.size(); ++i) {
      const Memory* memory = architecture_.memory(LevelId(i));
      if (memory == nullptr) {
        continue;
      }
      for (std::size_t t = 0; t < problem_.tensors.size(); ++t) {
        const Tensor& tensor = problem_.tensors[t];
        if (memory->keep.contains(tensor.kind)) {
          return name_ + " means that processing elements hold nothing; the architecture makes " +
                 memory->name + " keep " + tensor.name;
        }
        if (!memory->bypass.contains(tensor.kind)) {
          rules_of(LevelId(i)).bypass.insert(TensorId(t));
        }
      }
    }
    for (const std::size_t array : arrays_) {
      allow(array, channels_of(weights));
    }
    return std::nullopt;
  }

  /// What the bundle and the rules that were there say against each other.
  std::optional<std::string> find_contradiction() const {
    for (const MemoryConstraint& rules : constraints_.memories) {
      for (std::size_t t = 0; t < problem_.tensors.size(); ++t) {
        if (rules.keep.contains(TensorId(t)) && rules.bypass.contains(TensorId(t))) {
          return name_ + " and the rules for " + architecture_.name_of(rules.memory) +
                 " contradict each other: one makes it keep " + problem_.tensors[t].name +
                 ", the other bypass it";
        }
      }
    }
    return std::nullopt;
  }

 private:
  struct Rows {
    DimensionId output;
    DimensionId filter;
  };

  TensorSet of_kind(TensorKind kind) const {
    TensorSet tensors;
    for (std::size_t t = 0; t < problem_.tensors.size(); ++t) {
      if (problem_.tensors[t].kind == kind) {
        tensors.insert(TensorId(t));
      }
    }
    return tensors;
  }

  DimensionSet dimensions_of(TensorSet tensors) const {
    DimensionSet dimensions;
    for (std::size_t t = 0; t < problem_.tensors.size(); ++t) {
      if (tensors.contains(TensorId(t))) {
        dimensions.bits |= relevant_dimensions(problem_, TensorId(t)).bits;
      }
    }
    return dimensions;
  }

  /// The dimensions of tensors that stand alone in every rank.
  DimensionSet channels_of(TensorSet tensors) const {
    DimensionSet channels = dimensions_of(tensors);
    for (const Tensor& tensor : problem_.tensors) {
      for (const Rank& rank : tensor.projection.ranks) {
        for (const Term& term : rank) {
          if (rank.size() > 1) {
            channels.erase(term.dimension);
          }
        }
      }
    }
    return channels;
  }

  std::optional<Rows> find_rows(TensorSet weights) const {
    const DimensionSet of_outputs = dimensions_of(of_kind(TensorKind::outputs));
    const DimensionSet of_weights = dimensions_of(weights);
    for (const Tensor& tensor : problem_.tensors) {
      for (const Rank& rank : tensor.projection.ranks) {
        if (tensor.kind != TensorKind::inputs || rank.size() != 2) {
          continue;
        }
        for (const std::size_t first : {0, 1}) {
          const Rows rows{rank[first].dimension, rank[1 - first].dimension};
          if (of_outputs.contains(rows.output) && !of_weights.contains(rows.output) &&
              of_weights.contains(rows.filter) && !of_outputs.contains(rows.filter)) {
            return rows;
          }
        }
      }
    }
    return std::nullopt;
  }

  std::optional<LevelId> find_home(TensorId tensor) const {
    const std::size_t outermost = arrays_.empty() ? 0 : arrays_.front();
    for (std::size_t i = architecture_.hierarchy.size(); i-- > outermost;) {
      const Memory* memory = architecture_.memory(LevelId(i));
      if (memory != nullptr && !memory->bypass.contains(problem_.at(tensor).kind)) {
        return LevelId(i);
      }
    }
    return std::nullopt;
  }

  std::string no_home(TensorId tensor) const {
    return name_ + " needs a memory inside " +
           architecture_.name_of(LevelId(arrays_.empty() ? 0 : arrays_.front())) +
           " that may hold " + problem_.at(tensor).name + "; " + architecture_.name + " has none";
  }

  MemoryConstraint& rules_of(LevelId memory) {
    auto& all = constraints_.memories;
    const auto at = std::lower_bound(
        all.begin(), all.end(), memory,
        [](const MemoryConstraint& rules, LevelId level) { return rules.memory < level; });
    if (at != all.end() && at->memory == memory) {
      return *at;
    }
    MemoryConstraint rules;
    rules.memory = memory;
    return *all.insert(at, std::move(rules));
  }

  void forbid_loops(LevelId memory, DimensionSet dimensions) {
    auto& loops = rules_of(memory).loops;
    for (std::size_t d = 0; d < problem_.dimensions.size(); ++d) {
      const bool ruled = std::any_of(loops.begin(), loops.end(), [&](const auto& rule) {
        return rule.first == DimensionId(d);
      });
      if (dimensions.contains(DimensionId(d)) && problem_.dimensions[d].bound > 1 && !ruled) {
        loops.emplace_back(DimensionId(d), 1);
      }
    }
  }

  void allow(std::size_t array, DimensionSet dimensions) {
    for (std::size_t a = 0; a < architecture_.fanout(LevelId(array))->axes.size(); ++a) {
      allow_axis(array, a, dimensions);
    }
  }

  void allow_axis(std::size_t array, std::size_t axis, DimensionSet dimensions) {
    const AxisRef ref{LevelId(array), static_cast<std::uint8_t>(axis)};
    auto& all = constraints_.axes;
    const auto at = std::lower_bound(
        all.begin(), all.end(), ref,
        [](const AxisConstraint& rule, const AxisRef& wanted) { return rule.axis < wanted; });
    if (at == all.end() || at->axis != ref) {
      all.insert(at, {ref, dimensions});
    }
  }

  std::string name_;
  const Problem& problem_;
  const Architecture& architecture_;
  Constraints& constraints_;
  std::vector<std::size_t> arrays_;  // fanouts of more than one instance, outermost first
};

}  // namespace

std::string_view to_string(Dataflow dataflow) {
  switch (dataflow) {
    case Dataflow::weight_stationary:
      return "weight-stationary";
    case Dataflow::output_stationary:
      return "output-stationary";
    case Dataflow::input_stationary:
      return "input-stationary";
    case Dataflow::row_stationary:
      return "row-stationary";
    case Dataflow::no_local_reuse:
      break;
  }
  return "no-local-reuse";
}

std::optional<std::string> add_dataflow(Dataflow dataflow, const Problem& problem,
                                        const Architecture& architecture,
                                        Constraints& constraints) {
  Bundle bundle(dataflow, problem, architecture, constraints);
  std::optional<std::string> fault;
  switch (dataflow) {
    case Dataflow::weight_stationary:
      fault = bundle.add_stationary(TensorKind::weights);
      break;
    case Dataflow::output_stationary:
      fault = bundle.add_stationary(TensorKind::outputs);
      break;
    case Dataflow::input_stationary:
      fault = bundle.add_stationary(TensorKind::inputs);
      break;
    case Dataflow::row_stationary:
      fault = bundle.add_row_stationary();
      break;
    case Dataflow::no_local_reuse:
      fault = bundle.add_no_local_reuse();
      break;
  }
  return fault ? fault : bundle.find_contradiction();
}

}  // namespace tessera
