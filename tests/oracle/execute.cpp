#include "tests/oracle/execute.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <iterator>
#include <limits>
#include <numeric>
#include <optional>
#include <stdexcept>

#include "tests/oracle/nest.hpp"
#include "tests/oracle/port_time.hpp"
#include "tests/oracle/traffic.hpp"

namespace tessera::oracle {

namespace {

constexpr std::size_t kRankBits = 9;
constexpr std::size_t kMostRanks = 7;
constexpr std::size_t kRankValues = 512;

/// The values that a tile touches in one rank.
class ValueSet {
 public:
  void insert(std::size_t value) { bits_[value / 64] |= std::uint64_t{1} << (value % 64); }

  std::vector<std::size_t> values() const {
    std::vector<std::size_t> list;
    for (std::size_t i = 0; i < bits_.size(); ++i) {
      for (std::uint64_t rest = bits_[i]; rest != 0; rest &= rest - 1) {
        list.push_back(i * 64 + static_cast<std::size_t>(std::countr_zero(rest)));
      }
    }
    return list;
  }

 private:
  std::array<std::uint64_t, kRankValues / 64> bits_{};
};

Words without(const Words& words, const Words& others) {
  Words left;
  std::set_difference(words.begin(), words.end(), others.begin(), others.end(),
                      std::back_inserter(left));
  return left;
}

/// One tensor in the executed nest.
class TensorRun {
 public:
  TensorRun(const Problem& problem, const Architecture& architecture, const Mapping& mapping,
            const Nest& nest, std::size_t tensor, Counts& counts)
      : problem_(problem),
        architecture_(architecture),
        nest_(nest),
        tensor_(tensor),
        ranks_(problem.tensors[tensor].projection.ranks),
        is_output_(problem.tensors[tensor].role == TensorRole::output),
        counts_(counts) {
    for (std::size_t node = 0; node < mapping.nodes.size(); ++node) {
      const auto* hold = std::get_if<Hold>(&mapping.nodes[node]);
      if (hold != nullptr && hold->tensors.contains(TensorId(tensor))) {
        holds_.push_back({node, hold->memory.index()});
      }
    }
    locate_words();
  }

  void run() {
    for (std::size_t i = 0; i < holds_.size(); ++i) {
      counts_of(holds_[i]).held = true;
      run_hold(holds_[i], i == 0 ? std::nullopt : std::optional(holds_[i - 1]));
    }
    run_compute();
    const TensorCounts& outermost = counts_of(holds_.front());
    counts_.dram_words += outermost.reads + outermost.fills + outermost.updates + outermost.drains;
  }

 private:
  TensorCounts& counts_of(const HoldPlace& hold) const {
    return counts_.levels[hold.level].tensors[tensor_];
  }

  /// For each work: the coordinates of its word, shifted so that the least of a rank is 0.
  void locate_words() {
    const std::size_t dimensions = problem_.dimensions.size();
    const std::size_t works = nest_.work.size();
    if (ranks_.size() > kMostRanks) {
      throw std::length_error("too many ranks to execute");
    }
    coordinates_.assign(works * ranks_.size(), 0);
    is_window_.assign(ranks_.size(), 0);
    std::vector<std::int64_t> values(works);
    for (std::size_t r = 0; r < ranks_.size(); ++r) {
      std::int64_t least = std::numeric_limits<std::int64_t>::max();
      for (std::size_t i = 0; i < works; ++i) {
        values[i] = 0;
        for (const Term& term : ranks_[r]) {
          values[i] += term.coefficient * nest_.indices[i * dimensions + term.dimension.index()];
        }
        least = std::min(least, values[i]);
      }
      for (std::size_t i = 0; i < works; ++i) {
        const auto value = static_cast<std::size_t>(values[i] - least);
        if (value >= kRankValues) {
          throw std::length_error("a rank has too many values to execute");
        }
        coordinates_[i * ranks_.size() + r] = value;
      }
      const auto moving = std::count_if(ranks_[r].begin(), ranks_[r].end(), [&](const Term& term) {
        return problem_.at(term.dimension).bound > 1;
      });
      is_window_[r] = moving > 1 ? 1 : 0;
    }
  }

