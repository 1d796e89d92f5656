#include "app/explain_text.hpp"

#include <algorithm>
#include <numeric>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "app/formula_text.hpp"
#include "app/numbers.hpp"
#include "app/text_table.hpp"

namespace tessera {

namespace {

constexpr int kEnergyDigits = 9;

std::string joined(const std::vector<std::string>& names, std::string_view last) {
  if (names.size() < 2) {
    return names.empty() ? "" : names.front();
  }
  const std::vector<std::string> head(names.begin(), names.end() - 1);
  return fmt::format("{} {} {}", fmt::join(head, ", "), last, names.back());
}

/// `K 8`; of a spatial loop `K 8 on PEs.X`.
std::string loop_text(const Scored& scored, const Loop& loop) {
  std::string text =
      fmt::format("{} {}", scored.problem.at(loop.dimension).name, grouped(loop.bound));
  if (loop.axis) {
    const Fanout& fanout = *scored.architecture.fanout(loop.axis->fanout);
    text += fmt::format(" on {}.{}", fanout.name, fanout.axes[loop.axis->axis].name);
  }
  return text;
}

std::string loops_text(const Scored& scored, const std::vector<std::size_t>& nodes) {
  std::vector<std::string> loops;
  for (const std::size_t node : nodes) {
    loops.push_back(loop_text(scored, std::get<Loop>(scored.mapping.nodes[node])));
  }
  return joined(loops, "and");
}

/// `27/28`, or per cent where that fraction has large numbers.
std::string share_text(std::int64_t part, std::int64_t whole) {
  constexpr std::int64_t kReadable = 1000;
  const std::int64_t divisor = std::gcd(part, whole);
  if (part == whole) {
    return "all";
  }
  return whole / divisor <= kReadable
             ? fmt::format("{}/{}", part / divisor, whole / divisor)
             : percent(static_cast<double>(part) / static_cast<double>(whole));
}

bool has_form(const Formula& formula, Formula::Form form) {
  return formula.form == form ||
         std::any_of(formula.parts.begin(), formula.parts.end(),
                     [&](const Formula& part) { return has_form(part, form); });
}

bool has_meaning(const Formula& formula, Meaning meaning) {
  return (formula.parts.empty() && formula.meaning == meaning) ||
         std::any_of(formula.parts.begin(), formula.parts.end(),
                     [&](const Formula& part) { return has_meaning(part, meaning); });
}

std::string joules(double picojoules) {
  return with_si_prefix(picojoules * 1e-12, "J", kEnergyDigits);
}

/// `energy 1.2 uJ -> 1.1 uJ, cycles 1,024 as before`.
std::string outcome(const Evaluation& before, const Evaluation& after) {
  const auto change = [](std::string_view name, bool same, const std::string& old_value,
                         const std::string& new_value) {
    return same ? fmt::format("{} as before ({})", name, old_value)
                : fmt::format("{} {} -> {}", name, old_value, new_value);
  };
  return fmt::format("{}, {}",
                     change("energy", before.energy_pj == after.energy_pj, joules(before.energy_pj),
                            joules(after.energy_pj)),
                     change("cycles", before.cycles == after.cycles, grouped(before.cycles),
                            grouped(after.cycles)));
}

/// `P 28 inside C 4`.
std::string move_text(const Scored& scored, const NodeMove& move) {
  return fmt::format("{} {} {}", node_text(scored, move.moved), move.inward ? "inside" : "outside",
                     node_text(scored, move.passed));
}

/// Lines of one transfer: counts with their formulas, then what they come from.
class TransferText {
 public:
  TransferText(const Explained& explained, const TransferExplanation& transfer)
      : scored_(explained.scored),
        moves_(explained.moves),
        transfer_(transfer),
        tensor_(scored_.problem.at(transfer.tensor).name),
        parent_(scored_.architecture.name_of(transfer.parent)),
        child_(scored_.architecture.name_of(transfer.child)),
        output_(transfer.updates.has_value()) {}

