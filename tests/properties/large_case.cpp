#include "tests/properties/large_case.hpp"

#include <algorithm>

#include "model/evaluate.hpp"
#include "tests/catch_compat.hpp"
#include "tests/oracle/shrink.hpp"

namespace tessera::properties {

namespace {

constexpr std::int64_t kMostPoints = std::int64_t{1} << 34;
/// The model refuses outputs with a window that fall into more than 2^24 pieces (gaps and
/// remainders).
constexpr std::int64_t kMostPointsOfWindows = std::int64_t{1} << 20;
constexpr std::int64_t kMostLanes = std::int64_t{1} << 16;

/// Every axis gets just the size that the mapping uses.
void fit_axes(Case& c) {
  for (Element& element : c.architecture.hierarchy) {
    if (auto* fanout = std::get_if<Fanout>(&element)) {
      for (Axis& axis : fanout->axes) {
        axis.size = 1;
      }
    }
  }
  for (const Node& node : c.mapping.nodes) {
    const auto* loop = std::get_if<Loop>(&node);
    if (loop != nullptr && loop->axis) {
      auto& fanout = std::get<Fanout>(c.architecture.hierarchy[loop->axis->fanout.index()]);
      fanout.axes[loop->axis->axis].size *= loop->bound;
    }
  }
}

/// A bound that the dimension's loops cover so that none of them can be lowered.
std::int64_t covered_bound(oracle::RandomSource& random, const Mapping& mapping,
                           DimensionId dimension, bool imperfect) {
  std::int64_t product = 1;
  for (const Node& node : mapping.nodes) {
    const auto* loop = std::get_if<Loop>(&node);
    product *= loop != nullptr && loop->dimension == dimension ? loop->bound : 1;
  }
  if (!imperfect) {
    return product;
  }
  std::int64_t least = 1;
  for (const Node& node : mapping.nodes) {
    const auto* loop = std::get_if<Loop>(&node);
    if (loop != nullptr && loop->dimension == dimension) {
      least = std::max(least, product / loop->bound * (loop->bound - 1) + 1);
    }
  }
  return random.between(least, product);
}

}  // namespace

Case large_case(oracle::Flavor flavor, std::uint64_t seed, Factors factors) {
  Case c = oracle::random_case(flavor, seed);
  oracle::RandomSource random(seed + 77);
  const auto& output = c.problem.at(kOutput).projection.ranks;
  const bool window =
      std::any_of(output.begin(), output.end(), [](const Rank& rank) { return rank.size() > 1; });
  const std::int64_t most = window ? kMostPointsOfWindows : kMostPoints;
  std::int64_t points = oracle::execution_size(c.mapping);
  std::int64_t lanes = 1;
  for (Node& node : c.mapping.nodes) {
    if (auto* loop = std::get_if<Loop>(&node)) {
      const std::int64_t factor = random.pick({1, 2, 3, 4, 5, 7});
      if (points <= most / factor &&
          (!loop->axis || lanes <= kMostLanes / (factor * loop->bound))) {
        points *= factor;
        loop->bound *= factor;
      }
      lanes *= loop->axis ? loop->bound : 1;
    }
  }
  const bool imperfect = factors == Factors::any && random.chance(50);
  for (std::size_t d = 0; d < c.problem.dimensions.size(); ++d) {
    c.problem.dimensions[d].bound =
        covered_bound(random, c.mapping, DimensionId(d), imperfect && random.chance(60));
  }
  fit_axes(c);
  return c;
}

std::string text_of(const Case& c) {
  return oracle::to_document(c, "");
}

Evaluation evaluate_valid(const Case& c) {
  INFO(text_of(c));
  const auto fault = validate(c.problem, c.architecture, c.mapping);
  INFO((fault ? fault->message : ""));
  REQUIRE_FALSE(fault);
  Evaluation evaluation = evaluate(c.problem, c.architecture, c.mapping);
  REQUIRE(evaluation.feasible());
  return evaluation;
}

bool is_plain(const Problem& problem, DimensionId dimension) {
  for (const Tensor& tensor : problem.tensors) {
    for (const Rank& rank : tensor.projection.ranks) {
      const bool has = std::any_of(rank.begin(), rank.end(),
                                   [&](const Term& term) { return term.dimension == dimension; });
      const auto moving = std::count_if(rank.begin(), rank.end(), [&](const Term& term) {
        return problem.at(term.dimension).bound > 1;
      });
      if (has && moving > 1) {
        return false;
      }
    }
  }
  return true;
}

const Loop* temporal_at(const Mapping& mapping, std::size_t node) {
  if (node >= mapping.nodes.size()) {
    return nullptr;
  }
  const auto* loop = std::get_if<Loop>(&mapping.nodes[node]);
  return loop != nullptr && !loop->axis ? loop : nullptr;
}

std::string count_differences(const Evaluation& a, const Evaluation& b) {
  std::string text;
  const auto compare = [&](const std::string& what, std::int64_t x, std::int64_t y) {
    if (x != y) {
      text += what + ": " + std::to_string(x) + ", " + std::to_string(y) + "\n";
    }
  };
  compare("operations", a.operations, b.operations);
  compare("compute cycles", a.compute_cycles, b.compute_cycles);
  compare("cycles", a.cycles, b.cycles);
  compare("dram words", a.dram_words, b.dram_words);
  for (std::size_t i = 0; i < a.levels.size(); ++i) {
    const std::string level = "level " + std::to_string(i);
    compare(level + " instances used", a.levels[i].instances_used, b.levels[i].instances_used);
    for (std::size_t t = 0; t < a.levels[i].words.size(); ++t) {
      compare(level + " words", a.levels[i].words[t], b.levels[i].words[t]);
    }
    for (std::size_t t = 0; t < a.levels[i].tensors.size(); ++t) {
      const TensorTraffic& x = a.levels[i].tensors[t];
      const TensorTraffic& y = b.levels[i].tensors[t];
      const std::string at = level + " tensor " + std::to_string(t);
      compare(at + " tile", x.tile_words, y.tile_words);
      compare(at + " reads", x.reads, y.reads);
      compare(at + " fills", x.fills, y.fills);
      compare(at + " updates", x.updates, y.updates);
      compare(at + " drains", x.drains, y.drains);
      compare(at + " final updates", x.final_updates, y.final_updates);
      compare(at + " final drains", x.final_drains, y.final_drains);
    }
  }
  return text;
}

}  // namespace tessera::properties
