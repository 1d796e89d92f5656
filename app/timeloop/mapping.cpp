#include "app/timeloop/mapping.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "app/timeloop/directive.hpp"
#include "app/timeloop/reading.hpp"

namespace tessera {
namespace {

/// The loops of one memory or of one fanout.
struct Block {
  std::optional<SpecNode> node;  ///< of the directive
  std::vector<TimeloopFactor> factors;
  std::vector<DimensionId> permutation;  ///< innermost first, all dimensions
  std::size_t split = 0;                 ///< spatial: so many of the permutation lie on X
};

/// The factor of `dimension`; null: 1.
const TimeloopFactor* factor_of(const Block& block, DimensionId dimension) {
  for (const TimeloopFactor& factor : block.factors) {
    if (factor.dimension == dimension) {
      return &factor;
    }
  }
  return nullptr;
}

class MappingReader {
 public:
  MappingReader(const SpecNode& root, const Problem& problem, const Architecture& architecture)
      : root_(root),
        problem_(problem),
        architecture_(architecture),
        kept_(architecture.hierarchy.size(), all_tensors()),
        decided_(architecture.hierarchy.size()) {
    result_.architecture = architecture;
  }

  TimeloopMapping run() {
    for (const SpecNode& directive : root_.items()) {
      read_directive(directive);
    }
    assemble();
    check_factors();
    if (const auto fault = validate(problem_, architecture_, result_.mapping)) {
      fail(*fault);
    }
    return std::move(result_);
  }

 private:
  TensorSet all_tensors() const {
    TensorSet all;
    for (std::size_t i = 0; i < problem_.tensors.size(); ++i) {
      all.insert(TensorId(i));
    }
    return all;
  }

  void read_directive(const SpecNode& node) {
    const TimeloopTarget target = parse_target(node.at("target"), architecture_);
    const SpecNode type = node.at("type");
    switch (parse_type(type)) {
      case DirectiveType::temporal:
        read_temporal(node, target);
        break;
      case DirectiveType::spatial:
        read_spatial(node, target);
        break;
      case DirectiveType::dataspace:
        read_dataspace(node, target);
        break;
      case DirectiveType::utilization:
        type.fail("a demand on the utilization is a constraint and has no place in a mapping");
      case DirectiveType::other:
        type.fail(fmt::format("directives of type {} are not supported", type.as_string()));
    }
    node.finish();
  }

  Block& new_block(const SpecNode& node, LevelId level, std::string_view what) {
    Block& block = blocks_[level];
    if (block.node) {
      node.fail(fmt::format("{} has a {} directive already, on line {}",
                            architecture_.name_of(level), what, block.node->line()));
    }
    block.node = node;
    if (const auto factors = node.find("factors")) {
      block.factors = parse_factors(*factors, problem_);
    }
    for (const TimeloopFactor& factor : block.factors) {
      if (factor.relation != FactorRelation::equal) {
        factor.fail("expected `=`: a mapping says which factor it is");
      }
    }
    if (const auto permutation = node.find("permutation")) {
      block.permutation = parse_permutation(*permutation, problem_);
    }
    // What a permutation leaves out stands outside, in the order of the problem.
    for (std::size_t i = 0; i < problem_.dimensions.size(); ++i) {
      const DimensionId dimension(i);
      if (std::find(block.permutation.begin(), block.permutation.end(), dimension) ==
          block.permutation.end()) {
        block.permutation.push_back(dimension);
      }
    }
    return block;
  }

  void read_temporal(const SpecNode& node, const TimeloopTarget& target) {
    if (target.is_fanout) {
      refuse_temporal(node);
    } else {
      new_block(node, target.level, "temporal");
    }
    for (const std::string_view key : {"no_temporal_reuse", "no_reuse"}) {
      note_switch(node, target, key, "here a tile that stays the same is not fetched again");
    }
    for (const std::string_view key : {"rmw_first_update", "rmw_on_first_writeback"}) {
      note_switch(node, target, key, "here the first write of a word needs no read");
    }
  }