  std::string text() const {
    std::string out =
        fmt::format("  {} {} {}", output_ ? child_ : parent_, "to", output_ ? parent_ : child_);
    std::vector<std::string> through;
    for (const FanoutExplanation& fanout : transfer_.fanouts) {
      through.push_back(scored_.architecture.name_of(fanout.fanout));
    }
    out += through.empty() ? "\n" : fmt::format(", through {}\n", joined(through, "and"));
    out += counts();
    for (const auto& [label, sentence] : notes()) {
      out += fmt::format("    {:<10}{}\n", label, sentence);
    }
    return out;
  }

 private:
  using Notes = std::vector<std::pair<std::string_view, std::string>>;

  std::string terms(const Formula& formula) const {
    return formula_text(scored_.problem, scored_.architecture, transfer_.tensor, formula);
  }

  void add(TextTable& table, const std::string& where, std::string_view count,
           const std::optional<Formula>& formula) const {
    if (!formula) {
      return;
    }
    std::string right = terms(*formula);
    // What the child moves is taken apart once; other counts that are the same refer to it.
    const std::optional<Formula>& moved = output_ ? transfer_.drains : transfer_.fills;
    const std::string_view moved_name = output_ ? "drains" : "fills";
    if (moved && count != moved_name && right == terms(*moved)) {
      right = fmt::format("{} {}", moved_name, grouped(moved->value));
    }
    table.add(
        {fmt::format("{} {}", where, count), grouped(formula->value), fmt::format("= {}", right)});
  }

  std::string counts() const {
    using Align = TextTable::Align;
    TextTable table({{"", Align::left}, {""}, {"", Align::left}});
    if (output_) {
      add(table, child_, "drains", transfer_.drains);
      add(table, child_, "fills", transfer_.fills);
      add(table, parent_, "updates", transfer_.updates);
      add(table, parent_, "reads", transfer_.reads);
    } else {
      add(table, child_, "fills", transfer_.fills);
      add(table, parent_, "reads", transfer_.reads);
      add(table, child_, "passed on", transfer_.passed);
    }
    for (const FanoutExplanation& fanout : transfer_.fanouts) {
      add(table, scored_.architecture.name_of(fanout.fanout), "words", fanout.words);
    }
    const std::string text = table.text(4);
    return text.substr(text.find('\n') + 1);  // without headings
  }

  Notes notes() const {
    Notes notes;
    const Formula* moved = output_ ? &*transfer_.updates : &*transfer_.reads;
    if (transfer_.child_node) {
      moved = output_ ? &*transfer_.drains : &*transfer_.fills;
      if (!transfer_.free.empty()) {
        notes.emplace_back("free", fmt::format("{}: {} does not depend on {}, so the tile in {} "
                                               "stays (stationary)",
                                               loops_text(scored_, transfer_.free), tensor_,
                                               transfer_.free.size() > 1 ? "them" : "it", child_));
      }
      if (!transfer_.again.empty()) {
        notes.emplace_back(
            "again", fmt::format("{}: {} does not depend on {}, but {} inside moves the tile, so "
                                 "each step moves the same words again",
                                 loops_text(scored_, transfer_.again), tensor_,
                                 transfer_.again.size() > 1 ? "them" : "it",
                                 loops_text(scored_, transfer_.sweep)));
      }
      if (window_sweeps() && has_form(*moved, Formula::Form::sum)) {
        notes.emplace_back(
            "sweep", fmt::format("{}: the window slides and keeps its halo, only what the {}",
                                 loops_text(scored_, transfer_.sweep),
                                 output_ ? "next tile lacks leaves" : "tile before lacked enters"));
      }
    }
    if (has_meaning(*moved, Meaning::sized)) {
      notes.emplace_back("sizes",
                         "remainders make tiles of several sizes: steps x places for each size");
    }
    add_sharing(*moved, notes);
    add_finished(notes);
    add_saving(notes);
    return notes;
  }

