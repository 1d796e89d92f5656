// No count of a hold changes when it moves outward past loops that its tensor does not depend on
// (mapper/normal_form.cpp, 1). So every hold is moved as far as it goes; the holds in that order,
// with the loops between them as blocks, are a form in which nothing can move.

#include "search/exact_recover.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace tessera {
namespace {

/// A form that describes one mapping, and its bounds in it.
class Recovered {
 public:
  Recovered(const Mapspace& space, const Mapping& mapping) : space_(space) {
    for (std::size_t t = 0; t < space.problem().tensors.size(); ++t) {
      dep_.push_back(relevant_dimensions(space.problem(), TensorId(t)));
    }
    read(mapping);
  }

  /// False where no form has it.
  bool build(const std::vector<DimensionSet>& sliding) { return order(sliding) && fill(); }

  NormalForm form;
  NormalBounds bounds;

 private:
  struct Held {
    TensorId tensor;
    LevelId memory;
    std::size_t place = 0;  ///< temporal loops outside it
    bool sweeps = false;    ///< over the last of these
  };
  struct Spatial {
    DimensionId dimension;
    std::size_t slot = 0;
    std::int64_t bound = 1;
    std::size_t place = 0;  ///< temporal loops outside it
  };

  void read(const Mapping& mapping) {
    TensorSet seen;
    for (const Node& node : mapping.nodes) {
      if (const auto* hold = std::get_if<Hold>(&node)) {
        take(*hold, seen);
        continue;
      }
      const Loop& loop = std::get<Loop>(node);
      if (!loop.axis) {
        loops_.push_back(loop);
        continue;
      }
      const auto& slots = space_.spatial_slots();
      const auto at = std::find_if(slots.begin(), slots.end(), [&](const SpatialSlot& slot) {
        return slot.axis == *loop.axis;
      });
      spatial_.push_back({loop.dimension, static_cast<std::size_t>(at - slots.begin()), loop.bound,
                          loops_.size()});
    }
  }

  void take(const Hold& hold, TensorSet& seen) {
    for (std::size_t t = 0; t < dep_.size(); ++t) {
      if (!hold.tensors.contains(TensorId(t))) {
        continue;
      }
      if (!seen.contains(TensorId(t))) {
        seen.insert(TensorId(t));
        TensorSet single;
        single.insert(TensorId(t));
        form.top.push_back({hold.memory, single});
        continue;
      }
      std::size_t place = loops_.size();
      while (place > 0 && !dep_[t].contains(loops_[place - 1].dimension)) {
        --place;
      }
      holds_.push_back({TensorId(t), hold.memory, place, false});
    }
  }

  /// The holds by place, those that sweep first; false if one of them parts the loops of a sweep.
  bool order(const std::vector<DimensionSet>& sliding) {
    for (Held& held : holds_) {
      held.sweeps =
          held.place > 0 && sliding[held.tensor.index()].contains(loops_[held.place - 1].dimension);
    }
    std::stable_sort(holds_.begin(), holds_.end(), [](const Held& a, const Held& b) {
      return std::pair(a.place, !a.sweeps) < std::pair(b.place, !b.sweeps);
    });
    std::size_t begin = 0;  // of the block before the hold
    for (std::size_t i = 0; i < holds_.size(); ++i) {
      const Held& held = holds_[i];
      const bool touches = i > 0 && holds_[i - 1].place == held.place;
      begin = touches || i == 0 ? begin : holds_[i - 1].place;
      bool joins = touches;
      NormalHold hold{.tensor = held.tensor, .memory = held.memory, .sweep = {}, .joined = false};
      if (held.sweeps) {
        const DimensionId swept = loops_[held.place - 1].dimension;
        std::size_t first = held.place;
        while (first > 0 && loops_[first - 1].dimension == swept) {
          --first;
        }
        for (std::size_t l = begin; l < first; ++l) {
          if (loops_[l].dimension == swept) {
            return false;
          }
        }
        if (first < begin) {  // the sweep goes on where the hold before stands
          if (i == 0 || holds_[i - 1].tensor != held.tensor) {
            return false;
          }
          joins = true;
        }
        hold.joined = joins;
        if (!joins) {
          hold.sweep = swept;
        }
      }
      form.holds.push_back(hold);
      form.blocks.push_back(touches ? DimensionSet{} : loops_between(begin, held.place));
    }
    form.blocks.push_back(loops_between(holds_.empty() ? 0 : holds_.back().place, loops_.size()));
    return true;
  }

  DimensionSet loops_between(std::size_t begin, std::size_t end) const {
    DimensionSet set;
    for (std::size_t l = begin; l < end; ++l) {
      set.insert(loops_[l].dimension);
    }
    return set;
  }

  /// The block that has loop number `l`.
  std::size_t block_of(std::size_t l) const {
    std::size_t block = 0;
    while (block < holds_.size() && holds_[block].place <= l) {
      ++block;
    }
    return block;
  }

  /// The bounds; false where a block has more loops of a dimension than a form can say.
  bool fill() {
    const std::size_t dimensions = space_.problem().dimensions.size();
    const std::size_t slots = space_.spatial_slots().size();
    bounds.temporal.assign(dimensions,
                           std::vector<std::int64_t>(form.blocks.size() * kLoopParts, 1));
    bounds.spatial.assign(dimensions, std::vector<std::int64_t>(slots, 1));
    bounds.gaps.assign(dimensions, std::vector<std::uint8_t>(slots, 0));
    for (std::size_t d = 0; d < dimensions; ++d) {
      if (!fill(DimensionId(d))) {
        return false;
      }
    }
    return true;
  }

  bool fill(DimensionId d) {
    std::size_t parts = 0;  // of all blocks
    std::size_t in_block = 0;
    std::size_t block = form.blocks.size();
    bool parted = false;  // by a spatial loop since the last temporal one
    auto spread = spatial_.begin();
    const auto pass_spatial = [&](std::size_t before) {
      for (; spread != spatial_.end() && spread->place <= before; ++spread) {
        if (spread->dimension == d) {
          if (bounds.spatial[d.index()][spread->slot] != 1) {
            return false;
          }
          bounds.spatial[d.index()][spread->slot] = spread->bound;
          bounds.gaps[d.index()][spread->slot] = static_cast<std::uint8_t>(parts);
          parted = true;
        }
      }
      return true;
    };
    for (std::size_t l = 0; l < loops_.size(); ++l) {
      if (!pass_spatial(l)) {
        return false;
      }
      if (loops_[l].dimension != d) {
        continue;
      }
      const std::size_t here = block_of(l);
      const bool goes_on = here == block && !parted;
      in_block = here == block ? in_block + (goes_on ? 0 : 1) : 0;
      if (in_block == kLoopParts) {
        return false;
      }
      parts += goes_on ? 0 : 1;
      block = here;
      parted = false;
      bounds.temporal[d.index()][block * kLoopParts + in_block] *= loops_[l].bound;
    }
    return pass_spatial(loops_.size());
  }

  const Mapspace& space_;
  std::vector<DimensionSet> dep_;
  std::vector<Loop> loops_;  ///< temporal ones, outermost first
  std::vector<Spatial> spatial_;
  std::vector<Held> holds_;  ///< all but each tensor's outermost
};

}  // namespace

std::optional<RecoveredForm> recover_form(const Mapspace& space, const Mapping& mapping,
                                          const std::vector<DimensionSet>& sliding) {
  Recovered found(space, mapping);
  if (!found.build(sliding)) {
    return std::nullopt;
  }
  return RecoveredForm{std::move(found.form), std::move(found.bounds)};
}

}  // namespace tessera