  bool depends_on(std::size_t dimension) const {
    return std::any_of(ranks_.begin(), ranks_.end(), [&](const Rank& rank) {
      return std::any_of(rank.begin(), rank.end(),
                         [&](const Term& term) { return term.dimension.index() == dimension; });
    });
  }

  /// The temporal loops before a hold that are outside its sweep, and the sweep; the rest is free.
  struct OuterLoops {
    std::vector<std::size_t> outside;
    std::vector<std::size_t> sweep;
  };

  OuterLoops outer_loops(const HoldPlace& hold) const {
    OuterLoops loops;
    for (std::size_t d = 0; d < nest_.digits.size(); ++d) {
      if (!nest_.digits[d].fanout && nest_.digits[d].node < hold.node) {
        loops.outside.push_back(d);
      }
    }
    const auto innermost = [&] { return nest_.digits[loops.outside.back()].dimension; };
    while (!loops.outside.empty() && !depends_on(innermost())) {
      loops.outside.pop_back();
    }
    while (!loops.outside.empty() &&
           (loops.sweep.empty() || nest_.digits[loops.sweep.front()].dimension == innermost())) {
      loops.sweep.insert(loops.sweep.begin(), loops.outside.back());
      loops.outside.pop_back();
    }
    return loops;
  }

  /// The value of the loops `which` at a step, the outermost slowest.
  std::size_t position(std::size_t step, const std::vector<std::size_t>& which) const {
    std::size_t at = 0;
    for (const std::size_t d : which) {
      at = at * static_cast<std::size_t>(nest_.digits[d].bound) +
           static_cast<std::size_t>(nest_.step_values[step][d]);
    }
    return at;
  }

  std::size_t size_of(const std::vector<std::size_t>& which) const {
    std::size_t size = 1;
    for (const std::size_t d : which) {
      size *= static_cast<std::size_t>(nest_.digits[d].bound);
    }
    return size;
  }

  /// All words of a tile: the hull of each window, then the product of the ranks.
  Words words_of(const std::vector<ValueSet>& touched) const {
    Words words = {0};
    for (std::size_t r = 0; r < touched.size(); ++r) {
      std::vector<std::size_t> values = touched[r].values();
      if (is_window_[r] != 0) {
        const std::size_t first = values.front();
        values.resize(values.back() - first + 1);
        std::iota(values.begin(), values.end(), first);
      }
      Words longer;
      for (const Word word : words) {
        for (const std::size_t value : values) {
          longer.push_back(word << kRankBits | value);
        }
      }
      words = std::move(longer);
    }
    return words;
  }

  /// The tiles of all instances of a hold's memory, by value of the outside loops, by value of the
  /// sweep, and by instance; empty where the instance has no work. The values of the free loops at
  /// which an instance works all touch the same words.
  std::vector<Words> collect_tiles(const HoldPlace& hold, const OuterLoops& loops,
                                   std::size_t instances) const {
    const std::size_t sweep_steps = size_of(loops.sweep);
    std::vector<std::size_t> place_of_step(nest_.step_values.size());
    for (std::size_t step = 0; step < place_of_step.size(); ++step) {
      place_of_step[step] =
          position(step, loops.outside) * sweep_steps + position(step, loops.sweep);
    }
    const std::size_t count = size_of(loops.outside) * sweep_steps * instances;
    std::vector<char> has_work(count, 0);
    std::vector<std::vector<ValueSet>> touched(count);
    for (std::size_t i = 0; i < nest_.work.size(); ++i) {
      const Work& work = nest_.work[i];
      const std::size_t at =
          place_of_step[work.step] * instances + nest_.outside[hold.level][work.instance];
      has_work[at] = 1;
      touched[at].resize(ranks_.size());
      for (std::size_t r = 0; r < ranks_.size(); ++r) {
        touched[at][r].insert(coordinates_[i * ranks_.size() + r]);
      }
    }
    std::vector<Words> tiles(count);
    for (std::size_t at = 0; at < count; ++at) {
      if (has_work[at] != 0) {
        tiles[at] = words_of(touched[at]);
      }
    }
    return tiles;
  }

