// Writes a mapping of a normal form as a node list: block by block, holds where the space wants
// them.

#include "mapper/factors.hpp"
#include "mapper/normal_form.hpp"

namespace tessera {
namespace {

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

void write_normal(const NormalForm& form, const std::vector<SpatialSlot>& axes,
                  const NormalBounds& bounds, DimensionSet dimensions, bool with_holds,
                  Mapping& mapping) {
  mapping.nodes.clear();
  Writer writer(axes, bounds, mapping);
  std::size_t written = 0;
  for (std::size_t block = 0; block < form.blocks.size(); ++block) {
    for (; with_holds && written < form.written.size() && form.written[written].blocks == block;
         ++written) {
      mapping.nodes.emplace_back(form.written[written].hold);
    }
    const bool last = block == form.holds.size();
    const DimensionSet swept = last ? DimensionSet{} : sweep_of(form.holds[block]);
    for_each_number(dimensions.bits & form.blocks[block].bits & ~swept.bits,
                    [&](std::size_t d) { writer.temporal(d, block); });
    for_each_number(swept.bits & dimensions.bits,
                    [&](std::size_t d) { writer.temporal(d, block); });
  }
  for_each_number(dimensions.bits, [&](std::size_t d) { writer.rest(d); });
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
