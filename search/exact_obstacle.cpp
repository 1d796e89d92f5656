// What branch and bound cannot prove, and why.
//
// A dimension whose spatial loops may cut a block's loop has two cuts at most (list_choices), so
// machines where it may have more spatial loops are refused. Between the loops of a sweep that goes
// on over several blocks there may be more of them (kSweepLoops).
//
// Outputs with a sliding rank (transposed convolutions) are refused: the forms are not enough for
// them (a comparison with all mappings found spaces where they miss the optimum). So are problems
// in which several inputs slide in the spaces other than `free`.

#include <algorithm>
#include <bit>
#include <charconv>
#include <iterator>
#include <limits>
#include <string>

#include "search/exact.hpp"
#include "search/exact_objectives.hpp"
#include "search/exact_options.hpp"

namespace tessera {
namespace {

constexpr std::int64_t kMostOptions = 400'000;
/// Where several tensors slide, forms share little, and 10,000 of them can take minutes.
constexpr std::size_t kMostFormsSliding = 2'000;

/// Whether two tensors slide along one dimension. Between two loops of it, a hold of the one can
/// then stand, past which neither loop can move, while the other's sweep goes on over both. No
/// normal form counts that: `I[P+R] * V[P+S]`, P outside and inside I's hold (the forms took the
/// words that V moves at the outer loop for more than they are, and dropped the best mapping).
bool slide_together(const Problem& problem) {
  DimensionSet seen;
  for (std::size_t t = 0; t < problem.tensors.size(); ++t) {
    const DimensionSet sliding = sliding_dimensions(problem, TensorId(t));
    if ((seen.bits & sliding.bits) != 0) {
      return true;
    }
    seen.bits |= sliding.bits;
  }
  return false;
}

std::size_t holds_inside(const Skeleton& skeleton, TensorId tensor, LevelId level) {
  const auto inside = [&](const Hold& hold) {
    return level < hold.memory && hold.tensors.contains(tensor);
  };
  return static_cast<std::size_t>(
      std::count_if(skeleton.top.begin(), skeleton.top.end(), inside) +
      std::count_if(skeleton.holds.begin(), skeleton.holds.end(), inside));
}

/// The fanout, if any, that shares words of one tensor's overlapping windows and has two holds of
/// it inside, in `hierarchical` and `even`. The outer one can then stand between two loops of a
/// sliding dimension: `I[P+R] * W[R]`, `P=2 F.Y:R=2 M2[I] P=2 M3[I] R=2`. In `free` there are forms
/// for that (mapper/normal_form.cpp, 10). In the other spaces holds of other tensors may have to
/// stay at M2's place, and no form has them there.
const Fanout* sharing_windows_of_two_holds(const Mapspace& space) {
  if (space.kind() == Space::free) {
    return nullptr;
  }
  const std::vector<Skeleton>& skeletons = space.skeletons();
  for (std::size_t t = 0; t < space.problem().tensors.size(); ++t) {
    for (const LevelId fanout : window_sharing_fanouts(space, TensorId(t))) {
      if (std::any_of(skeletons.begin(), skeletons.end(), [&](const Skeleton& skeleton) {
            return holds_inside(skeleton, TensorId(t), fanout) > 1;
          })) {
        return space.architecture().fanout(fanout);
      }
    }
  }
  return nullptr;
}

/// `2e+15`.
std::string power_text(double value) {
  char text[32];
  const auto end =
      std::to_chars(std::begin(text), std::end(text), value, std::chars_format::scientific, 0);
  return {text, end.ptr};
}

std::string_view to_text(Factors factors) {
  return factors == Factors::imperfect ? "imperfect" : "perfect";
}

/// True if the passes of an array may cost time and depend on the mapping. Larger tiles inside the
/// array then mean fewer passes, but the normal forms only have the smallest.
bool counts_passes(const Architecture& architecture) {
  bool array = false;
  for (std::size_t level = 0; level < architecture.hierarchy.size(); ++level) {
    const Fanout* fanout = architecture.fanout(LevelId(level));
    array = array || (fanout != nullptr && fanout->skew() > 0);
    if (array && architecture.memory(LevelId(level)) != nullptr) {
      return true;
    }
  }
  return false;
}

bool asks_for_power(const SearchOptions& options) {
  return std::find(options.objectives.begin(), options.objectives.end(), Objective::power) !=
             options.objectives.end() ||
         std::any_of(options.limits.begin(), options.limits.end(),
                     [](const Limit& limit) { return limit.metric == Metric::power; });
}

/// What the forms of a skeleton have at most of one group's options, and of their combinations.
struct Amount {
  std::size_t group = 0;
  std::int64_t options = 0;
  double combinations = 1;

