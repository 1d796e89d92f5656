#include "tests/oracle/compare.hpp"

#include <exception>

#include "model/evaluate.hpp"

namespace tessera::oracle {

namespace {

class Report {
 public:
  void compare(const std::string& what, std::int64_t model, std::int64_t execution) {
    if (model != execution) {
      text_ += what + ": model " + std::to_string(model) + ", execution " +
               std::to_string(execution) + "\n";
    }
  }
  std::string text() && { return std::move(text_); }

 private:
  std::string text_;
};

void compare_tensor(Report& report, const std::string& at, const TensorTraffic& model,
                    const TensorCounts& execution) {
  report.compare(at + " held", model.held ? 1 : 0, execution.held ? 1 : 0);
  report.compare(at + " tile_words", model.tile_words, execution.tile_words);
  report.compare(at + " reads", model.reads, execution.reads);
  report.compare(at + " fills", model.fills, execution.fills);
  report.compare(at + " updates", model.updates, execution.updates);
  report.compare(at + " drains", model.drains, execution.drains);
  report.compare(at + " passed", model.passed, execution.passed);
  report.compare(at + " final_updates", model.final_updates, execution.final_updates);
  report.compare(at + " final_drains", model.final_drains, execution.final_drains);
  report.compare(at + " read_accesses", model.read_accesses, execution.read_accesses);
  report.compare(at + " write_accesses", model.write_accesses, execution.write_accesses);
}

/// What each memory needs is its capacity: exactly that is enough, one less is not.
std::string compare_capacities(const Case& c, const Counts& counts) {
  Report report;
  for (std::size_t i = 0; i < counts.levels.size(); ++i) {
    const Memory* memory = c.architecture.memory(LevelId(i));
    if (memory == nullptr) {
      continue;
    }
    const std::int64_t needed = counts.levels[i].needed_bits;
    const std::int64_t factor = memory->buffering == Buffering::double_buffer ? 2 : 1;
    const std::string at = memory->name + " capacity ";
    Case tight = c;
    auto& capacity = std::get<Memory>(tight.architecture.hierarchy[i]).capacity;
    capacity = Capacity{needed * factor, Capacity::Unit::bits};
    const Evaluation enough = evaluate(tight.problem, tight.architecture, tight.mapping);
    report.compare(at + "that is enough: feasible", enough.feasible() ? 1 : 0, 1);
    report.compare(at + "that is enough: cycles", enough.cycles, counts.cycles);
    if (needed == 0) {
      continue;
    }
    capacity->amount -= 1;
    const Infeasible refused =
        evaluate(tight.problem, tight.architecture, tight.mapping).infeasible;
    report.compare(at + "too small: why", static_cast<std::int64_t>(refused.why),
                   static_cast<std::int64_t>(Infeasible::Why::capacity));
    report.compare(at + "too small: level", refused.level.value, static_cast<std::int64_t>(i));
    report.compare(at + "too small: needed", refused.needed, needed);
    const std::int64_t left = (needed * factor - 1) / factor;
    report.compare(at + "too small: available", refused.available,
                   memory->aligned ? left / *memory->width * *memory->width : left);
  }
  return std::move(report).text();
}

}  // namespace

std::string differences(const Case& c, const Counts& counts, const Evaluation& evaluation) {
  if (!evaluation.feasible()) {
    return "the model refuses the case\n";
  }
  Report report;
  report.compare("operations", evaluation.operations, counts.operations);
  report.compare("compute cycles", evaluation.compute_cycles, counts.compute_cycles);
  report.compare("cycles", evaluation.cycles, counts.cycles);
  report.compare("dram words", evaluation.dram_words, counts.dram_words);
  report.compare("levels", static_cast<std::int64_t>(evaluation.levels.size()),
                 static_cast<std::int64_t>(counts.levels.size()));
  for (std::size_t i = 0; i < counts.levels.size(); ++i) {
    const LevelResult& model = evaluation.levels.at(i);
    const LevelCounts& execution = counts.levels[i];
    const std::string& name = c.architecture.name_of(LevelId(i));
    report.compare(name + " instances", model.instances, c.architecture.instances(LevelId(i)));
    report.compare(name + " instances used", model.instances_used, execution.instances_used);
    report.compare(name + " passes", model.passes, execution.passes);
    report.compare(name + " exposed cycles", model.exposed_cycles, execution.exposed_cycles);
    for (std::size_t t = 0; t < execution.tensors.size(); ++t) {
      compare_tensor(report, name + " " + c.problem.tensors[t].name, model.tensors.at(t),
                     execution.tensors[t]);
    }
    for (std::size_t t = 0; t < execution.words.size(); ++t) {
      report.compare(name + " " + c.problem.tensors[t].name + " words", model.words.at(t),
                     execution.words[t]);
      if (!model.network.empty()) {
        const std::string at = name + " " + c.problem.tensors[t].name;
        report.compare(at + " sent", model.network.at(t).sent, execution.network[t].sent);
        report.compare(at + " passed", model.network.at(t).passed, execution.network[t].passed);
        if (c.architecture.fanout(LevelId(i))->counts_hops()) {
          report.compare(at + " half hops", model.network.at(t).half_hops,
                         execution.network[t].half_hops);
        }
      }
    }
  }
  return std::move(report).text();
}

std::string compare_with_model(const Case& c) {
  try {
    const Counts counts = execute(c);
    const std::string found =
        differences(c, counts, evaluate(c.problem, c.architecture, c.mapping));
    return found.empty() ? compare_capacities(c, counts) : found;
  } catch (const std::exception& error) {
    return std::string("error: ") + error.what() + "\n";
  }
}

}  // namespace tessera::oracle
