// What a case exercises, read off the case itself.

#include <algorithm>
#include <array>
#include <cstdlib>
#include <set>
#include <utility>

#include "model/evaluate.hpp"
#include "tests/oracle/random_case.hpp"

namespace tessera::oracle {

namespace {

using Tally = std::map<std::string, std::int64_t>;

void note(Tally& tally, const char* name, bool present) {
  tally[name] += present ? 1 : 0;
}

std::size_t moving_terms(const Problem& problem, const Rank& rank) {
  return static_cast<std::size_t>(std::count_if(
      rank.begin(), rank.end(), [&](const Term& t) { return problem.at(t.dimension).bound > 1; }));
}

bool has_window(const Problem& problem, const Tensor& tensor) {
  return std::any_of(tensor.projection.ranks.begin(), tensor.projection.ranks.end(),
                     [&](const Rank& rank) { return moving_terms(problem, rank) > 1; });
}

/// The index of the one rank of the tensor that holds the dimension and another, if there is one.
bool in_window(const Problem& problem, const Tensor& tensor, DimensionId dimension) {
  return std::any_of(tensor.projection.ranks.begin(), tensor.projection.ranks.end(),
                     [&](const Rank& rank) {
                       return moving_terms(problem, rank) > 1 &&
                              std::any_of(rank.begin(), rank.end(),
                                          [&](const Term& t) { return t.dimension == dimension; });
                     });
}

void tally_problem(const Problem& problem, Tally& tally) {
  bool coefficient = false;
  bool negative = false;
  std::size_t windows = 0;
  for (const Tensor& tensor : problem.tensors) {
    windows += has_window(problem, tensor) ? 1 : 0;
    for (const Rank& rank : tensor.projection.ranks) {
      for (const Term& term : rank) {
        const bool moves = problem.at(term.dimension).bound > 1 && rank.size() > 1;
        coefficient = coefficient || (moves && std::abs(term.coefficient) > 1);
        negative = negative || (moves && term.coefficient < 0);
      }
    }
  }
  note(tally, "window", windows > 0);
  note(tally, "two windowed tensors", windows > 1);
  note(tally, "stride or dilation", coefficient);
  note(tally, "negative coefficient", negative);
  note(tally, "windowed output", has_window(problem, problem.at(kOutput)));
  note(tally, "three operands", problem.tensors.size() > 3);
  note(tally, "one operand", problem.tensors.size() == 2);
  note(tally, "scalar output", problem.at(kOutput).projection.ranks.empty());
  note(tally, "dimension of bound 1",
       std::any_of(problem.dimensions.begin(), problem.dimensions.end(),
                   [](const Dimension& d) { return d.bound == 1; }));
  note(tally, "narrower final words", problem.at(kOutput).bits != problem.at(kOutput).final_bits);
}

void tally_loops(const Case& c, Tally& tally) {
  std::vector<std::int64_t> covered(c.problem.dimensions.size(), 1);
  std::set<AxisRef> axes;
  std::set<LevelId> fanouts;
  std::array<bool, 3> how{};
  bool reduced = false;
  bool not_reduced = false;
  bool reduced_on_one = false;
  bool above_compute = false;
  bool hops = false;
  bool slides_on_mesh = false;
  bool bandwidth = false;
  bool slides_on_axis = false;
  for (const Node& node : c.mapping.nodes) {
    const auto* loop = std::get_if<Loop>(&node);
    if (loop == nullptr) {
      continue;
    }
    covered[loop->dimension.index()] *= loop->bound;
    if (!loop->axis) {
      continue;
    }
    const Fanout& fanout = *c.architecture.fanout(loop->axis->fanout);
    axes.insert(*loop->axis);
    fanouts.insert(loop->axis->fanout);
    how[static_cast<std::size_t>(fanout.multicast[0])] = true;
    reduced = reduced || fanout.reduce;
    not_reduced = not_reduced || !fanout.reduce;
    reduced_on_one = reduced_on_one || (fanout.reduce && !fanout.axes[loop->axis->axis].reduce);
    above_compute =
        above_compute || loop->axis->fanout.index() + 2 == c.architecture.hierarchy.size();
    for (const Tensor& tensor : c.problem.tensors) {
      const bool slides = in_window(c.problem, tensor, loop->dimension);
      slides_on_axis = slides_on_axis || slides;
      slides_on_mesh = slides_on_mesh || (slides && fanout.counts_hops());
    }
    hops = hops || fanout.counts_hops();
    bandwidth = bandwidth || fanout.bandwidth.any();
  }
  bool imperfect = false;
  for (std::size_t d = 0; d < covered.size(); ++d) {
    imperfect = imperfect || covered[d] != c.problem.dimensions[d].bound;
  }
  bool in_a_row = false;
  for (const LevelId fanout : fanouts) {
    in_a_row = in_a_row || fanouts.contains(LevelId(fanout.index() + 1));
  }
  note(tally, "imperfect", imperfect);
  note(tally, "spatial", !axes.empty());
  note(tally, "two axes of one fanout", axes.size() > fanouts.size());
  note(tally, "two fanouts", fanouts.size() > 1);
  note(tally, "fanouts in a row", in_a_row);
  note(tally, "spatial above compute", above_compute);
  note(tally, "hops", hops);
  note(tally, "hops of a sliding dimension", slides_on_mesh);
  note(tally, "bandwidth of a fanout", bandwidth);
  note(tally, "spatial sliding dimension", slides_on_axis);
  note(tally, "spatial imperfect window, word multicast",
       slides_on_axis && imperfect && how[static_cast<std::size_t>(Multicast::word)]);
  note(tally, "word multicast", how[static_cast<std::size_t>(Multicast::word)]);
  note(tally, "tile multicast", how[static_cast<std::size_t>(Multicast::tile)]);
  note(tally, "no multicast", how[static_cast<std::size_t>(Multicast::none)]);
  note(tally, "reducing fanout", reduced);
  note(tally, "fanout that does not reduce", not_reduced);
  note(tally, "axis that does not reduce", reduced_on_one);
}

void tally_holds(const Case& c, Tally& tally) {
  std::size_t memories = 0;
  for (const Element& element : c.architecture.hierarchy) {
    memories += std::holds_alternative<Memory>(element) ? 1 : 0;
  }
  std::size_t held = 0;
  bool several = false;
  bool interleaved = false;
  std::set<LevelId> seen;
  LevelId innermost;
  std::vector<std::size_t> depth(c.problem.tensors.size(), 0);
  bool starts_further_in = false;
  for (const Node& node : c.mapping.nodes) {
    const auto* hold = std::get_if<Hold>(&node);
    if (hold == nullptr) {
      continue;
    }
    several = several || !seen.insert(hold->memory).second;
    interleaved = interleaved || hold->memory < innermost;
    innermost = std::max(innermost, hold->memory);
    for (std::size_t t = 0; t < depth.size(); ++t) {
      if (hold->tensors.contains(TensorId(t))) {
        starts_further_in = starts_further_in || (depth[t] == 0 && hold->memory.index() != 0);
        ++depth[t];
        ++held;
      }
    }
  }
  note(tally, "bypass", held < memories * c.problem.tensors.size());
  note(tally, "interleaved holds", interleaved);
  note(tally, "several holds of one memory", several);
  note(tally, "tensor first held inside the outermost memory", starts_further_in);
  note(tally, "three holds of one tensor", *std::max_element(depth.begin(), depth.end()) > 2);
}

/// A hold outside of which the innermost dependent loops slide a window: the halo stays.
void tally_sweeps(const Case& c, Tally& tally) {
  bool slides = false;
  bool several_loops = false;
  bool spatial_between = false;
  bool free_loops = false;
  for (std::size_t t = 0; t < c.problem.tensors.size(); ++t) {
    const Tensor& tensor = c.problem.tensors[t];
    const DimensionSet relevant = relevant_dimensions(c.problem, TensorId(t));
    std::vector<const Loop*> outer;
    bool first = true;
    for (const Node& node : c.mapping.nodes) {
      if (const auto* loop = std::get_if<Loop>(&node)) {
        outer.push_back(loop);
        continue;
      }
      if (!std::get<Hold>(node).tensors.contains(TensorId(t)) || std::exchange(first, false)) {
        continue;
      }
      const Loop* sweep = nullptr;
      bool spatial = false;
      for (auto at = outer.rbegin(); at != outer.rend(); ++at) {
        const Loop& loop = **at;
        if (loop.axis) {
          spatial = spatial || (sweep != nullptr && loop.dimension == sweep->dimension);
        } else if (sweep == nullptr) {
          if (relevant.contains(loop.dimension)) {
            sweep = &loop;
            slides = slides || in_window(c.problem, tensor, loop.dimension);
          } else {
            free_loops = true;
          }
        } else if (loop.dimension == sweep->dimension) {
          const bool window = in_window(c.problem, tensor, loop.dimension);
          several_loops = several_loops || window;
          spatial_between = spatial_between || (window && spatial);
        } else {
          break;
        }
      }
    }
  }
  note(tally, "sweep over a window", slides);
  note(tally, "window swept by several loops", several_loops);
  note(tally, "spatial digit inside a sweep", spatial_between);
  note(tally, "free loops", free_loops);
}

void tally_ports(const Case& c, Tally& tally) {
  bool shared = false;
  bool separate = false;
  bool single = false;
  bool ramp = false;
  bool accesses = false;
  bool systolic = false;
  bool own_bits = false;
  bool aligned = false;
  for (const Element& element : c.architecture.hierarchy) {
    if (const auto* fanout = std::get_if<Fanout>(&element)) {
      systolic = systolic || fanout->systolic;
    }
    if (const auto* memory = std::get_if<Memory>(&element)) {
      const bool here = memory->ports.read || memory->ports.write;
      shared = shared || memory->ports.shared;
      separate = separate || here;
      single = single ||
               (memory->buffering == Buffering::single_buffer && (here || memory->ports.shared));
      ramp = ramp || (memory->ramp && (here || memory->ports.shared));
      accesses = accesses || (memory->energy && memory->energy->basis == EnergyBasis::access);
      own_bits = own_bits || memory->bits[0] || memory->bits[1] || memory->bits[2];
      aligned = aligned || memory->aligned;
    }
  }
  note(tally, "words of other bits in a memory", own_bits);
  note(tally, "words aligned to accesses", aligned);
  note(tally, "shared port", shared);
  note(tally, "separate ports", separate);
  note(tally, "single buffer with a port", single);
  note(tally, "ramp with a port", ramp);
  note(tally, "energy per access", accesses);
  note(tally, "systolic fanout", systolic);
}

/// Links matter for few mappings; the model knows for which.
void tally_links(const Case& c, Tally& tally) {
  std::int64_t passed = 0;
  bool hops = false;
  bool tile = false;
  for (const Element& element : c.architecture.hierarchy) {
    const auto* fanout = std::get_if<Fanout>(&element);
    hops = hops || (fanout != nullptr && fanout->counts_hops() && !fanout->links.empty());
    tile = tile || (fanout != nullptr && fanout->multicast[0] == Multicast::tile);
  }
  const Evaluation evaluation = evaluate(c.problem, c.architecture, c.mapping);
  for (const LevelResult& level : evaluation.levels) {
    for (const TensorTraffic& traffic : level.tensors) {
      passed += traffic.passed;
    }
  }
  note(tally, "words passed on", passed > 0);
  note(tally, "words passed on, with hops", passed > 0 && hops);
  note(tally, "words passed on, with tile multicast", passed > 0 && tile);
}

}  // namespace

void tally_features(const Case& c, Tally& tally) {
  tally_problem(c.problem, tally);
  tally_loops(c, tally);
  tally_holds(c, tally);
  tally_sweeps(c, tally);
  tally_ports(c, tally);
  tally_links(c, tally);
}

}  // namespace tessera::oracle