  template <typename Form>
  static Amount of(const Form& form, OptionMaker& maker) {
    Amount amount;
    for (std::size_t g = 0; g < maker.groups().size(); ++g) {
      const std::int64_t options = maker.options_at_most(form, g);
      amount.combinations *= static_cast<double>(options);
      if (options > amount.options) {
        amount.options = options;
        amount.group = g;
      }
    }
    return amount;
  }
};

std::size_t most_blocks(const Skeleton& skeleton) {
  std::size_t blocks = 1;
  for (const Hold& hold : skeleton.holds) {
    blocks += static_cast<std::size_t>(std::popcount(hold.tensors.bits));
  }
  return blocks;
}

/// Whether there are too many forms, or one of them leaves too much to look at.
std::optional<std::string> too_much(const Mapspace& space, const SearchOptions& options,
                                    OptionMaker& maker, std::size_t sliding, double most_effort) {
  const std::size_t most_forms =
      sliding > 1 ? kMostFormsSliding : std::numeric_limits<std::size_t>::max() - 1;
  std::size_t forms = 0;
  for (const Skeleton& skeleton : space.skeletons()) {
    const Amount most = Amount::of(most_blocks(skeleton), maker);
    if (sliding <= 1 && most.options <= kMostOptions && most.combinations <= most_effort) {
      continue;  // whatever its forms are
    }
    for (const NormalForm& form : normal_forms(space, skeleton, most_forms + 1 - forms)) {
      if (++forms > most_forms) {
        return "several tensors have a sliding rank, and the holds can be ordered in too many ways";
      }
      const Amount amount = Amount::of(form, maker);
      const std::string factors(to_text(options.factors));
      if (amount.options > kMostOptions) {
        return factors + " factors leave too many ways to split " + maker.group_text(amount.group);
      }
      if (amount.combinations > most_effort) {
        return "with " + factors +
               " factors the proof may take long: one order of the holds alone leaves " +
               power_text(amount.combinations) + " combinations, more than " +
               power_text(most_effort) + " (--algorithm exhaustive tries it)";
      }
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> exact_obstacle(const Mapspace& space, const Constraints& constraints,
                                          const SearchOptions& options, double most_effort) {
  if (asks_for_power(options) && !knows_power(space.architecture())) {
    return "branch and bound has no bound for power where a memory or fanout has a bandwidth";
  }
  if (options.objectives.size() > kMostObjectives) {
    return "branch and bound does not know more than " + std::to_string(kMostObjectives) +
           " objectives";
  }
  for (const Objective& objective : options.objectives) {
    if (objective == Objective::formula && !objective.terms().rises()) {
      return "branch and bound has no bound for '" + objective.terms().text() +
             "', which need not grow with energy and latency";
    }
  }
  for (const FactorConstraint& rule : constraints.factors) {
    if (space.architecture().fanout(rule.level) == nullptr) {
      return "branch and bound does not know constraints on the factors of a memory's loops";
    }
    const bool one = rule.factor == 1 || rule.relation == FactorRelation::at_most;
    if (!one && space.problem().at(rule.dimension).bound == 1) {
      return "the constraints demand loops of a dimension of bound 1";
    }
  }
  if (!constraints.orders.empty()) {
    return "branch and bound does not know constraints on the order of a memory's loops";
  }
  for (const MemoryConstraint& constraint : constraints.memories) {
    if (constraint.min_utilization > 0) {
      return "branch and bound does not know a demand on the utilization of a memory";
    }
    if (!constraint.loops.empty() || !constraint.innermost.empty()) {
      return "branch and bound does not know constraints on the loops of a memory";
    }
  }
  if (counts_passes(space.architecture())) {
    return "branch and bound does not know the passes of a systolic array";
  }
  const Problem& problem = space.problem();
  for (const Element& element : space.architecture().hierarchy) {
    const auto* fanout = std::get_if<Fanout>(&element);
    if (fanout == nullptr) {
      continue;
    }
    if (fanout->counts_hops()) {
      return "branch and bound has no bound for the hops on " + fanout->name +
             " (--algorithm auto bounds what it finds by a proof without their energy)";
    }
    for (std::size_t t = 0; t < problem.tensors.size(); ++t) {
      const Tensor& tensor = problem.tensors[t];
      if (fanout->links.contains(tensor.kind) &&
          !sliding_dimensions(problem, TensorId(t)).empty()) {
        return "branch and bound does not know the links between neighbours on " + fanout->name +
               ", over which " + tensor.name +
               " may be passed on (`links: false` proves what is best without them)";
      }
    }
  }
  if (!sliding_dimensions(problem, kOutput).empty()) {
    return "branch and bound does not know outputs with a sliding rank";
  }
  if (slide_together(problem)) {
    return "branch and bound does not know several tensors that slide along one dimension";
  }
  if (const Fanout* fanout = sharing_windows_of_two_holds(space)) {
    return "branch and bound does not know two memories inside " + fanout->name +
           " that hold a tensor whose overlapping windows are shared there (`multicast: tile` or "
           "`none` shares none of them, and the space 'free' is proven)";
  }
  OptionMaker maker(space, constraints);
  for (const MapspaceDimension& dimension : space.dimensions()) {
    const auto loops =
        std::count_if(maker.axes().begin(), maker.axes().end(),
                      [&](const SpatialSlot& axis) { return axis.allowed.contains(dimension.id); });
    if (loops >= static_cast<std::ptrdiff_t>(kLoopParts) &&
        needs_split_loops(space, dimension.id)) {
      return "branch and bound does not know more than two spatial loops of a dimension in a rank "
             "with unequal coefficients (strides, dilations)";
    }
    if (loops >= static_cast<std::ptrdiff_t>(kSweepLoops) && dimension.sliding) {
      return "branch and bound does not know more than " + std::to_string(kSweepLoops - 1) +
             " spatial loops of a dimension in a rank with others";
    }
  }
  const std::size_t sliding = count_sliding_tensors(problem);
  if (sliding > 1 && space.kind() != Space::free) {
    return "branch and bound knows problems in which several tensors have a sliding rank in the "
           "space 'free' only";
  }
  return too_much(space, options, maker, sliding, most_effort);
}

}  // namespace tessera
