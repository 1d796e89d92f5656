// Of all mappings with a given order of holds, those worth trying.
//
// Write dep(t) for the dimensions (of bound over 1) that tensor t depends on, full(t) for those
// alone in a rank of t, sliding(t) for the others in dep(t).
//
// 1. A hold of b moves outward past a temporal loop that b does not depend on, if the loop stands
// directly
//    before it: b's tile stays the same, since the loop, now inside, moves nothing of b; and its
//    fills stay the same, since before it was free.
// 2. A hold of a moves inward past a temporal loop of a dimension in full(a) that stands directly
// after it: the
//    tiles at the loop's steps are disjoint and together the old tile, so the same words move, and
//    the tile gets smaller. Nothing else depends on where the hold stands.
// Do 1 as long as possible, then 2. Then the block between a and the next hold b contains only
// loops of dep(b) without full(a). Two loops of one dimension in a block touch, which counts as
// one, and a loop's place in a block matters for sliding tensors only, through the last loop before
// their hold (the sweep): so each dimension stands at most once, in any order. With remainders, the
// bound of that one loop may be one that no single loop may have, since it could be lowered:
// separate_loops() writes several.
// 3. Step 2 may take a sweep away from b: a loop of s in full(a) and sliding(b) directly before b.
// So
//    the last loop of a block before a sliding tensor's hold may be any of its sliding dimensions.
//    Which one is a choice, and the loop may have bound 1.
// 4. Where no loop stands between two holds, the later one sweeps with the earlier one: a choice of
// its own
//    (`joined`), for two holds of one tensor. Holds of different tensors with no loop between could
//    as well stand the other way round, so one order is covered by the other's forms, as long as
//    only one of the two slides. (Hence `free` only: where an order is forbidden, a hold cannot
//    pass another one to reach the loops that it does not depend on.)
// 5. The spatial loop of a sliding dimension may stand before or after each temporal loop of its
// dimension:
//    `NormalBounds::gaps`. It may also stand between two temporal loops that a block has of it.
//    What joins two loops of a dimension in a block (2) is that they touch once the block is
//    ordered; a spatial loop of the same dimension between them keeps them apart. So a block has up
//    to one loop more than spatial loops of the dimension stand in it: kLoopParts. They stand next
//    to each other: where they are the sweep, all of them are, which moves no more than if the last
//    one was alone.
// Where 4 is not enough, search/exact.cpp refuses to prove.
// tests/search/exact_test.cpp compares the fronts of these forms with those of all mappings.

#include "mapper/normal_form.hpp"

#include <algorithm>
#include <bit>

#include "mapper/factors.hpp"

namespace tessera {
namespace {

struct TensorDimensions {
  DimensionSet dep;
  DimensionSet sliding;

  DimensionSet full() const { return DimensionSet{dep.bits & ~sliding.bits}; }
};

TensorDimensions dimensions_of(const Problem& problem, TensorId tensor) {
  TensorDimensions result;
  result.dep = relevant_dimensions(problem, tensor);
  for (const Rank& rank : problem.at(tensor).projection.ranks) {
    DimensionSet in_rank;
    for (const Term& term : rank) {
      if (problem.at(term.dimension).bound > 1) {
        in_rank.insert(term.dimension);
      }
    }
    if (std::popcount(in_rank.bits) > 1) {
      result.sliding.bits |= in_rank.bits;
    }
  }
  return result;
}

class Lister {
 public:
  Lister(const Problem& problem, const Skeleton& skeleton) {
    for (std::size_t t = 0; t < problem.tensors.size(); ++t) {
      tensors_.push_back(dimensions_of(problem, TensorId(t)));
    }
    for (std::size_t d = 0; d < problem.dimensions.size(); ++d) {
      if (problem.dimensions[d].bound > 1) {
        every_.insert(DimensionId(d));
      }
    }
    form_.top = skeleton.top;
    for (const Hold& hold : skeleton.holds) {
      const TensorId tensor(static_cast<std::size_t>(std::countr_zero(hold.tensors.bits)));
      form_.holds.push_back({.tensor = tensor, .memory = hold.memory, .sweep = {}});
    }
    form_.blocks.resize(form_.holds.size() + 1);
  }

  std::vector<NormalForm> list() {
    choose(0);
    return std::move(forms_);
  }

 private:
  DimensionSet after(std::size_t hold) const {
    return hold == 0 ? DimensionSet{} : tensors_[form_.holds[hold - 1].tensor.index()].full();
  }

  void choose(std::size_t i) {
    const DimensionSet excluded = after(i);
    if (i == form_.holds.size()) {
      form_.blocks[i].bits = every_.bits & ~excluded.bits;
      forms_.push_back(form_);
      return;
    }
    NormalHold& hold = form_.holds[i];
    const TensorDimensions& tensor = tensors_[hold.tensor.index()];
    const DimensionSet block{tensor.dep.bits & ~excluded.bits};
    form_.blocks[i] = block;
    if (tensor.sliding.empty()) {
      choose(i + 1);
      return;
    }
    for (std::uint32_t left = tensor.sliding.bits; left != 0; left &= left - 1) {
      const DimensionId swept(static_cast<std::size_t>(std::countr_zero(left)));
      form_.holds[i].sweep = swept;
      form_.blocks[i] = block;
      form_.blocks[i].insert(swept);
      choose(i + 1);
    }
    hold.sweep.reset();
    if (i > 0 && form_.holds[i - 1].tensor == hold.tensor) {
      form_.blocks[i] = {};
      hold.joined = true;
      choose(i + 1);
      hold.joined = false;
    }
  }

