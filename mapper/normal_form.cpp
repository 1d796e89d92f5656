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
//    (`joined`), for holds of one tensor and for those of tensors that share the sweep's dimension
//    as a sliding one. (For any other, the sweep is either no sliding dimension, and then it may
//    stand anywhere in the block, or one that it does not depend on, and it moves out past.) Holds
//    with no loop between could as well stand in another order, so they are taken by tensor, and
//    nothing that does not slide stands among them; each form has all other orders. Such holds move
//    as one: the block before them has the loops that any of them depends on, and only those loops
//    of the block after them move out that are in full() of each. For tensors that slide along one
//    dimension that is not all: search/exact_obstacle.cpp refuses them.
// 5. The spatial loop of a sliding dimension may stand before or after each temporal loop of its
// dimension:
//    `NormalBounds::gaps`. It may also stand between two temporal loops that a block has of it.
//    What joins two loops of a dimension in a block (2) is that they touch once the block is
//    ordered; a spatial loop of the same dimension between them keeps them apart. So a block has up
//    to one loop more than spatial loops of the dimension stand in it: kLoopParts. They stand next
//    to each other: where they are the sweep, all of them are, which moves no more than if the last
//    one was alone.
//
// The spaces `hierarchical` and `even`
// ------------------------------------
// There holds may not pass each other as 1 and 2 want. But no count of b depends on where exactly b
// stands among loops that it does not depend on (1 changes nothing). So a mapping costs what it
// would cost with each hold at its `effective place`: moved out, past loops that it does not depend
// on and past holds, until the loop before it is one of dep(b). These places are those of a mapping
// of `free`. A form is an order of holds by effective place, and its counts are those of `free`;
// what the smaller spaces add is which loops may stand where, so that holds can be gathered again:
//
// 6. A hold (t, m) stands at the earliest place that the space allows: in `even` after the
//    effective places of all holds in m and in memories outside m (one place for the tensors of m,
//    memories in order); in `hierarchical` after its own and those of memories outside m. All loops
//    between its effective place and there must be free for t: not in dep(t). Given the order, that
//    is a rule for each block: it has no dimension of a tensor with a hold before it that `waits`
//    for one after it. Any mapping can be written so: standing further in than 6 says changes no
//    count, again by 1. And every mapping so written is one of the space.
// 7. Take, of the mappings that cost no more than a given one, those of the least total size of
//    tiles, of these one with the most holds furthest out (in loops passed). Its blocks, between
//    effective places, are subsets of these:
//    * before b: dep(b), less what waiting tensors depend on (6). Another loop could be made the
//      last of its block, b moves out past it, and it is free for whatever waited for b.
//    * less those of full(a), a being the hold before, that a can move in past: tiles would get
//      smaller. If a moves in past d, so must every hold that waits for a and depends on d. It can
//      if d is in its full() too and no loop stands between it and a; else a cannot. A `joined`
//      hold takes along the one that it sweeps with: the loop goes before their common sweep.
//    * and the sweep, as in 3, if waiting tensors do not depend on it. If they depend on all
//    sliding
//      dimensions of b, nothing sweeps.
//    That a sweep goes on outside a hold a between two loops of d happens in no such mapping: a
//    depends on d, as its effective place says; so does everything at this place; all could move in
//    past the inner loop of d, b's other hold included (it sweeps on, with a smaller tile), and
//    what waits for them does not depend on d, since it did not depend on the outer loop.
// Of several sliding tensors nothing was shown here: search/exact_obstacle.cpp refuses them.
// 8. Holds at one effective place have one order: the sliding tensor's first, so that it can sweep
//    (4), the others by memory and tensor. So an order in which two holds have an empty block
//    between them, whatever the bounds, is dropped where the two stand the other way round.
// 9. (In all spaces.) A tensor whose dimensions all have bound 1 moves the same word wherever its
//    holds stand, and they bar no loop: it has no full() and nothing waits for it. So its holds are
//    put before those of other tensors, by memory and tensor. An order that has one of them between
//    holds a and c has nothing more: without it c's block loses what is in full(a), and past such a
//    loop a moves in (2).
// 10. (In `free`.) A tensor's own hold a may stand between two loops of a dimension s it slides
//    along, with its next hold b directly after the second loop. Then b's sweep goes on over both
//    loops, where a stands. Mostly a moves in past the second loop: it then sweeps over both as
//    well, its window gets smaller and no word more moves. Not so where a fanout on the way to a
//    shares words of overlapping windows: smaller windows of several instances have fewer words in
//    common. There the block between a and b may have the loop of s also if b is joined to a. What
//    else may stand between a and b while the loop of s is the only one: a hold that depends on s
//    has it in full() (search/exact_obstacle.cpp refuses tensors that slide along one dimension)
//    and moves in past it (2), to where it can stand after b; one that does not moves out past both
//    loops (1), to where it stands before a. In `hierarchical` and `even` others may have to stay
//    at a's place: search/exact_obstacle.cpp refuses that.
// Loops of bound 1 can make more loops free than the form counts, or join sweeps. Then the form
// overrates the mapping, and the form of 7 counts it exactly.
//
// tests/search/exact_test.cpp and proof_test.cpp compare the fronts of these forms with those of
// all mappings of the spaces.