  /// Whether the sweep moves along a rank of several dimensions.
  bool window_sweeps() const {
    if (transfer_.sweep.empty()) {
      return false;
    }
    const DimensionId swept =
        std::get<Loop>(scored_.mapping.nodes[transfer_.sweep.front()]).dimension;
    const auto& ranks = scored_.problem.at(transfer_.tensor).projection.ranks;
    return std::any_of(ranks.begin(), ranks.end(), [&](const Rank& rank) {
      const auto moves = [&](const Term& term) { return term.dimension == swept; };
      const auto counts = [&](const Term& term) {
        return scored_.problem.at(term.dimension).bound > 1;
      };
      return std::any_of(rank.begin(), rank.end(), moves) &&
             std::count_if(rank.begin(), rank.end(), counts) > 1;
    });
  }

  void add_sharing(const Formula& moved, Notes& notes) const {
    const std::int64_t together = output_ ? transfer_.updates->value : transfer_.reads->value;
    std::string_view name = output_ ? "reduce" : "multicast";
    const auto add_note = [&](std::string text) {
      notes.emplace_back(name, std::move(text));
      name = "";
    };
    if (!transfer_.sharers.empty()) {
      const std::string sharers = loops_text(scored_, transfer_.sharers);
      const std::string_view rule = transfer_.sharing == Sharing::word
                                        ? "word: a word that several need is read once"
                                        : "tile: equal tiles are read once";
      add_note(output_ ? fmt::format("sums over {} are added on the way up: {} updates instead "
                                     "of {}",
                                     sharers, grouped(together), grouped(moved.value))
                       : fmt::format("{} over {}: {} reads instead of {}", rule, sharers,
                                     grouped(together), grouped(moved.value)));
    }
    if (transfer_.passed) {
      add_note(
          fmt::format("links: {} of the words that enter {} are what a neighbour held a step "
                      "before, and are passed on",
                      grouped(transfer_.passed->value), child_));
    }
    if (!transfer_.apart.empty()) {
      const std::string apart = loops_text(scored_, transfer_.apart);
      add_note(output_ ? fmt::format("no: every instance over {} sends its own sums up", apart)
                       : fmt::format("none: every instance has its own reads over {}", apart));
    }
  }

  void add_finished(Notes& notes) const {
    const Tensor& tensor = scored_.problem.at(transfer_.tensor);
    const TensorWord word = scored_.architecture.memory(transfer_.parent)->stored(tensor.word());
    if (!output_ || word.final_bits == word.bits) {
      return;
    }
    const auto& levels = scored_.evaluation.levels;
    const TensorTraffic& parent =
        levels[transfer_.parent.index()].tensors[transfer_.tensor.index()];
    notes.emplace_back("finished",
                       fmt::format("{} of the updates carry finished values of {} bit, the others "
                                   "partial sums of {} bit",
                                   grouped(parent.final_updates), word.final_bits, word.bits));
  }

  void add_saving(Notes& notes) const {
    for (const Reuse& reuse : moves_.reuses) {
      if (!transfer_.child_node || reuse.memory != transfer_.child ||
          reuse.tensor != transfer_.tensor) {
        continue;
      }
      const std::string_view what = output_ ? "drains and fills" : "fills";
      const auto saving = [&](const NodeMove& move) {
        const TensorTraffic& after =
            move.evaluation.levels[reuse.memory.index()].tensors[reuse.tensor.index()];
        return fmt::format("moving {} would save {} of the {}", move_text(scored_, move),
                           share_text(reuse.words - after.fills - after.drains, reuse.words), what);
      };
      if (reuse.best) {
        notes.emplace_back("to save",
                           fmt::format("{}: {}", saving(*reuse.best),
                                       outcome(scored_.evaluation, reuse.best->evaluation)));
      } else {
        notes.emplace_back("to save",
                           fmt::format("no legal move of one loop or hold has fewer {}", what));
      }
      if (reuse.too_large) {
        notes.emplace_back("",
                           fmt::format("{}, but {}", saving(*reuse.too_large),
                                       describe(scored_.architecture, reuse.shortage).sentence));
      }
    }
  }

