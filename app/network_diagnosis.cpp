#include "app/network_diagnosis.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "app/diagnosis_text.hpp"
#include "app/network_layer.hpp"
#include "app/shell_word.hpp"
#include "search/legal_search.hpp"

namespace tessera {

namespace {

using Verdict = Remedy::Verdict;

/// The user's command, for one layer.
std::string command_for(const Invocation& invocation, const std::string& layer) {
  std::string text = "tessera search";
  for (const std::string& operand : invocation.operands) {
    text += ' ';
    text += shell_word(operand);
  }
  for (const char* name : {"algorithm", "space", "factors", "samples", "seed", "batch"}) {
    const bool one = invocation.options.given(name) &&
                     invocation.options.text(name).find(',') == std::string::npos;
    text += one ? fmt::format(" --{} {}", name, invocation.options.text(name)) : "";
  }
  return fmt::format("{} --layer {}", text, shell_word(layer));
}

/// Whether the layers' tasks have a legal mapping, without anything kept on chip.
class LayerVerdicts {
 public:
  LayerVerdicts(const NetworkReport& report, const NetworkRun& run,
                const std::vector<Constraints>& constraints, const SearchControl& control);

  Verdict of(std::size_t layer) const { return verdicts_[task_of(layer)]; }

 private:
  std::size_t task_of(std::size_t layer) const {
    const std::size_t task = run_.tasks.task_of[layer];
    return run_.tasks.tasks[task].same_as.value_or(task);
  }

  const NetworkRun& run_;
  std::vector<Verdict> verdicts_;
};

LayerVerdicts::LayerVerdicts(const NetworkReport& report, const NetworkRun& run,
                             const std::vector<Constraints>& constraints,
                             const SearchControl& control)
    : run_(run), verdicts_(run.tasks.tasks.size(), Verdict::unknown) {
  const SearchOptions options = layer_options(report.options);
  SearchControl quiet = control;
  quiet.on_progress = nullptr;
  quiet.state = nullptr;
  std::vector<bool> done(verdicts_.size(), false);
  for (std::size_t l = 0; l < report.network.layers.size(); ++l) {
    const std::size_t task = task_of(l);
    if (done[task]) {
      continue;
    }
    done[task] = true;
    if (task < run.results.size() && !run.results[task].search.front.empty()) {
      verdicts_[task] = Verdict::enough;
      continue;
    }
    if (task < run.results.size() &&
        run.results[task].search.certificate.kind == Certificate::Kind::exact) {
      verdicts_[task] = Verdict::not_enough;
      continue;
    }
    const SearchCase given{report.architecture, constraints_of(run.tasks, task, constraints),
                           options};
    verdicts_[task] = find_legal(run.tasks.tasks[task].problem, given, std::nullopt, quiet).verdict;
  }
}

std::vector<std::string> names_of(const Network& network, const LayerVerdicts& verdicts,
                                  Verdict verdict) {
  std::vector<std::string> names;
  for (std::size_t l = 0; l < network.layers.size(); ++l) {
    if (verdicts.of(l) == verdict) {
      names.push_back(network.layers[l].problem.name);
    }
  }
  return names;
}

}  // namespace

std::string no_network_mapping_text(const NetworkReport& report, const NetworkRun& run,
                                    const std::vector<Constraints>& constraints,
                                    const SearchControl& control, const Invocation& invocation) {
  const Network& network = report.network;
  const std::size_t task = *run.without_mapping;
  const Problem& problem = run.tasks.tasks[task].problem;
  const SearchResult& result = run.results[task].search;
  const SearchCase given{report.architecture, constraints_of(run.tasks, task, constraints),
                         layer_options(report.options)};
  const Diagnosis diagnosis =
      diagnose(problem, given, result.certificate.kind == Certificate::Kind::exact, control);
  std::string text = no_mapping_text(
      problem, given, diagnosis, result,
      fmt::format(" of the layer {}{}", problem.name,
                  run.tasks.batch > 1 ? fmt::format(" at batch {}", run.tasks.batch) : ""));
  const LayerVerdicts verdicts(report, run, constraints, control);
  const std::vector<std::string> none = names_of(network, verdicts, Verdict::not_enough);
  const std::vector<std::string> unknown = names_of(network, verdicts, Verdict::unknown);
  const std::size_t layers = network.layers.size();
  if (none.size() == layers && layers > 1) {
    text += fmt::format("\n  none of the {} layers of {} has a legal mapping (proven): {}", layers,
                        network.name, fmt::join(none, ", "));
  } else if (!none.empty() && layers > 1) {
    text +=
        fmt::format("\n  {} of the {} layers of {} {} no legal mapping (proven): {}", none.size(),
                    layers, network.name, none.size() == 1 ? "has" : "have", fmt::join(none, ", "));
  }
  if (!unknown.empty()) {
    text += fmt::format("\n  of {} of the {} layers no legal mapping was found (no proof): {}",
                        unknown.size(), layers, fmt::join(unknown, ", "));
  }
  // Of the layers that are in the same case the last one: the first was looked at just now.
  for (std::size_t l = layers; l-- > 0;) {
    if (verdicts.of(l) != Verdict::enough) {
      const bool one = none.size() + unknown.size() == 1;
      return text + fmt::format("\n  to look at {} alone: {}", one ? "it" : "one of them",
                                command_for(invocation, layer_argument(network, l)));
    }
  }
  return text;  // a directed search has found mappings of all
}

}  // namespace tessera