#include "mapper/normal_form.hpp"

#include <algorithm>
#include <bit>
#include <limits>
#include <tuple>
#include <utility>

namespace tessera {
namespace {

struct TensorDimensions {
  DimensionSet dep;
  DimensionSet sliding;

  DimensionSet full() const { return DimensionSet{dep.bits & ~sliding.bits}; }
};

TensorDimensions dimensions_of(const Problem& problem, TensorId tensor) {
  return {relevant_dimensions(problem, tensor), sliding_dimensions(problem, tensor)};
}

class Lister {
 public:
  Lister(const Mapspace& space, const Skeleton& skeleton, std::size_t most)
      : skeleton_(skeleton), space_(space.kind()), most_(most) {
    const Problem& problem = space.problem();
    for (std::size_t t = 0; t < problem.tensors.size(); ++t) {
      tensors_.push_back(dimensions_of(problem, TensorId(t)));
      sharing_.push_back(window_sharing_fanouts(space, TensorId(t)));
    }
    for (std::size_t d = 0; d < problem.dimensions.size(); ++d) {
      if (problem.dimensions[d].bound > 1) {
        every_.insert(DimensionId(d));
      }
    }
    chains_.resize(tensors_.size());
    split_top();
    for (const Hold& hold : skeleton.holds) {
      for_each_number(hold.tensors.bits, [&](std::size_t t) {
        chains_[t].push_back(hold.memory);
        ++left_;
      });
    }
    next_.assign(chains_.size(), 0);
  }

  std::vector<NormalForm> list() {
    if (space_ == Space::free) {
      follow_skeleton();
    } else if (space_ == Space::even || in_tensor_order()) {
      order();
    }
    return std::move(forms_);
  }

 private:
  /// In `even` a memory among those at the top may be the second of a tensor. To the counts that
  /// is a hold with no loop before it.
  void split_top() {
    TensorSet seen;
    for (const Hold& hold : skeleton_.top) {
      const TensorSet first{hold.tensors.bits & ~seen.bits};
      if (!first.empty()) {
        form_.top.push_back({hold.memory, first});
      }
      for_each_number(hold.tensors.bits & seen.bits, [&](std::size_t t) {
        form_.holds.push_back({.tensor = TensorId(t), .memory = hold.memory, .sweep = {}});
        form_.blocks.emplace_back();
      });
      seen.bits |= hold.tensors.bits;
    }
    fixed_ = form_.holds.size();
  }

  bool in_tensor_order() const {
    return std::is_sorted(
        skeleton_.holds.begin(), skeleton_.holds.end(), [](const Hold& a, const Hold& b) {
          return std::pair(a.memory, a.tensors.bits) < std::pair(b.memory, b.tensors.bits);
        });
  }

