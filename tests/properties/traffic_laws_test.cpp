// Laws of the model: what must hold between the counts of one evaluation, and between those of
// related machines and problems, on cases too large to execute.

#include <algorithm>

#include "tests/catch_compat.hpp"
#include "tests/properties/large_case.hpp"

using namespace tessera;
using namespace tessera::properties;
using oracle::Flavor;

namespace {

constexpr std::uint64_t kCases = 1500;

/// The memories that hold a tensor, outermost first.
std::vector<LevelId> chain_of(const Case& c, TensorId tensor) {
  std::vector<LevelId> chain;
  for (const Node& node : c.mapping.nodes) {
    const auto* hold = std::get_if<Hold>(&node);
    if (hold != nullptr && hold->tensors.contains(tensor)) {
      chain.push_back(hold->memory);
    }
  }
  return chain;
}

void set_sharing(Case& c, Multicast multicast, bool reduce) {
  for (Element& element : c.architecture.hierarchy) {
    if (auto* fanout = std::get_if<Fanout>(&element)) {
      fanout->multicast = {multicast, multicast, Multicast::word};
      fanout->reduce = reduce;
      for (Axis& axis : fanout->axes) {
        axis.reduce = true;
      }
      fanout->links = {};
    }
  }
}

const TensorTraffic& at(const Evaluation& evaluation, LevelId level, TensorId tensor) {
  return evaluation.levels[level.index()].tensors[tensor.index()];
}

}  // namespace

TEST_CASE("Without sharing what leaves one memory arrives at the next", "[properties]") {
  for (std::uint64_t seed = 0; seed < kCases; ++seed) {
    Case c = large_case(Flavor::any, seed, Factors::any);
    set_sharing(c, Multicast::none, false);
    INFO(text_of(c));
    const Evaluation e = evaluate_valid(c);
    for (std::size_t t = 0; t < c.problem.tensors.size(); ++t) {
      const TensorId tensor(t);
      const auto chain = chain_of(c, tensor);
      for (std::size_t i = 0; i < chain.size(); ++i) {
        const TensorTraffic& parent = at(e, chain[i], tensor);
        const bool innermost = i + 1 == chain.size();
        if (tensor == kOutput) {
          const std::int64_t from_below =
              innermost ? e.operations : at(e, chain[i + 1], tensor).drains;
          REQUIRE(parent.updates == from_below);
        } else {
          const std::int64_t needed = innermost ? e.operations : at(e, chain[i + 1], tensor).fills;
          REQUIRE(parent.reads == needed);
        }
      }
    }
  }
}

TEST_CASE("Stronger multicast and reduction never move more, and never change what enters a memory",
          "[properties]") {
  for (std::uint64_t seed = 0; seed < kCases; ++seed) {
    Case c = large_case(Flavor::series, seed, Factors::any);
    INFO(text_of(c));
    set_sharing(c, Multicast::none, false);
    const Evaluation none = evaluate_valid(c);
    set_sharing(c, Multicast::tile, false);
    const Evaluation tile = evaluate_valid(c);
    set_sharing(c, Multicast::word, true);
    const Evaluation word = evaluate_valid(c);
    for (std::size_t i = 0; i < none.levels.size(); ++i) {
      for (std::size_t t = 0; t < none.levels[i].tensors.size(); ++t) {
        const TensorTraffic& a = none.levels[i].tensors[t];
        const TensorTraffic& b = tile.levels[i].tensors[t];
        const TensorTraffic& d = word.levels[i].tensors[t];
        REQUIRE(a.reads >= b.reads);
        REQUIRE(b.reads >= d.reads);
        REQUIRE(a.updates >= d.updates);
        REQUIRE((a.fills == b.fills && b.fills == d.fills));
        REQUIRE((a.drains == b.drains && b.drains == d.drains));
        REQUIRE(a.tile_words == d.tile_words);
      }
      for (std::size_t t = 0; t < none.levels[i].words.size(); ++t) {
        REQUIRE(none.levels[i].words[t] >= tile.levels[i].words[t]);
        REQUIRE(tile.levels[i].words[t] >= word.levels[i].words[t]);
      }
    }
  }
}

TEST_CASE("Partial sums balance: all that comes in below or above is read again or is new",
          "[properties]") {
  const auto flavor = GENERATE(Flavor::any, Flavor::sliding_output);
  for (std::uint64_t seed = 0; seed < kCases; ++seed) {
    const Case c = large_case(flavor, seed, Factors::any);
    INFO(text_of(c));
    const Evaluation e = evaluate_valid(c);
    const auto chain = chain_of(c, kOutput);
    for (std::size_t i = 0; i < chain.size(); ++i) {
      const TensorTraffic& hold = at(e, chain[i], kOutput);
      REQUIRE(hold.reads >= 0);
      REQUIRE(hold.reads < hold.updates);
      REQUIRE(hold.final_updates <= hold.updates - hold.reads);
      REQUIRE(hold.final_drains <= hold.drains);
      if (i == 0) {
        REQUIRE(hold.fills == 0);
        REQUIRE(hold.drains == 0);
      } else {
        REQUIRE(hold.fills >= 0);
        REQUIRE(hold.fills < hold.drains);
        // Each instance has some distinct words, at least the largest tile.
        REQUIRE(hold.drains - hold.fills >= hold.tile_words);
      }
    }
  }
}