  /// What moves between a hold and its parent while the sweep runs once.
  struct Movement {
    std::vector<Words> words;  // by sweep step and instance: entering, of the output leaving
    std::int64_t entered = 0;
  };

  /// `tiles` by sweep step and instance.
  Movement sweep_once(const Words* tiles, std::size_t sweep_steps, std::size_t instances) const {
    Movement movement;
    movement.words.resize(sweep_steps * instances);
    for (std::size_t instance = 0; instance < instances; ++instance) {
      std::optional<std::size_t> previous;
      for (std::size_t sweep = 0; sweep < sweep_steps; ++sweep) {
        const std::size_t at = sweep * instances + instance;
        if (tiles[at].empty()) {
          continue;
        }
        Words enters = previous ? without(tiles[at], tiles[*previous]) : tiles[at];
        movement.entered += static_cast<std::int64_t>(enters.size());
        if (!is_output_) {
          movement.words[at] = std::move(enters);
        } else if (previous) {
          movement.words[*previous] = without(tiles[*previous], tiles[at]);
        }
        previous = at;
      }
      if (is_output_ && previous) {
        movement.words[*previous] = tiles[*previous];
      }
    }
    return movement;
  }

  void run_hold(const HoldPlace& hold, std::optional<HoldPlace> parent) {
    const OuterLoops loops = outer_loops(hold);
    const std::size_t sweep_steps = size_of(loops.sweep);
    const std::size_t instances =
        std::size_t{1} +
        *std::max_element(nest_.outside[hold.level].begin(), nest_.outside[hold.level].end());
    const std::vector<Words> tiles = collect_tiles(hold, loops, instances);
    TensorCounts& counts = counts_of(hold);
    std::vector<Placed> held;
    counts.first_tile = static_cast<std::int64_t>(tiles.front().size());
    for (std::size_t at = 0; at < tiles.size(); at += instances) {
      const bool works = std::any_of(tiles.begin() + static_cast<std::ptrdiff_t>(at),
                                     tiles.begin() + static_cast<std::ptrdiff_t>(at + instances),
                                     [](const Words& words) { return !words.empty(); });
      counts.tiles += works ? 1 : 0;
    }
    for (std::size_t at = 0; at < tiles.size(); ++at) {
      counts.tile_words = std::max(counts.tile_words, static_cast<std::int64_t>(tiles[at].size()));
      for (const Word word : tiles[at]) {
        held.emplace_back(static_cast<std::uint32_t>(at % instances), word);
      }
    }
    if (!parent) {
      return;
    }
    Traffic traffic(problem_, architecture_, nest_, tensor_, *parent, hold.level);
    std::int64_t left = 0;
    for (std::size_t outside = 0; outside < size_of(loops.outside); ++outside) {
      const Movement movement =
          sweep_once(tiles.data() + outside * sweep_steps * instances, sweep_steps, instances);
      counts.fills += movement.entered;
      for (std::size_t sweep = 0; sweep < sweep_steps; ++sweep) {
        std::vector<Transfer> transfers;
        for (std::size_t instance = 0; instance < instances; ++instance) {
          const Words& words = movement.words[sweep * instances + instance];
          left += static_cast<std::int64_t>(words.size());
          transfers.push_back({static_cast<std::uint32_t>(instance), &words});
        }
        const std::size_t at = (outside * sweep_steps + sweep) * instances;
        traffic.step(transfers, sweep > 0 ? tiles.data() + (at - instances) : nullptr);
      }
    }
    traffic.finish(counts_);
    if (is_output_) {
      sort_unique(held);
      const auto distinct = static_cast<std::int64_t>(held.size());
      const std::int64_t words = count_distinct_words(held);
      counts.fills -= distinct;
      counts.drains = left;
      counts.final_drains = words == distinct ? words : 0;
    }
  }