  void follow_skeleton() {
    if (forms_.size() == most_) {
      return;
    }
    if (left_ == 0) {
      finish();
      return;
    }
    const Hold& hold = skeleton_.holds[skeleton_.holds.size() - left_];
    const auto t = static_cast<std::size_t>(std::countr_zero(hold.tensors.bits));
    if (!free_too_late(t, hold.memory)) {
      --left_;
      place(t, hold.memory);
      ++left_;
    }
  }

  /// True if a tensor that depends on nothing would have its hold after one that must follow (9).
  bool free_too_late(std::size_t t, LevelId memory) const {
    if (!tensors_[t].dep.empty() || form_.holds.size() <= fixed_) {
      return false;
    }
    const NormalHold& before = form_.holds.back();
    return !tensors_[before.tensor.index()].dep.empty() ||
           std::pair(before.memory, before.tensor.index()) > std::pair(memory, t);
  }

  void order() {
    if (forms_.size() == most_) {
      return;
    }
    if (left_ == 0) {
      finish();
      return;
    }
    --left_;
    for (std::size_t t = 0; t < chains_.size(); ++t) {
      if (next_[t] < chains_[t].size() && !free_too_late(t, chains_[t][next_[t]])) {
        place(t, chains_[t][next_[t]]);
      }
    }
    ++left_;
  }

  /// Lets one tensor's next hold follow, in all ways.
  void place(std::size_t t, LevelId memory) {
    const TensorDimensions& tensor = tensors_[t];
    const std::size_t i = form_.holds.size();
    const DimensionSet base{tensor.dep.bits & ~pending().bits};
    const DimensionSet block{base.bits & ~movable(base).bits};
    form_.holds.push_back({.tensor = TensorId(t), .memory = memory, .sweep = {}});
    form_.blocks.push_back(block);
    const auto place_next = [&] {
      if (space_ == Space::free) {
        follow_skeleton();
        return;
      }
      if (!out_of_order(i)) {
        ++next_[t];
        order();
        --next_[t];
      }
    };
    const std::uint32_t sweeps = tensor.sliding.bits & base.bits;
    for_each_number(sweeps, [&](std::size_t swept) {
      form_.holds[i].sweep = DimensionId(swept);
      form_.blocks[i] = block;
      form_.blocks[i].insert(DimensionId(swept));
      place_next();
    });
    form_.holds[i].sweep.reset();
    form_.blocks[i] = block;
    if (sweeps == 0) {
      place_next();
    }
    if (!tensor.sliding.empty() && i > fixed_ && may_join(i)) {
      const std::size_t first = sweeper_of(form_, i - 1);
      const DimensionSet before = form_.blocks[first];
      form_.blocks[i] = {};
      if (goes_on(i)) {
        form_.blocks[i].insert(*form_.holds[first].sweep);
      }
      if (space_ == Space::free) {
        form_.blocks[first].bits |= tensor.dep.bits & ~full_before(first).bits;
      }
      form_.holds[i].joined = true;
      place_next();
      form_.blocks[first] = before;
    }
    form_.holds.pop_back();
    form_.blocks.pop_back();
  }

  /// Whether hold `i` may sweep with the one before.
  bool may_join(std::size_t i) const {
    const NormalHold& hold = form_.holds[i];
    const NormalHold& outer = form_.holds[i - 1];
    if (hold.tensor == outer.tensor) {
      return true;
    }
    const std::optional<DimensionId>& sweep = form_.holds[sweeper_of(form_, i - 1)].sweep;
    return space_ == Space::free && outer.tensor < hold.tensor && sweep &&
           tensors_[hold.tensor.index()].sliding.contains(*sweep);
  }

