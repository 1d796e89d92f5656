// Laws of the model: changes of a mapping that must not change what is counted, on cases too large
// to execute.

#include <algorithm>
#include <bit>

#include "tests/catch_compat.hpp"
#include "tests/properties/large_case.hpp"

using namespace tessera;
using namespace tessera::properties;
using oracle::Flavor;

namespace {

constexpr std::uint64_t kCases = 1500;

/// Compares each case with what `change` makes of it, where that applies.
template <class Change>
void unchanged_by(Flavor flavor, Factors factors, int at_least, Change change) {
  int applied = 0;
  for (std::uint64_t seed = 0; seed < kCases; ++seed) {
    const Case c = large_case(flavor, seed, factors);
    oracle::RandomSource random(seed);
    Case changed = c;
    if (!change(changed, random)) {
      continue;
    }
    ++applied;
    const std::string found = count_differences(evaluate_valid(c), evaluate_valid(changed));
    if (!found.empty()) {
      FAIL("seed " << seed << "\n" << found << text_of(c) << text_of(changed));
    }
  }
  CHECK(applied >= at_least);
}

/// Node indices in random order.
std::vector<std::size_t> nodes_in_any_order(const Mapping& mapping, oracle::RandomSource& random) {
  std::vector<std::size_t> order(mapping.nodes.size());
  for (std::size_t i = 0; i < order.size(); ++i) {
    order[i] = i;
  }
  random.shuffle(order);
  return order;
}

bool held_after(const Mapping& mapping, std::size_t node, TensorId tensor) {
  return std::any_of(mapping.nodes.begin() + static_cast<std::ptrdiff_t>(node), mapping.nodes.end(),
                     [&](const Node& other) {
                       const auto* hold = std::get_if<Hold>(&other);
                       return hold != nullptr && hold->tensors.contains(tensor);
                     });
}

/// Whether swapping two neighbouring temporal loops leaves the run of free loops and the sweep of
/// every hold further in: its tensor depends on both dimensions, plainly, or on neither.
bool may_swap(const Case& c, std::size_t node) {
  const Loop* outer = temporal_at(c.mapping, node);
  const Loop* inner = temporal_at(c.mapping, node + 1);
  if (outer == nullptr || inner == nullptr || outer->dimension == inner->dimension) {
    return false;
  }
  for (std::size_t t = 0; t < c.problem.tensors.size(); ++t) {
    if (!held_after(c.mapping, node + 2, TensorId(t))) {
      continue;
    }
    const DimensionSet relevant = relevant_dimensions(c.problem, TensorId(t));
    const bool both = relevant.contains(outer->dimension) && relevant.contains(inner->dimension);
    const bool none = !relevant.contains(outer->dimension) && !relevant.contains(inner->dimension);
    const auto& ranks = c.problem.at(TensorId(t)).projection.ranks;
    const bool plain_tensor = std::all_of(ranks.begin(), ranks.end(), [&](const Rank& rank) {
      return std::count_if(rank.begin(), rank.end(), [&](const Term& term) {
               return c.problem.at(term.dimension).bound > 1;
             }) <= 1;
    });
    if (!none && !(both && plain_tensor)) {
      return false;
    }
  }
  return true;
}

}  // namespace

TEST_CASE("Swapping neighbouring loops that no tensor tells apart changes no count",
          "[properties]") {
  unchanged_by(Flavor::any, Factors::any, 100, [](Case& c, oracle::RandomSource& random) {
    for (const std::size_t node : nodes_in_any_order(c.mapping, random)) {
      if (may_swap(c, node)) {
        std::swap(c.mapping.nodes[node], c.mapping.nodes[node + 1]);
        return true;
      }
    }
    return false;
  });
}

TEST_CASE("Splitting a loop in place changes no count", "[properties]") {
  const auto flavor = GENERATE(Flavor::any, Flavor::sliding, Flavor::sliding_output);
  unchanged_by(flavor, Factors::any, 500, [](Case& c, oracle::RandomSource& random) {
    for (const std::size_t node : nodes_in_any_order(c.mapping, random)) {
      auto* loop = std::get_if<Loop>(&c.mapping.nodes[node]);
      for (const std::int64_t factor : {2, 3, 5}) {
        if (loop != nullptr && loop->bound > factor && loop->bound % factor == 0) {
          Loop inner = *loop;
          inner.bound /= factor;
          loop->bound = factor;
          c.mapping.nodes.insert(c.mapping.nodes.begin() + static_cast<std::ptrdiff_t>(node) + 1,
                                 inner);
          return true;
        }
      }
    }
    return false;
  });
}