  std::vector<TensorDimensions> tensors_;
  DimensionSet every_;
  NormalForm form_;
  std::vector<NormalForm> forms_;
};

template <class Visit>
void for_each(DimensionSet set, Visit&& visit) {
  for (std::uint32_t left = set.bits; left != 0; left &= left - 1) {
    visit(static_cast<std::size_t>(std::countr_zero(left)));
  }
}

DimensionSet sweep_of(const NormalHold& hold) {
  DimensionSet set;
  if (hold.sweep) {
    set.insert(*hold.sweep);
  }
  return set;
}

/// Writes loops into `nodes`, keeping count of each dimension's temporal ones.
class Writer {
 public:
  Writer(const std::vector<SpatialSlot>& axes, const NormalBounds& bounds, Mapping& mapping)
      : axes_(axes), bounds_(bounds), mapping_(mapping), written_(bounds.temporal.size(), 0) {}

  void temporal(std::size_t dimension, std::size_t block) {
    for (std::size_t part = 0; part < kLoopParts; ++part) {
      const std::int64_t bound = bounds_.temporal[dimension][block * kLoopParts + part];
      if (bound > 1) {
        spatial(dimension, written_[dimension]);
        ++written_[dimension];
        mapping_.nodes.push_back(
            Loop{.dimension = DimensionId(dimension), .bound = bound, .axis = {}});
      }
    }
  }

  /// The spatial loops that stand outside the dimension's temporal loop number `gap`.
  void spatial(std::size_t dimension, std::uint8_t gap) {
    for (std::size_t s = 0; s < axes_.size(); ++s) {
      if (bounds_.spatial[dimension][s] > 1 && bounds_.gaps[dimension][s] == gap) {
        mapping_.nodes.push_back(Loop{.dimension = DimensionId(dimension),
                                      .bound = bounds_.spatial[dimension][s],
                                      .axis = axes_[s].axis});
      }
    }
  }

  void rest(std::size_t dimension) { spatial(dimension, written_[dimension]); }

 private:
  const std::vector<SpatialSlot>& axes_;
  const NormalBounds& bounds_;
  Mapping& mapping_;
  std::vector<std::uint8_t> written_;
};

}  // namespace

std::vector<NormalForm> normal_forms(const Problem& problem, const Skeleton& skeleton) {
  return Lister(problem, skeleton).list();
}

void write_normal(const NormalForm& form, const std::vector<SpatialSlot>& axes,
                  const NormalBounds& bounds, DimensionSet dimensions, bool with_holds,
                  Mapping& mapping) {
  mapping.nodes.clear();
  if (with_holds) {
    mapping.nodes.insert(mapping.nodes.end(), form.top.begin(), form.top.end());
  }
  Writer writer(axes, bounds, mapping);
  for (std::size_t block = 0; block < form.blocks.size(); ++block) {
    const bool last = block == form.holds.size();
    const DimensionSet swept = last ? DimensionSet{} : sweep_of(form.holds[block]);
    for_each(DimensionSet{dimensions.bits & form.blocks[block].bits & ~swept.bits},
             [&](std::size_t d) { writer.temporal(d, block); });
    for_each(DimensionSet{swept.bits & dimensions.bits},
             [&](std::size_t d) { writer.temporal(d, block); });
    if (with_holds && !last) {
      Hold hold{.memory = form.holds[block].memory, .tensors = {}};
      hold.tensors.insert(form.holds[block].tensor);
      mapping.nodes.push_back(hold);
    }
  }
  for_each(dimensions, [&](std::size_t d) { writer.rest(d); });
}

void separate_loops(const Problem& problem, Mapping& mapping) {
  std::vector<std::int64_t> products(problem.dimensions.size(), 1);
  for (const Node& node : mapping.nodes) {
    if (const Loop* loop = std::get_if<Loop>(&node)) {
      products[loop->dimension.index()] *= loop->bound;
    }
  }
  const auto single = [&](const Loop& loop) {
    const std::int64_t product = products[loop.dimension.index()];
    return product - problem.at(loop.dimension).bound <= (product - 1) / loop.bound;
  };
  for (std::size_t i = 0; i < mapping.nodes.size(); ++i) {
    const Loop* found = std::get_if<Loop>(&mapping.nodes[i]);
    if (found == nullptr || found->axis || single(*found)) {
      continue;
    }
    // The largest divisor that cannot be lowered, and what is left in the next round.
    const Loop whole = *found;
    Loop part = whole;
    for (const std::int64_t divisor : divisors_of(whole.bound)) {
      Loop candidate = whole;
      candidate.bound = divisor;
      part = single(candidate) ? candidate : part;
    }
    if (part.bound > 1 && part.bound < whole.bound) {
      mapping.nodes[i] = part;
      part.bound = whole.bound / part.bound;
      mapping.nodes.insert(mapping.nodes.begin() + static_cast<std::ptrdiff_t>(i) + 1, part);
    }
  }
}

}  // namespace tessera