  /// Whether the sweep of hold `i`, which is joined to the one before, may go on over a loop that
  /// stands between the two (10).
  bool goes_on(std::size_t i) const {
    const NormalHold& outer = form_.holds[i - 1];
    if (space_ != Space::free || outer.tensor != form_.holds[i].tensor ||
        !form_.holds[sweeper_of(form_, i - 1)].sweep) {
      return false;
    }
    LevelId parent;  // what fills the outer one
    for (const Hold& hold : form_.top) {
      parent = hold.tensors.contains(outer.tensor) ? hold.memory : parent;
    }
    for (std::size_t h = 0; h + 1 < i; ++h) {
      parent = form_.holds[h].tensor == outer.tensor ? form_.holds[h].memory : parent;
    }
    const std::vector<LevelId>& sharing = sharing_[outer.tensor.index()];
    return std::any_of(sharing.begin(), sharing.end(),
                       [&](LevelId fanout) { return parent < fanout && fanout < outer.memory; });
  }

  /// What is in full() of every hold that sweeps with the one before hold `i`.
  DimensionSet full_before(std::size_t i) const {
    DimensionSet full;
    if (i > fixed_) {
      full = tensors_[form_.holds[i - 1].tensor.index()].full();
      for (std::size_t h = i - 1; form_.holds[h].joined; --h) {
        full.bits &= tensors_[form_.holds[h - 1].tensor.index()].full().bits;
      }
    }
    return full;
  }

  /// What the tensors depend on whose holds stand further in than where they are counted.
  DimensionSet pending() const {
    DimensionSet dep;
    if (space_ == Space::free) {
      return dep;
    }
    const LevelId least = least_left();
    for (const NormalHold& hold : form_.holds) {
      if (waits(hold.memory, least)) {
        dep.bits |= tensors_[hold.tensor.index()].dep.bits;
      }
    }
    return dep;
  }

  /// The outermost memory with a hold still to come.
  LevelId least_left() const {
    LevelId least(std::numeric_limits<std::uint8_t>::max());
    for (std::size_t t = 0; t < chains_.size(); ++t) {
      if (next_[t] < chains_[t].size()) {
        least = std::min(least, chains_[t][next_[t]]);
      }
    }
    return least;
  }

  /// Whether a hold in `memory` may not stand before one in `other`.
  bool waits(LevelId memory, LevelId other) const {
    return space_ == Space::even ? memory >= other : memory > other;
  }

  /// Those of `candidates` whose loops the last hold, with what it takes along, can move in past.
  DimensionSet movable(DimensionSet candidates) const {
    DimensionSet result;
    for_each_number(candidates.bits & full_before(form_.holds.size()).bits, [&](std::size_t d) {
      if (space_ == Space::free || moves_in(DimensionId(d))) {
        result.insert(DimensionId(d));
      }
    });
    return result;
  }

  bool moves_in(DimensionId d) const {
    const std::size_t last = form_.holds.size() - 1;
    std::vector<bool> moved(last + 1, false);
    moved[last] = true;
    LevelId least = form_.holds[last].memory;
    for (bool again = true; again;) {
      again = false;
      bool together = true;  // no loop between this hold and the last
      for (std::size_t i = last + 1; i-- > 0;) {
        const NormalHold& hold = form_.holds[i];
        const TensorDimensions& tensor = tensors_[hold.tensor.index()];
        const bool with_next = i < last && form_.holds[i + 1].joined && moved[i + 1];
        if (!moved[i] && (with_next || (tensor.dep.contains(d) && waits(hold.memory, least)))) {
          if (!together || !tensor.full().contains(d)) {
            return false;
          }
          moved[i] = true;
          least = std::min(least, hold.memory);
          again = true;
        }
        together = together && form_.blocks[i].empty();
      }
    }
    return true;
  }