TEST_CASE("Where a spatial loop of a plain, perfect dimension stands changes no count",
          "[properties]") {
  unchanged_by(Flavor::any, Factors::perfect, 250, [](Case& c, oracle::RandomSource& random) {
    const auto leading = static_cast<std::int64_t>(c.problem.tensors.size());
    for (const std::size_t node : nodes_in_any_order(c.mapping, random)) {
      const auto* found = std::get_if<Loop>(&c.mapping.nodes[node]);
      if (found == nullptr || !found->axis || !is_plain(c.problem, found->dimension)) {
        continue;
      }
      const Loop loop = *found;
      c.mapping.nodes.erase(c.mapping.nodes.begin() + static_cast<std::ptrdiff_t>(node));
      // Never before a tensor's outermost hold: those come first, at most one a tensor.
      const auto last = static_cast<std::int64_t>(c.mapping.nodes.size());
      const std::int64_t to = random.between(std::min(leading, last), last);
      c.mapping.nodes.insert(c.mapping.nodes.begin() + to, loop);
      return true;
    }
    return false;
  });
}

TEST_CASE("Which axis of a fanout a loop lies on changes no count", "[properties]") {
  unchanged_by(Flavor::series, Factors::any, 200, [](Case& c, oracle::RandomSource& random) {
    for (const std::size_t node : nodes_in_any_order(c.mapping, random)) {
      auto* loop = std::get_if<Loop>(&c.mapping.nodes[node]);
      if (loop == nullptr || !loop->axis) {
        continue;
      }
      auto& fanout = std::get<Fanout>(c.architecture.hierarchy[loop->axis->fanout.index()]);
      auto& axes = fanout.axes;
      // The skew of an array depends on its sides, and sums may be added along one axis only.
      if (axes.size() < 2 || fanout.systolic || axes[0].reduce != axes[1].reduce) {
        continue;
      }
      const auto other = static_cast<std::uint8_t>(1 - loop->axis->axis);
      axes[loop->axis->axis].size /= loop->bound;
      axes[other].size *= loop->bound;
      loop->axis->axis = other;
      return true;
    }
    return false;
  });
}

TEST_CASE("A hold may move outward past a loop that its tensor does not depend on",
          "[properties]") {
  const auto flavor = GENERATE(Flavor::any, Flavor::sliding, Flavor::interleaved);
  unchanged_by(flavor, Factors::any, 200, [](Case& c, oracle::RandomSource& random) {
    for (const std::size_t node : nodes_in_any_order(c.mapping, random)) {
      if (node + 1 >= c.mapping.nodes.size()) {
        continue;
      }
      const auto* hold = std::get_if<Hold>(&c.mapping.nodes[node + 1]);
      const Loop* loop = temporal_at(c.mapping, node);
      if (hold == nullptr || loop == nullptr) {
        continue;
      }
      bool depends = false;
      for (std::size_t t = 0; t < c.problem.tensors.size(); ++t) {
        depends =
            depends || (hold->tensors.contains(TensorId(t)) &&
                        relevant_dimensions(c.problem, TensorId(t)).contains(loop->dimension));
      }
      if (!depends) {
        std::swap(c.mapping.nodes[node], c.mapping.nodes[node + 1]);
        return true;
      }
    }
    return false;
  });
}

TEST_CASE("A hold may move inward past a plain loop of its tensor: the same fills, a smaller tile",
          "[properties]") {
  int applied = 0;
  for (std::uint64_t seed = 0; seed < kCases; ++seed) {
    const Case c = large_case(Flavor::any, seed, Factors::perfect);
    for (std::size_t node = c.problem.tensors.size(); node + 1 < c.mapping.nodes.size(); ++node) {
      const auto* hold = std::get_if<Hold>(&c.mapping.nodes[node]);
      const Loop* loop = temporal_at(c.mapping, node + 1);
      // A free loop left outside would start to count, so something the tensor depends on comes
      // before.
      const Loop* before = temporal_at(c.mapping, node - 1);
      if (hold == nullptr || loop == nullptr || before == nullptr) {
        continue;
      }
      const auto tensor = TensorId(static_cast<std::size_t>(std::countr_zero(hold->tensors.bits)));
      const DimensionSet relevant = relevant_dimensions(c.problem, tensor);
      if (hold->tensors.bits != 1u << tensor.value || !relevant.contains(loop->dimension) ||
          !relevant.contains(before->dimension) || !is_plain(c.problem, loop->dimension) ||
          !is_plain(c.problem, before->dimension)) {
        continue;
      }
      Case moved = c;
      std::swap(moved.mapping.nodes[node], moved.mapping.nodes[node + 1]);
      INFO(text_of(c) << text_of(moved));
      const Evaluation a = evaluate_valid(c);
      const Evaluation b = evaluate_valid(moved);
      const TensorTraffic& x = a.levels[hold->memory.index()].tensors[tensor.index()];
      const TensorTraffic& y = b.levels[hold->memory.index()].tensors[tensor.index()];
      REQUIRE(x.fills == y.fills);
      REQUIRE(x.drains == y.drains);
      REQUIRE(x.tile_words == y.tile_words * loop->bound);
      ++applied;
      break;
    }
  }
  CHECK(applied >= 30);
}
