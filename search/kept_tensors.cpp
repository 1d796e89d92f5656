#include "search/kept_tensors.hpp"

#include <algorithm>
#include <cstdlib>

#include "arch/tile_room.hpp"
#include "spec/error.hpp"

namespace tessera {

namespace {

/// The task's tensors that are kept.
TensorSet kept_of(const NetworkTasks::Task& task) {
  TensorSet kept;
  if (task.output_kept) {
    kept.insert(kOutput);
  }
  for (std::size_t t = 1; t < task.problem.tensors.size(); ++t) {
    if (task.input_kept && task.problem.tensors[t].kind == TensorKind::inputs) {
      kept.insert(TensorId(t));
    }
  }
  return kept;
}

/// Words of the whole tensor, as the largest tile that the model knows.
std::int64_t whole_words(const Problem& problem, const Tensor& tensor) {
  std::int64_t words = 1;
  for (const Rank& rank : tensor.projection.ranks) {
    std::int64_t extent = 1;
    std::size_t moving = 0;
    for (const Term& term : rank) {
      const std::int64_t bound = problem.at(term.dimension).bound;
      moving += bound > 1 ? 1 : 0;
      std::int64_t reach = 0;
      if (__builtin_mul_overflow(std::abs(term.coefficient), bound - 1, &reach) ||
          __builtin_add_overflow(extent, reach, &extent)) {
        throw OverflowError();
      }
    }
    if (moving == 1) {  // the values touched, not what lies between
      for (const Term& term : rank) {
        extent = problem.at(term.dimension).bound > 1 ? problem.at(term.dimension).bound : extent;
      }
    }
    if (__builtin_mul_overflow(words, extent, &words)) {
      throw OverflowError();
    }
  }
  return words;
}

/// Whether the kept tensors alone fit as a whole. (With the others' tiles beside them is for the
/// search to find out.)
bool fit(const NetworkTasks::Task& task, const Memory& memory) {
  if (!memory.capacity) {
    return true;
  }
  const TileRoom room = tile_room(memory, task.problem.words());
  std::int64_t left = room.available;
  const TensorSet kept = kept_of(task);
  for (std::size_t t = 0; t < task.problem.tensors.size(); ++t) {
    if (!kept.contains(TensorId(t))) {
      continue;
    }
    const Tensor& tensor = task.problem.tensors[t];
    std::int64_t needed = 0;
    if (__builtin_mul_overflow(whole_words(task.problem, tensor), room.per_word[t], &needed) ||
        needed > left) {
      return false;
    }
    left -= needed;
  }
  return true;
}

/// Whether the architecture or the constraints want a kept tensor where it cannot be.
bool forbidden(const NetworkTasks::Task& task, const Architecture& architecture, LevelId memory,
               const Constraints* constraints) {
  const TensorSet kept = kept_of(task);
  for (std::size_t t = 0; t < task.problem.tensors.size(); ++t) {
    if (!kept.contains(TensorId(t))) {
      continue;
    }
    const TensorKind kind = task.problem.tensors[t].kind;
    for (std::size_t l = 0; l < memory.index(); ++l) {
      const Memory* outer = architecture.memory(LevelId(l));
      if (outer != nullptr && outer->keep.contains(kind)) {
        return true;
      }
    }
    if (architecture.memory(memory)->bypass.contains(kind)) {
      return true;
    }
    for (const MemoryConstraint& rules :
         constraints != nullptr ? constraints->memories : std::vector<MemoryConstraint>{}) {
      if ((rules.memory < memory && rules.keep.contains(TensorId(t))) ||
          (rules.memory == memory && rules.bypass.contains(TensorId(t)))) {
        return true;
      }
    }
  }
  return false;
}

/// Whether no memory outside `memory` may hold the tensor, by the architecture or the constraints:
/// then its outermost hold is in `memory`, or further in, in every mapping.
bool barred_outside(const Problem& problem, TensorId tensor, const Architecture& architecture,
                    LevelId memory, const Constraints* constraints) {
  for (std::size_t l = 0; l < memory.index(); ++l) {
    const Memory* outer = architecture.memory(LevelId(l));
    if (outer == nullptr || outer->bypass.contains(problem.at(tensor).kind)) {
      continue;
    }
    const std::vector<MemoryConstraint> all =
        constraints != nullptr ? constraints->memories : std::vector<MemoryConstraint>{};
    if (std::none_of(all.begin(), all.end(), [&](const MemoryConstraint& rules) {
          return rules.memory == LevelId(l) && rules.bypass.contains(tensor);
        })) {
      return false;
    }
  }
  return true;
}

/// Whether what layer `l` takes from the one before is in `memory` in every mapping of both.
bool is_there_anyway(const Network& network, std::size_t l, const Architecture& architecture,
                     LevelId memory, const std::vector<Constraints>& constraints) {
  if (!network.layers[l].from_previous) {
    return false;
  }
  const auto rules = [&](std::size_t layer) {
    return constraints.empty() ? nullptr : &constraints[layer];
  };
  const Problem& taker = network.layers[l].problem;
  for (std::size_t t = 1; t < taker.tensors.size(); ++t) {
    if (taker.tensors[t].kind == TensorKind::inputs &&
        !barred_outside(taker, TensorId(t), architecture, memory, rules(l))) {
      return false;
    }
  }
  return barred_outside(network.layers[l - 1].problem, kOutput, architecture, memory, rules(l - 1));
}

MemoryConstraint& rules_of(Constraints& constraints, LevelId memory) {
  for (MemoryConstraint& rules : constraints.memories) {
    if (rules.memory == memory) {
      return rules;
    }
  }
  MemoryConstraint rules;
  rules.memory = memory;
  return constraints.memories.emplace_back(std::move(rules));
}

}  // namespace

std::optional<std::string> why_none_kept(const Architecture& architecture, LevelId memory) {
  const std::string& name = architecture.name_of(memory);
  if (architecture.instances(memory) != 1) {
    return "there are " + std::to_string(architecture.instances(memory)) + " of " + name +
           ", and what one layer leaves in them need not lie where the next one wants it; expected "
           "a memory that there is one of";
  }
  bool outermost = true;
  for (std::size_t l = 0; l < memory.index(); ++l) {
    const Memory* outer = architecture.memory(LevelId(l));
    outermost = outermost && outer == nullptr;
    if (outer != nullptr && outer->keep.contains(TensorKind::inputs) &&
        outer->keep.contains(TensorKind::outputs)) {
      return "nothing can stay in " + name + ": " + outer->name + " must keep inputs and outputs";
    }
  }
  if (outermost) {
    return name + " is the outermost memory, in which all tensors are between layers anyway";
  }
  const KindSet& bypass = architecture.memory(memory)->bypass;
  if (bypass.contains(TensorKind::inputs) || bypass.contains(TensorKind::outputs)) {
    return name + " must not hold " + (bypass.contains(TensorKind::inputs) ? "inputs" : "outputs") +
           ", so that what is an output and then an input cannot stay in it";
  }
  return std::nullopt;
}

NetworkTasks tasks_keeping(const Network& network, std::int64_t batch,
                           const Architecture& architecture, LevelId memory,
                           const std::vector<Constraints>& constraints) {
  tasks_of(network, batch);  // throws where the batch cannot be
  NetworkTasks tasks;
  tasks.batch = batch;
  tasks.kept_in = memory;
  for (std::size_t l = 0; l < network.layers.size(); ++l) {
    const Layer& layer = network.layers[l];
    const bool there = is_there_anyway(network, l, architecture, memory, constraints);
    const bool takes = layer.from_previous && !there;
    const bool next_takes = l + 1 < network.layers.size() && network.layers[l + 1].from_previous &&
                            !is_there_anyway(network, l + 1, architecture, memory, constraints);
    tasks.from_previous.push_back(layer.from_previous);
    tasks.there_anyway.push_back(there);
    tasks.task_of.push_back(tasks.tasks.size());
    std::vector<std::size_t>& ways = tasks.ways.emplace_back();
    for (const bool input : {false, true}) {
      for (const bool output : {false, true}) {
        NetworkTasks::Task task{at_batch(layer, batch), layer.repeat};
        task.input_kept = input;
        task.output_kept = output;
        const Constraints* rules = constraints.empty() ? nullptr : &constraints[l];
        if ((input && !takes) || (output && !next_takes) ||
            !fit(task, *architecture.memory(memory)) ||
            forbidden(task, architecture, memory, rules)) {
          continue;
        }
        for (std::size_t t = 0; t < tasks.tasks.size() && !task.same_as; ++t) {
          const NetworkTasks::Task& other = tasks.tasks[t];
          if (!other.same_as && other.problem.dimensions == task.problem.dimensions &&
              other.problem.tensors == task.problem.tensors && other.input_kept == input &&
              other.output_kept == output) {
            task.same_as = t;
          }
        }
        if (task.optional()) {
          task.problem.name += ".kept";
          task.problem.name += input ? "-in" : "";
          task.problem.name += output ? "-out" : "";
        }
        ways.push_back(tasks.tasks.size());
        tasks.tasks.push_back(std::move(task));
      }
    }
  }
  return tasks;
}

NetworkTasks tasks_for(const Network& network, std::int64_t batch, const Architecture& architecture,
                       std::optional<LevelId> kept_in,
                       const std::vector<Constraints>& constraints) {
  return kept_in ? tasks_keeping(network, batch, architecture, *kept_in, constraints)
                 : tasks_of(network, batch);
}

Constraints keeping(const NetworkTasks& tasks, std::size_t task, Constraints constraints,
                    const Architecture& architecture) {
  const TensorSet kept = kept_of(tasks.tasks[task]);
  if (!tasks.kept_in || kept.empty()) {
    return constraints;
  }
  for (std::size_t t = 0; t < tasks.tasks[task].problem.tensors.size(); ++t) {
    if (!kept.contains(TensorId(t))) {
      continue;
    }
    rules_of(constraints, *tasks.kept_in).keep.insert(TensorId(t));
    for (std::size_t l = 0; l < tasks.kept_in->index(); ++l) {
      if (architecture.memory(LevelId(l)) != nullptr) {
        rules_of(constraints, LevelId(l)).bypass.insert(TensorId(t));
      }
    }
  }
  return constraints;
}

void leave_out_kept(const NetworkTasks& tasks, std::size_t task, Evaluation& evaluation) {
  const TensorSet kept = kept_of(tasks.tasks[task]);
  for (std::size_t t = 0; t < tasks.tasks[task].problem.tensors.size(); ++t) {
    if (tasks.kept_in && kept.contains(TensorId(t))) {
      const TensorTraffic& traffic = evaluation.levels[tasks.kept_in->index()].tensors[t];
      evaluation.dram_words -= traffic.reads + traffic.updates;
    }
  }
}

}  // namespace tessera