  /// True if hold `i` has no loop between it and the one before, and they stand against the order
  /// that holds at one place have: sliding tensors first, then by memory and tensor.
  bool out_of_order(std::size_t i) const {
    const NormalHold& hold = form_.holds[i];
    if (i <= fixed_ || hold.joined || !form_.blocks[i].empty()) {
      return false;
    }
    const auto key = [&](const NormalHold& h) {
      return std::tuple(tensors_[h.tensor.index()].sliding.empty(), h.memory, h.tensor.index());
    };
    const NormalHold& before = form_.holds[i - 1];
    return key(before) > key(hold) ||
           (hold.tensor == before.tensor && !tensors_[hold.tensor.index()].sliding.empty());
  }

  void finish() {
    form_.blocks.push_back(DimensionSet{every_.bits & ~movable(every_).bits});
    form_.written.clear();
    for (const Hold& hold : skeleton_.top) {
      form_.written.push_back({hold, 0});
    }
    for (std::size_t i = fixed_; i < form_.holds.size(); ++i) {
      write_hold(i);
    }
    std::stable_sort(form_.written.begin() + static_cast<std::ptrdiff_t>(skeleton_.top.size()),
                     form_.written.end(), [](const PlacedHold& a, const PlacedHold& b) {
                       return std::pair(a.blocks, a.hold.memory) <
                              std::pair(b.blocks, b.hold.memory);
                     });
    forms_.push_back(form_);
    form_.blocks.pop_back();
  }

  void write_hold(std::size_t i) {
    const NormalHold& hold = form_.holds[i];
    std::size_t last = i;
    for (std::size_t other = i + 1; space_ != Space::free && other < form_.holds.size(); ++other) {
      if (waits(hold.memory, form_.holds[other].memory)) {
        last = other;
      }
    }
    if (space_ == Space::even) {
      for (PlacedHold& placed : form_.written) {
        if (placed.hold.memory == hold.memory) {
          placed.hold.tensors.insert(hold.tensor);
          return;
        }
      }
    }
    PlacedHold placed{{hold.memory, {}}, last + 1};
    placed.hold.tensors.insert(hold.tensor);
    form_.written.push_back(placed);
  }

  const Skeleton& skeleton_;
  Space space_;
  std::size_t most_;
  std::vector<TensorDimensions> tensors_;
  std::vector<std::vector<LevelId>> sharing_;  ///< by tensor: fanouts that share its windows' words
  DimensionSet every_;
  std::vector<std::vector<LevelId>> chains_;  ///< by tensor: its memories but those at the top
  std::vector<std::size_t> next_;             ///< by tensor: how many of them are placed
  std::size_t left_ = 0;                      ///< holds still to place
  std::size_t fixed_ = 0;                     ///< holds at the top
  NormalForm form_;
  std::vector<NormalForm> forms_;
};

}  // namespace

std::size_t sweeper_of(const NormalForm& form, std::size_t hold) {
  while (form.holds[hold].joined) {
    --hold;
  }
  return hold;
}

bool stands_for_several(const NormalForm& form) {
  return std::any_of(form.holds.begin(), form.holds.end(),
                     [](const NormalHold& hold) { return !hold.other_sweeps.empty(); });
}

std::vector<NormalForm> normal_forms(const Mapspace& space, const Skeleton& skeleton,
                                     std::size_t most) {
  return Lister(space, skeleton, most).list();
}

std::vector<LevelId> window_sharing_fanouts(const Mapspace& space, TensorId tensor) {
  const Tensor& of = space.problem().at(tensor);
  const DimensionSet sliding = sliding_dimensions(space.problem(), tensor);
  std::vector<LevelId> fanouts;
  for (const SpatialSlot& slot : space.spatial_slots()) {
    const Fanout& fanout = *space.architecture().fanout(slot.axis.fanout);
    if (of.role != TensorRole::output && (slot.allowed.bits & sliding.bits) != 0 &&
        fanout.multicast[static_cast<std::size_t>(of.kind)] == Multicast::word &&
        (fanouts.empty() || fanouts.back() != slot.axis.fanout)) {
      fanouts.push_back(slot.axis.fanout);
    }
  }
  return fanouts;
}

}  // namespace tessera
