// What the terms of a normal form say of a mapping against what the model says.
//
// A leaf of the search may be a mapping of which its form says too much: where a loop of the form
// has bound 1, a hold may stand directly inside a loop that its tensor does not depend on, which is
// then free, or sweep over a loop that the form counts as outside. `overrated` sees that from the
// bounds.
//
// A mapping that is returned is compared exactly even so. No count of a hold changes when it moves
// outward past loops that its tensor does not depend on (mapper/normal_form.cpp, 1). So `cost_of`
// moves every hold as far as it goes, takes the holds in that order with the loops between them as
// blocks, and has a form in which nothing can move; its terms come from exact_columns.cpp, as those
// of the search do, with one choice a dimension.

#include "search/exact_check.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <stdexcept>
#include <tuple>

#include <fmt/format.h>

#include "search/exact_combination.hpp"
#include "search/exact_objectives.hpp"
#include "search/exact_options.hpp"

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
      const bool joins = i > 0 && holds_[i - 1].place == held.place;
      begin = joins || i == 0 ? begin : holds_[i - 1].place;
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
        if (first < begin) {
          return false;
        }
        hold.joined = joins;
        if (!joins) {
          hold.sweep = swept;
        }
      }
      form.holds.push_back(hold);
      form.blocks.push_back(joins ? DimensionSet{} : loops_between(begin, held.place));
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

/// The one way to give the loops of dimension `d` that the bounds are.
ChoiceList only_choice(const NormalForm& form, const NormalBounds& bounds, std::size_t d) {
  ChoiceList list;
  list.slots = bounds.spatial[d].size();
  list.numbers.assign(bounds.spatial[d].begin(), bounds.spatial[d].end());
  list.numbers.insert(list.numbers.end(), bounds.gaps[d].begin(), bounds.gaps[d].end());
  for (std::size_t b = 0; b < form.blocks.size(); ++b) {
    if (form.blocks[b].contains(DimensionId(d))) {
      ++list.blocks;
      const auto parts = bounds.temporal[d].begin() + static_cast<std::ptrdiff_t>(b * kLoopParts);
      list.numbers.insert(list.numbers.end(), parts, parts + kLoopParts);
    }
  }
  return list;
}

DimensionSet sliding_of(const Problem& problem, const Tensor& tensor) {
  DimensionSet sliding;
  for (const Rank& rank : tensor.projection.ranks) {
    DimensionSet in_rank;
    int count = 0;
    for (const Term& term : rank) {
      if (problem.at(term.dimension).bound > 1 && !in_rank.contains(term.dimension)) {
        in_rank.insert(term.dimension);
        ++count;
      }
    }
    sliding.bits |= count > 1 ? in_rank.bits : 0;
  }
  return sliding;
}

bool accesses_round(const Problem& problem, const Memory& memory) {
  const auto in_accesses = [](const std::optional<Bandwidth>& port) {
    return port && port->in_accesses();
  };
  const bool counted = (memory.energy && memory.energy->basis == EnergyBasis::access) ||
                       in_accesses(memory.ports.shared) || in_accesses(memory.ports.read) ||
                       in_accesses(memory.ports.write);
  return counted && std::any_of(problem.tensors.begin(), problem.tensors.end(), [&](const auto& t) {
           return memory.packing(t.bits).words_per_access > 1 ||
                  memory.packing(t.final_bits).words_per_access > 1;
         });
}

/// Whether sharing does not depend on which fanouts a mapping uses: none have `word` while others
/// have `tile`.
bool shares_alike(const Architecture& architecture, const Tensor& tensor) {
  bool word = false;
  bool tile = false;
  for (std::size_t level = 0; level < architecture.hierarchy.size(); ++level) {
    const Fanout* fanout = architecture.fanout(LevelId(level));
    if (fanout != nullptr && tensor.role != TensorRole::output) {
      const Multicast multicast = fanout->multicast[static_cast<std::size_t>(tensor.kind)];
      word = word || multicast == Multicast::word;
      tile = tile || multicast == Multicast::tile;
    }
  }
  return !(word && tile);
}

double leakage_mw(const Architecture& architecture) {
  double sum = 0;
  for (std::size_t level = 0; level < architecture.hierarchy.size(); ++level) {
    const auto instances = static_cast<double>(architecture.instances(LevelId(level)));
    if (const Memory* memory = architecture.memory(LevelId(level))) {
      sum += memory->leakage_mw * instances;
    } else if (architecture.fanout(LevelId(level)) == nullptr) {
      sum += architecture.compute().leakage_mw * instances;
    }
  }
  return sum;
}

[[noreturn]] void fail(std::string_view what, double terms, std::string_view relation,
                       double model) {
  throw std::logic_error(
      fmt::format("the search reckons with {} {} of a mapping, which should be {} the model's {}",
                  what, terms, relation, model));
}

}  // namespace