  const Scored& scored_;
  const ReuseMoves& moves_;
  const TransferExplanation& transfer_;
  const std::string tensor_, parent_, child_;
  const bool output_;
};

/// What a tensor moves with: `Weights[K, C]: moves with K and C; M stays the same over P and Q`.
std::string tensor_heading(const Problem& problem, TensorId tensor) {
  const DimensionSet relevant = relevant_dimensions(problem, tensor);
  std::vector<std::string> moving;
  std::vector<std::string> others;
  for (std::size_t d = 0; d < problem.dimensions.size(); ++d) {
    if (problem.dimensions[d].bound > 1) {
      (relevant.contains(DimensionId(d)) ? moving : others).push_back(problem.dimensions[d].name);
    }
  }
  std::string text = problem.at(tensor).name;
  text += moving.empty() ? ": one word" : fmt::format(": depends on {}", joined(moving, "and"));
  return others.empty() ? text + "\n"
                        : fmt::format("{}; reused over {}\n", text, joined(others, "and"));
}

std::string best_moves_text(const Explained& explained) {
  const Scored& scored = explained.scored;
  const ReuseMoves& moves = explained.moves;
  std::string out =
      fmt::format("\nOne loop or hold elsewhere ({} mappings tried):\n", grouped(moves.tried));
  const auto line = [&](std::string_view what, const std::optional<NodeMove>& move) {
    return move ? fmt::format("  {:<15}{}: {}\n", what, move_text(scored, *move),
                              outcome(scored.evaluation, move->evaluation))
                : fmt::format("  {:<15}by no legal move\n", what);
  };
  out += line("less energy", moves.least_energy);
  out += line("fewer cycles", moves.least_cycles);
  return out;
}

}  // namespace

std::string node_text(const Scored& scored, const Node& node) {
  if (const Loop* loop = std::get_if<Loop>(&node)) {
    return loop_text(scored, *loop);
  }
  const Hold& hold = std::get<Hold>(node);
  std::vector<std::string> tensors;
  for (const TensorId tensor : as_written(scored.problem)) {
    if (hold.tensors.contains(tensor)) {
      tensors.push_back(scored.problem.at(tensor).name);
    }
  }
  return fmt::format("the hold of {} in {}", joined(tensors, "and"),
                     scored.architecture.name_of(hold.memory));
}

std::string explanation_text(const Explained& explained) {
  const Scored& scored = explained.scored;
  const Evaluation& e = scored.evaluation;
  std::string out =
      fmt::format("{}: {}\non {}: {}, {} cycles, bound by {}\n", scored.problem.name,
                  problem_text(scored.problem), scored.architecture.name, joules(e.energy_pj),
                  grouped(e.cycles), scored.architecture.name_of(e.bottleneck));
  out += "\nLoop nest, outermost first, with the tile of one instance at each hold:\n" +
         tiles_text(scored, explained.explanation);
  out += room_text(scored);
  out += fmt::format("\nSteps with work: {} = {}\n", grouped(e.compute_cycles),
                     formula_text(scored.problem, scored.architecture, kOutput,
                                  explained.explanation.compute_cycles));
  out += "\nWords moved, over all instances:\n";
  for (const TensorId tensor : as_written(scored.problem)) {
    out += fmt::format("\n{}", tensor_heading(scored.problem, tensor));
    std::vector<const TransferExplanation*> transfers;
    for (const TransferExplanation& transfer : explained.explanation.transfers) {
      if (transfer.tensor == tensor) {
        transfers.push_back(&transfer);
      }
    }
    if (tensor == kOutput) {
      std::reverse(transfers.begin(), transfers.end());  // the way the words go
    }
    for (const TransferExplanation* transfer : transfers) {
      out += TransferText(explained, *transfer).text();
    }
  }
  out += cycles_text(scored) + energy_text(scored);
  return out + best_moves_text(explained);
}

}  // namespace tessera