  /// A fanout, as the front end's storages that hold nothing, has only loops of bound 1.
  void refuse_temporal(const SpecNode& node) const {
    if (const auto factors = node.find("factors")) {
      for (const TimeloopFactor& factor : parse_factors(*factors, problem_)) {
        if (factor.bound > 1) {
          factor.fail("expected the factor 1: a fanout holds nothing between temporal loops");
        }
      }
    }
    if (const auto permutation = node.find("permutation")) {
      parse_permutation(*permutation, problem_);
    }
  }

  /// A switch of Timeloop's accounting, which the executed nest does not have.
  void note_switch(const SpecNode& node, const TimeloopTarget& target, std::string_view key,
                   std::string_view here) {
    const auto value = find_key(node, key);
    if (value && !parse_tensors(*value, problem_).empty() && !target.is_fanout) {
      add_note(
          result_.notes, *value,
          fmt::format("`{}` changes how Timeloop counts, not what the loops do; {}", key, here));
    }
  }

  void read_spatial(const SpecNode& node, const TimeloopTarget& target) {
    const LevelId fanout = fanout_of(target, architecture_);
    Block& block = new_block(node, fanout, "spatial");
    block.split = problem_.dimensions.size();
    if (const auto split = node.find("split"); split && !split->is_null()) {
      block.split = static_cast<std::size_t>(as_whole(*split, 0, INT32_MAX));
    }
    for (const std::string_view key : {"no_reuse", "no_multicast_no_reduction"}) {
      if (const auto value = find_key(node, key)) {
        forbid_sharing(*value, problem_,
                       std::get<Fanout>(result_.architecture.hierarchy[fanout.index()]));
      }
    }
    // Without this key Timeloop passes words on between neighbours in every mapping. No search of
    // ours has to: an architecture alone is read without links.
    TensorSet unlinked;
    if (const auto value = find_key(node, "no_link_transfer")) {
      unlinked = parse_tensors(*value, problem_);
    }
    for (const TensorKind kind : {TensorKind::inputs, TensorKind::weights}) {
      bool linked = true;
      for (std::size_t i = 0; i < problem_.tensors.size(); ++i) {
        linked = linked && !(unlinked.contains(TensorId(i)) && problem_.tensors[i].kind == kind);
      }
      if (linked) {
        std::get<Fanout>(result_.architecture.hierarchy[fanout.index()]).links.insert(kind);
      }
    }
  }

  void read_dataspace(const SpecNode& node, const TimeloopTarget& target) {
    const auto keep_node = node.find("keep");
    const auto bypass_node = node.find("bypass");
    const TensorSet keep = keep_node ? parse_tensors(*keep_node, problem_) : TensorSet{};
    const TensorSet bypass = bypass_node ? parse_tensors(*bypass_node, problem_) : TensorSet{};
    note_switch(node, target, "no_coalesce", "here each word is counted where it goes");
    if (target.is_fanout) {
      if (!keep.empty()) {
        keep_node->fail(
            fmt::format("{} is a fanout and keeps nothing", architecture_.name_of(target.level)));
      }
      return;
    }
    const std::size_t level = target.level.index();
    for (std::size_t i = 0; i < problem_.tensors.size(); ++i) {
      const TensorId tensor(i);
      if (keep.contains(tensor) || bypass.contains(tensor)) {
        if (decided_[level].contains(tensor) ||
            (keep.contains(tensor) && bypass.contains(tensor))) {
          node.fail(fmt::format("whether {} keeps {} is said twice",
                                architecture_.name_of(target.level), problem_.at(tensor).name));
        }
        decided_[level].insert(tensor);
      }
      if (bypass.contains(tensor)) {
        kept_[level].erase(tensor);
      }
    }
  }

  void add_hold(LevelId memory, TensorSet tensors) {
    if (!tensors.empty()) {
      result_.mapping.nodes.push_back(Hold{memory, tensors});
      places_.push_back(std::nullopt);
    }
  }