TermCheck::TermCheck(const Problem& problem, const Architecture& architecture)
    : problem_(problem), leakage_pj_(leakage_mw(architecture) * 1e9 / architecture.clock_hz) {
  for (std::size_t t = 0; t < problem.tensors.size(); ++t) {
    tensors_.push_back(
        {relevant_dimensions(problem, TensorId(t)), sliding_of(problem, problem.tensors[t])});
    words_exact_ = words_exact_ && shares_alike(architecture, problem.tensors[t]);
  }
  energy_exact_ = words_exact_ && problem.at(kOutput).final_bits == problem.at(kOutput).bits;
  cycles_exact_ = energy_exact_;
  for (std::size_t level = 0; level < architecture.hierarchy.size(); ++level) {
    if (const Memory* memory = architecture.memory(LevelId(level))) {
      energy_exact_ = energy_exact_ && !accesses_round(problem, *memory);
      cycles_exact_ = cycles_exact_ && energy_exact_ && !memory->ramp &&
                      memory->buffering != Buffering::single_buffer;
    } else if (const Fanout* fanout = architecture.fanout(LevelId(level))) {
      cycles_exact_ = cycles_exact_ && fanout->skew() == 0;
    }
  }
  // With power gating the terms let one instance leak.
  energy_exact_ =
      energy_exact_ && (leakage_pj_ == 0 || (cycles_exact_ && !architecture.power_gating));
}

bool TermCheck::overrated(const NormalForm& form, const NormalBounds& bounds) const {
  // The temporal loops of all blocks in the order in which they are written, and where blocks end.
  std::array<std::pair<std::uint8_t, std::uint8_t>, kMaxLoops> loops;  // dimension, block
  std::size_t count = 0;
  for (std::size_t b = 0; b < form.blocks.size(); ++b) {
    const auto write = [&](std::size_t d) {
      for (std::size_t part = 0; part < kLoopParts; ++part) {
        if (bounds.temporal[d][b * kLoopParts + part] > 1) {
          loops[count++] = {static_cast<std::uint8_t>(d), static_cast<std::uint8_t>(b)};
        }
      }
    };
    const bool sweeps = b < form.holds.size() && form.holds[b].sweep;
    for (std::size_t d = 0; d < bounds.temporal.size(); ++d) {
      if (form.blocks[b].contains(DimensionId(d)) &&
          !(sweeps && form.holds[b].sweep->index() == d)) {
        write(d);
      }
    }
    if (sweeps) {
      write(form.holds[b].sweep->index());
    }
    if (b == form.holds.size()) {
      break;
    }
    // What the hold after this block does.
    std::size_t sweeper = b;
    while (form.holds[sweeper].joined) {
      --sweeper;
    }
    if (count == 0) {
      continue;
    }
    const auto [last, of] = loops[count - 1];
    const Depends& tensor = tensors_[form.holds[b].tensor.index()];
    if (!tensor.on.contains(DimensionId(last))) {
      return true;
    }
    if (!tensor.sliding.contains(DimensionId(last))) {
      continue;
    }
    const auto& sweep = form.holds[sweeper].sweep;
    if (!sweep || sweep->index() != last || of != sweeper) {
      return true;
    }
    for (std::size_t l = count - 1; l-- > 0 && loops[l].first == last;) {
      if (loops[l].second != sweeper) {
        return true;
      }
    }
  }
  return false;
}

void TermCheck::compare(const TermCost& terms, bool overrated, const Evaluation& model) const {
  const auto check = [&](std::string_view what, double own, double slack, bool exact,
                         double known) {
    const double rounding = std::abs(known) * kExactRounding;
    if (!overrated && own > known + rounding) {
      fail(what, own, exact ? "equal to" : "at most", known);
    }
    if (exact && own + slack < known - rounding) {
      fail(what, own, overrated ? "at least" : "equal to", known);
    }
  };
  check("words", terms.dram_words, 0, words_exact_, static_cast<double>(model.dram_words));
  check("pJ", terms.energy_pj, leakage_pj_, energy_exact_, model.energy_pj);
  check("cycles", std::ceil(terms.cycles * (1 - kExactRounding)), 0, cycles_exact_,
        static_cast<double>(model.cycles));
}

std::optional<TermCost> TermCheck::cost_of(const Mapspace& space, const Mapping& mapping) const {
  std::vector<DimensionSet> sliding;
  for (const Depends& tensor : tensors_) {
    sliding.push_back(tensor.sliding);
  }
  Recovered found(space, mapping);
  if (!found.build(sliding)) {
    return std::nullopt;
  }
  const TermTable terms(space.problem(), space.architecture(), found.form, space.spatial_slots());
  std::vector<double> product(terms.components().size(), 1.0);
  for (const DimensionSet& group : dimension_groups(space.problem())) {
    std::vector<std::unique_ptr<ChoiceTable>> owned;
    std::vector<ChoiceTable*> tables;
    for (std::size_t d = 0; d < space.problem().dimensions.size(); ++d) {
      if (group.contains(DimensionId(d))) {
        owned.push_back(std::make_unique<ChoiceTable>(only_choice(found.form, found.bounds, d),
                                                      space.problem().dimensions[d].bound, false));
        tables.push_back(owned.back().get());
      }
    }
    const GroupColumns columns(space, found.form, terms, group, tables);
    for (ChoiceTable* table : tables) {
      table->fill();
    }
    const std::vector<double> values =
        components_of(columns, std::vector<std::uint32_t>(tables.size(), 0));
    for (std::size_t c = 0; c < product.size(); ++c) {
      product[c] *= values[c];
    }
  }
  return terms.cost(product.data(), 0);
}

}  // namespace tessera