  /// At every step each working instance needs its word, or delivers one result.
  void run_compute() {
    const std::size_t level = architecture_.hierarchy.size() - 1;
    Traffic traffic(problem_, architecture_, nest_, tensor_, holds_.back(), level);
    std::vector<Words> words(nest_.instance_values.size());
    std::vector<Transfer> transfers;
    for (std::size_t i = 0; i < nest_.work.size(); ++i) {
      Word word = 0;
      for (std::size_t r = 0; r < ranks_.size(); ++r) {
        word = word << kRankBits | coordinates_[i * ranks_.size() + r];
      }
      const std::uint32_t instance = nest_.outside[level][nest_.work[i].instance];
      words[instance] = {word};
      transfers.push_back({instance, &words[instance]});
      if (i + 1 == nest_.work.size() || nest_.work[i + 1].step != nest_.work[i].step) {
        traffic.step(transfers);
        transfers.clear();
      }
    }
    traffic.finish(counts_);
  }

  const Problem& problem_;
  const Architecture& architecture_;
  const Nest& nest_;
  const std::size_t tensor_;
  const std::vector<Rank>& ranks_;
  const bool is_output_;
  Counts& counts_;
  std::vector<HoldPlace> holds_;          // outermost first
  std::vector<std::size_t> coordinates_;  // by work and rank
  std::vector<char> is_window_;           // by rank
};

/// Shapes the result and counts what is no tensor's.
Counts start(const Problem& problem, const Architecture& architecture, const Nest& nest) {
  Counts counts;
  counts.operations = static_cast<std::int64_t>(nest.work.size());
  for (std::size_t i = 0; i < nest.work.size(); ++i) {
    counts.compute_cycles += i == 0 || nest.work[i].step != nest.work[i - 1].step ? 1 : 0;
  }
  counts.levels.resize(architecture.hierarchy.size());
  for (std::size_t level = 0; level < counts.levels.size(); ++level) {
    LevelCounts& result = counts.levels[level];
    if (architecture.memory(LevelId(level)) != nullptr) {
      result.tensors.resize(problem.tensors.size());
    } else if (architecture.fanout(LevelId(level)) != nullptr) {
      result.words.resize(problem.tensors.size());
      result.network.resize(problem.tensors.size());
    }
    std::vector<char> used(nest.instance_values.size(), 0);
    for (const Work& work : nest.work) {
      used[nest.outside[level][work.instance]] = 1;
    }
    result.instances_used = std::count(used.begin(), used.end(), 1);
  }
  return counts;
}

}  // namespace

std::int64_t execution_size(const Mapping& mapping) {
  std::int64_t size = 1;
  for (const Node& node : mapping.nodes) {
    if (const auto* loop = std::get_if<Loop>(&node)) {
      size *= loop->bound;
    }
  }
  return size;
}

Counts execute(const Problem& problem, const Architecture& architecture, const Mapping& mapping) {
  const Nest nest(problem, architecture, mapping);
  Counts counts = start(problem, architecture, nest);
  for (std::size_t tensor = 0; tensor < problem.tensors.size(); ++tensor) {
    TensorRun(problem, architecture, mapping, nest, tensor, counts).run();
  }
  for (std::size_t i = 0; i < counts.levels.size(); ++i) {
    LevelCounts& level = counts.levels[i];
    std::vector<std::int64_t> tiles;
    for (const TensorCounts& tensor : level.tensors) {
      level.needed_words += tensor.tile_words;
      tiles.push_back(tensor.tile_words);
    }
    if (const Memory* memory = architecture.memory(LevelId(i))) {
      level.needed_bits = room_of(problem, *memory, tiles);
    }
  }
  count_time(problem, architecture, counts);
  return counts;
}

}  // namespace tessera::oracle