TEST_CASE(
    "An outermost loop over a new dimension multiplies what depends on it, and what moves again",
    "[properties]") {
  constexpr std::int64_t kTimes = 3;
  for (std::uint64_t seed = 0; seed < kCases; ++seed) {
    const Case c = large_case(Flavor::any, seed, Factors::any);
    if (c.problem.tensors.size() < 3) {
      continue;
    }
    // The batch is in the output and the first operand, not in the last.
    Case batched = c;
    const DimensionId batch(c.problem.dimensions.size());
    batched.problem.dimensions.push_back({"Z", kTimes});
    for (const std::size_t t : {std::size_t{0}, std::size_t{1}}) {
      batched.problem.tensors[t].projection.ranks.push_back({{batch, 1}});
    }
    auto& nodes = batched.mapping.nodes;
    const auto first = std::find_if(nodes.begin(), nodes.end(), [](const Node& node) {
      return std::holds_alternative<Loop>(node);
    });
    // Holds before the first loop stay where they are: each is inside the batch only if it was not
    // first.
    nodes.insert(first, Loop{batch, kTimes, std::nullopt});
    INFO(text_of(c) << text_of(batched));
    const Evaluation one = evaluate_valid(c);
    const Evaluation all = evaluate_valid(batched);
    REQUIRE(all.operations == kTimes * one.operations);
    REQUIRE(all.compute_cycles == kTimes * one.compute_cycles);
    for (const std::size_t t : {std::size_t{0}, std::size_t{1}}) {
      for (const LevelId level : chain_of(c, TensorId(t))) {
        const TensorTraffic& x = at(one, level, TensorId(t));
        const TensorTraffic& y = at(all, level, TensorId(t));
        REQUIRE(y.reads == kTimes * x.reads);
        REQUIRE(y.fills == kTimes * x.fills);
        REQUIRE(y.updates == kTimes * x.updates);
        REQUIRE(y.drains == kTimes * x.drains);
        REQUIRE(y.final_updates == kTimes * x.final_updates);
        REQUIRE(y.final_drains == kTimes * x.final_drains);
      }
    }
    const TensorId weights(c.problem.tensors.size() - 1);
    for (const LevelId level : chain_of(c, weights)) {
      const TensorTraffic& x = at(one, level, weights);
      const TensorTraffic& y = at(all, level, weights);
      REQUIRE(y.tile_words == x.tile_words);
      REQUIRE((y.fills == x.fills || y.fills == kTimes * x.fills));
      REQUIRE((y.reads == x.reads || y.reads == kTimes * x.reads));
    }
  }
}

TEST_CASE("Mirroring a rank, or the order of ranks and dimensions, changes no count",
          "[properties]") {
  const auto flavor = GENERATE(Flavor::sliding, Flavor::sliding_output, Flavor::sweep);
  for (std::uint64_t seed = 0; seed < kCases; ++seed) {
    const Case c = large_case(flavor, seed, Factors::any);
    Case mirrored = c;
    oracle::RandomSource random(seed);
    for (Tensor& tensor : mirrored.problem.tensors) {
      for (Rank& rank : tensor.projection.ranks) {
        const bool mirror = random.chance(50);
        for (Term& term : rank) {
          term.coefficient *= mirror ? -1 : 1;
        }
        std::reverse(rank.begin(), rank.end());
      }
      std::reverse(tensor.projection.ranks.begin(), tensor.projection.ranks.end());
    }
    const std::size_t count = c.problem.dimensions.size();
    const auto renumber = [&](DimensionId& id) { id = DimensionId(count - 1 - id.index()); };
    std::reverse(mirrored.problem.dimensions.begin(), mirrored.problem.dimensions.end());
    for (Tensor& tensor : mirrored.problem.tensors) {
      for (Rank& rank : tensor.projection.ranks) {
        for (Term& term : rank) {
          renumber(term.dimension);
        }
      }
    }
    for (Node& node : mirrored.mapping.nodes) {
      if (auto* loop = std::get_if<Loop>(&node)) {
        renumber(loop->dimension);
      }
    }
    INFO(text_of(c) << text_of(mirrored));
    REQUIRE(count_differences(evaluate_valid(c), evaluate_valid(mirrored)).empty());
  }
}

TEST_CASE("No tensor moves fewer words over its outermost memory than it has", "[properties]") {
  for (std::uint64_t seed = 0; seed < kCases; ++seed) {
    const Case c = large_case(Flavor::any, seed, Factors::any);
    INFO(text_of(c));
    const Evaluation e = evaluate_valid(c);
    for (std::size_t t = 0; t < c.problem.tensors.size(); ++t) {
      std::int64_t words = 1;
      bool window = false;
      for (const Rank& rank : c.problem.tensors[t].projection.ranks) {
        window = window || rank.size() > 1;
        for (const Term& term : rank) {
          words *= c.problem.at(term.dimension).bound;
        }
      }
      const LevelId outermost = chain_of(c, TensorId(t)).front();
      const TensorTraffic& traffic = at(e, outermost, TensorId(t));
      if (!window && e.levels[outermost.index()].instances_used == 1) {
        REQUIRE(traffic.tile_words == words);
        REQUIRE((TensorId(t) == kOutput ? traffic.updates : traffic.reads) >= words);
      }
    }
  }
}