  void assemble() {
    // Each data space is held from the start by its outermost keeper.
    TensorSet placed;
    std::vector<TensorSet> inner = kept_;
    for (std::size_t i = 0; i < architecture_.hierarchy.size(); ++i) {
      if (architecture_.memory(LevelId(i)) != nullptr) {
        const TensorSet first{kept_[i].bits & ~placed.bits};
        add_hold(LevelId(i), first);
        inner[i].bits &= placed.bits;
        placed.bits |= first.bits;
      }
    }
    for (std::size_t i = 0; i < problem_.tensors.size(); ++i) {
      if (!placed.contains(TensorId(i))) {
        root_.fail(fmt::format("no memory keeps {}", problem_.tensors[i].name));
      }
    }
    for (std::size_t i = 0; i < architecture_.hierarchy.size(); ++i) {
      const LevelId level(i);
      if (architecture_.memory(level) != nullptr) {
        add_hold(level, inner[i]);
      }
      const auto block = blocks_.find(level);
      if (block != blocks_.end()) {
        add_loops(level, block->second);
      }
    }
  }

  void add_loops(LevelId level, const Block& block) {
    const bool spatial = architecture_.fanout(level) != nullptr;
    for (std::size_t i = block.permutation.size(); i-- > 0;) {
      const DimensionId dimension = block.permutation[i];
      const TimeloopFactor* factor = factor_of(block, dimension);
      if (factor == nullptr) {
        continue;
      }
      digits_.push_back(*factor);
      if (factor->bound == 1) {
        continue;
      }
      Loop loop{.dimension = dimension, .bound = factor->bound, .axis = {}};
      if (spatial) {
        const bool y = i >= block.split;
        loop.axis = axis_of(level, y, architecture_);
        if (!loop.axis) {
          factor->fail(fmt::format("{} has no axis {} for this loop", architecture_.name_of(level),
                                   y ? "Y" : "X"));
        }
      }
      result_.mapping.nodes.push_back(loop);
      places_.push_back(*factor);
    }
  }

  /// Timeloop's rule: with loops n of remainders r, outer to inner, a dimension has
  /// ((r1 - 1) n2 + r2 - 1) n3 + ... + 1 values.
  void check_factors() const {
    for (std::size_t i = 0; i < problem_.dimensions.size(); ++i) {
      const Dimension& dimension = problem_.dimensions[i];
      const TimeloopFactor* last = nullptr;
      std::int64_t index = 0;
      bool fits = true;
      for (const TimeloopFactor& digit : digits_) {
        if (digit.dimension == DimensionId(i)) {
          fits = fits && !__builtin_mul_overflow(index, digit.bound, &index) &&
                 !__builtin_add_overflow(index, digit.last - 1, &index);
          last = digit.bound > 1 || last == nullptr ? &digit : last;
        }
      }
      if (fits && index + 1 == dimension.bound) {
        continue;
      }
      const std::string message =
          fits ? fmt::format("the factors of {} make {}, but it has the bound {}", dimension.name,
                             index + 1, dimension.bound)
               : fmt::format("the factors of {} make more than 2^63 - 1", dimension.name);
      if (last != nullptr) {
        last->fail(message);
      }
      root_.fail(message);
    }
  }

  [[noreturn]] void fail(const MappingFault& fault) const {
    const bool loop = fault.node < places_.size() && places_[fault.node];
    const std::string message =
        loop ? fault.message + "; a loop with a remainder may not be longer than it needs to be"
             : fault.message;
    if (loop) {
      places_[fault.node]->fail(message);
    }
    root_.fail(message);
  }

  const SpecNode& root_;
  const Problem& problem_;
  const Architecture& architecture_;
  TimeloopMapping result_;
  std::map<LevelId, Block> blocks_;     ///< by memory (temporal) or fanout (spatial)
  std::vector<TensorSet> kept_;         ///< by level
  std::vector<TensorSet> decided_;      ///< by level: what directives spoke of
  std::vector<TimeloopFactor> digits_;  ///< all factors, outer to inner
  std::vector<std::optional<TimeloopFactor>>
      places_;  ///< by node of the mapping: where it came from
};

}  // namespace

bool is_timeloop_mapping(const SpecNode& mapping) {
  if (!mapping.is_sequence()) {
    return false;
  }
  const std::vector<SpecNode> items = mapping.items();
  return !items.empty() && items.front().has("target") &&
         (items.front().has("type") || items.front().has("factors") ||
          items.front().has("permutation"));
}

TimeloopMapping import_timeloop_mapping(const SpecNode& mapping, const Problem& problem,
                                        const Architecture& architecture) {
  return MappingReader(mapping, problem, architecture).run();
}

}  // namespace tessera
