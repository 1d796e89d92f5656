// What the terms of a normal form say of a mapping against what the model says.
//
// A leaf of the search may be a mapping of which its form says too much: where a loop of the form
// has bound 1, a hold may stand directly inside a loop that its tensor does not depend on, which is
// then free, or sweep over a loop that the form counts as outside. `overrated` sees that from the
// bounds.
//
// A mapping that is returned is compared exactly even so, in a form of its own
// (exact_recover.cpp); its terms come from exact_columns.cpp, as those of the search do, with one
// choice a dimension.

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
#include "search/exact_recover.hpp"

namespace tessera {
namespace {

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

bool accesses_round(const Problem& problem, const Memory& memory) {
  const auto in_accesses = [](const std::optional<Bandwidth>& port) {
    return port && port->in_accesses();
  };
  const bool counted = (memory.energy && memory.energy->basis == EnergyBasis::access) ||
                       in_accesses(memory.ports.shared) || in_accesses(memory.ports.read) ||
                       in_accesses(memory.ports.write);
  return counted && std::any_of(problem.tensors.begin(), problem.tensors.end(), [&](const auto& t) {
           const TensorWord word = memory.stored(t.word());
           return memory.packing(word.bits).words_per_access > 1 ||
                  memory.packing(word.final_bits).words_per_access > 1;
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
        {relevant_dimensions(problem, TensorId(t)), sliding_dimensions(problem, TensorId(t))});
    words_exact_ = words_exact_ && shares_alike(architecture, problem.tensors[t]);
  }
  energy_exact_ = words_exact_;
  for (std::size_t level = 0; level < architecture.hierarchy.size(); ++level) {
    if (const Memory* memory = architecture.memory(LevelId(level))) {
      const TensorWord output = memory->stored(problem.at(kOutput).word());
      energy_exact_ = energy_exact_ && output.final_bits == output.bits;
    }
  }
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
    const std::size_t sweeper = sweeper_of(form, b);
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
    if (!sweep || sweep->index() != last || of < sweeper) {
      return true;
    }
    for (std::size_t l = count - 1; l-- > 0 && loops[l].first == last;) {
      if (loops[l].second < sweeper) {
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
  const std::optional<RecoveredForm> found = recover_form(space, mapping, sliding);
  if (!found) {
    return std::nullopt;
  }
  const TermTable terms(space.problem(), space.architecture(), found->form, space.spatial_slots());
  std::vector<double> product(terms.components().size(), 1.0);
  for (const DimensionSet& group : dimension_groups(space.problem())) {
    std::vector<std::unique_ptr<ChoiceTable>> owned;
    std::vector<ChoiceTable*> tables;
    for (std::size_t d = 0; d < space.problem().dimensions.size(); ++d) {
      if (group.contains(DimensionId(d))) {
        owned.push_back(std::make_unique<ChoiceTable>(only_choice(found->form, found->bounds, d),
                                                      space.problem().dimensions[d].bound, false));
        tables.push_back(owned.back().get());
      }
    }
    const GroupColumns columns(space, found->form, terms, group, tables);
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
