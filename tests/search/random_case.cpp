#include "tests/search/random_case.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "arch/architecture_spec.hpp"
#include "mapper/constraints_spec.hpp"
#include "mapper/mapspace_error.hpp"
#include "model/evaluate.hpp"
#include "problems/problem_spec.hpp"
#include "search/algorithms.hpp"
#include "spec/node.hpp"

namespace tessera::test {
namespace {

using Texts = std::vector<std::string>;
using Numbers = std::vector<int>;

struct Kernel {
  std::string dimensions;
  std::string operation;
  Texts inputs;
};

class Writer {
 public:
  Writer(RandomSource& random, CaseSize size, Space space)
      : random_(random),
        large_(size == CaseSize::medium),
        pads_(space == Space::free && random.chance(15)) {}

  bool whole_energies() const { return whole_; }

  std::string problem() {
    const Kernel kernel = random_kernel();
    equal_bits_ = random_.chance(70);
    Texts bits;
    for (const std::string& input : kernel.inputs) {
      bits.push_back(fmt::format("{}: {}", input, random_.pick<int>({4, 8, 16})));
    }
    bits.push_back("O: 24");
    if (random_.chance(60)) {
      bits.push_back("O.final: 8");
    }
    return fmt::format("problem:\n  dimensions: {{{}}}\n  operation: {}\n  bits: {}\n",
                       kernel.dimensions, kernel.operation,
                       equal_bits_ ? "8" : fmt::format("{{{}}}", fmt::join(bits, ", ")));
  }

  std::string architecture() {
    whole_ = random_.chance(80);
    std::string text = fmt::format("architecture:\n  clock: 1 GHz\n{}  hierarchy:\n",
                                   random_.chance(15)   ? "  drains: free\n"
                                   : random_.chance(30) ? "  power_gating: true\n"
                                                        : "");
    text += dram();
    const Numbers inside = large_ ? Numbers{1, 1, 2, 2, 3} : Numbers{0, 1, 1, 1, 2, 2, 3};
    const int memories = pads_ ? random_.pick<int>({2, 2, 3}) : random_.pick(inside);
    const int fanouts = pads_    ? 1
                        : large_ ? random_.pick<int>({0, 1, 1, 2})
                                 : random_.pick<int>({0, 1, 1, 1, 2});
    Texts elements;
    for (int i = 0; i < memories; ++i) {
      elements.push_back(memory(fmt::format("M{}", i + 1), i + 1 == memories));
    }
    for (int i = 0; i < fanouts; ++i) {
      const auto places = static_cast<std::int64_t>(elements.size()) - (pads_ ? 2 : 0);
      const auto place = random_.integer(0, places);
      elements.insert(elements.begin() + place, fanout(fmt::format("F{}", i + 1)));
    }
    for (const std::string& element : elements) {
      text += element;
    }
    return text + fmt::format("    - {{compute: MAC, energy: 1 pJ/operation{}}}\n",
                              whole_ ? "" : one_of({"", ", leakage: 2 mW"}));
  }

  /// Rules that name the first dimension, and memories and fanouts that exist; empty if none.
  std::string constraints(const Architecture& architecture, const Problem& problem) {
    Texts rules;
    for (std::size_t i = 0; i < architecture.hierarchy.size(); ++i) {
      if (const Memory* memory = architecture.memory(LevelId(i))) {
        if (i > 0 && random_.chance(30)) {
          rules.push_back(holding(*memory));
        }
      } else if (const Fanout* fanout = architecture.fanout(LevelId(i))) {
        if (random_.chance(30)) {
          rules.push_back(spreading(*fanout, problem));
        }
      }
    }
    if (random_.chance(15)) {
      rules.push_back(
          one_of({"min_utilization: 0.3", "min_utilization: 0.5", "min_utilization: 1"}));
    }
    std::erase(rules, "");
    return rules.empty() ? "" : fmt::format("constraints:\n  {}\n", fmt::join(rules, "\n  "));
  }

 private:
  std::string one_of(const Texts& texts) { return random_.pick(texts); }
  int number(const Numbers& small, const Numbers& more) {
    return random_.pick(large_ ? more : small);
  }
  int bound() { return number({1, 2, 2, 3, 3, 4}, {1, 2, 3, 4, 5, 6, 8, 9, 12}); }
  int window() { return number({1, 2, 2, 3}, {1, 2, 3, 3, 4, 5}); }
  int long_bound() { return number({2, 3, 4, 5, 6, 8, 9}, {3, 4, 6, 7, 8, 9, 12, 13, 16}); }
  int stride() { return random_.pick<int>({1, 1, 1, 2, 2, 3}); }
  int dilation() { return random_.pick<int>({1, 1, 1, 2, 3}); }

  Kernel random_kernel() {
    if (pads_ && random_.chance(60)) {
      return {fmt::format("P: {}, R: {}, C: {}", random_.pick<int>({4, 6, 8, 9}),
                          random_.pick<int>({2, 4, 4}), random_.pick<int>({1, 1, 2})),
              fmt::format("O[P] += I[C,{}*P+{}*R] * W[C,R]", random_.pick<int>({1, 1, 1, 2}),
                          random_.pick<int>({1, 1, 1, 2})),
              {"I", "W"}};
    }
    switch (pads_ ? random_.integer(5, 9) : random_.integer(0, 14)) {
      case 0:
      case 1:
      case 2:
        return {fmt::format("M: {}, N: {}, K: {}", long_bound(), bound(), long_bound()),
                "O[M,N] += I[M,K] * W[K,N]",
                {"I", "W"}};
      case 3:
        return {fmt::format("B: {}, M: {}, N: {}, K: {}", window(), bound(), bound(), bound()),
                one_of({"O[B,M,N] += I[B,M,K] * W[B,K,N]", "O[B,M,N] += I[B,M,K] * W[K,N]"}),
                {"I", "W"}};
      case 4:
        return {fmt::format("M: {}, K: {}", long_bound(), long_bound()),
                "O[M] += I[K] * W[M,K]",
                {"I", "W"}};
      case 5:
      case 6:
        return {fmt::format("P: {}, R: {}, C: {}", long_bound(), window(), window()),
                fmt::format("O[P] += I[C,{}*P+{}*R] * W[C,R]", stride(), dilation()),
                {"I", "W"}};
      case 7:
        return {fmt::format("P: {}, R: {}, K: {}, C: {}", long_bound(), window(), window(),
                            large_ ? window() : 1),
                fmt::format("O[K,P] += I[C,{}*P+{}*R] * W[K,C,R]", stride(), dilation()),
                {"I", "W"}};
      case 8:
        return {fmt::format("P: {}, Q: {}, R: {}, S: {}", bound(), bound(), window(),
                            large_ ? window() : random_.pick<int>({1, 1, 2})),
                fmt::format("O[P,Q] += I[{}*P+R,Q+{}*S] * W[R,S]", stride(), dilation()),
                {"I", "W"}};
      case 9:
        return {fmt::format("G: {}, P: {}, R: {}", window(), long_bound(), window()),
                fmt::format("O[G,P] += I[G,{}*P+{}*R] * W[G,R]", stride(), dilation()),
                {"I", "W"}};
      case 10:
        return {fmt::format("M: {}, N: {}, K: {}", bound(), window(), window()),
                "O[M] += I[M,N,K] * V[N] * W[K]",
                {"I", "V", "W"}};
      case 11:
        return {fmt::format("P: {}, R: {}, C: {}", long_bound(), window(), window()),
                fmt::format("O[P] += I[{}*P+{}*R] * V[C,{}*P+{}*R]", stride(), dilation(), stride(),
                            dilation()),
                {"I", "V"}};
      case 12:
        return {fmt::format("P: {}, Q: {}, R: {}, S: {}", bound(), bound(), window(), window()),
                fmt::format("O[P,Q] += I[{}*P+{}*R] * V[Q+{}*S]", stride(), dilation(), dilation()),
                {"I", "V"}};
      case 13:
        return {fmt::format("P: {}, R: {}, S: {}, C: {}", long_bound(), window(), window(),
                            large_ ? window() : 1),
                one_of({"O[C,P] += I[C,P+R] * V[P+S]", "O[P] += I[C,2*P+R] * V[P+S] * W[C,R]",
                        "O[P,R] += I[C,P+R] * V[C,R+S]"}),
                {"I", "V"}};
      default:
        return {fmt::format("P: {}, R: {}, C: {}", long_bound(), window(), window()),
                fmt::format("O[C,P] += I[C,{}*P+{}*R]", stride(), dilation()),
                {"I"}};
    }
  }

  std::string price(const Numbers& read, const Numbers& write) {
    const double part = whole_ ? 0 : 0.37;
    return fmt::format("energy: {{read: {} pJ/word, write: {} pJ/word}}", random_.pick(read) + part,
                       random_.pick(write) + part);
  }

  std::string bandwidth() {
    return one_of({"", "", "", ", bandwidth: 1 words/cycle", ", bandwidth: 2 words/cycle",
                   ", bandwidth: 0.5 words/cycle", ", bandwidth: 12 bit/cycle",
                   ", bandwidth: {read: 2 words/cycle, write: 1 words/cycle}",
                   ", bandwidth: {read: 16 bit/cycle, write: 4 bit/cycle}"});
  }

  std::string dram() {
    return fmt::format("    - {{memory: DRAM, {}{}{}}}\n",
                       price({200, 200, 10, 50, 1}, {200, 200, 10, 80, 1}), bandwidth(),
                       whole_ ? "" : one_of({"", ", leakage: 5 mW"}));
  }

  std::string memory(const std::string& name, bool innermost) {
    std::string text =
        fmt::format("    - {{memory: {}, {}", name,
                    innermost ? price({1, 1, 3, 6}, {1, 1, 4}) : price({6, 2, 20}, {6, 3, 12}));
    if (random_.chance(75)) {
      const int words =
          pads_ ? random_.pick<int>(innermost ? Numbers{1, 2, 2, 2, 3} : Numbers{3, 4, 4, 6, 8})
          : innermost ? number({1, 2, 3, 4, 5, 8, 12}, {3, 4, 6, 9, 16, 24})
                      : number({4, 8, 12, 16, 24}, {12, 20, 32, 64, 100});
      if (equal_bits_ && random_.chance(50)) {
        text += fmt::format(", capacity: {} words", words);
      } else {
        text += fmt::format(", capacity: {} bit", 8 * words) + stored();
      }
    }
    text += one_of({"", "", ", buffering: 2", ", buffering: 1"});
    text += random_.chance(50) ? bandwidth() : "";
    text += pads_ ? one_of({"", ", only: [inputs]", ", only: [inputs]", ", only: [inputs]"})
                  : one_of({"", "", "", ", keep: all", ", only: [inputs]", ", only: [weights]",
                            ", only: [outputs]", ", keep: [inputs, outputs]", ", bypass: [weights]",
                            ", keep: [outputs]", ", bypass: [inputs]"});
    text += whole_ ? "" : one_of({"", "", ", leakage: 1 mW"});
    return text + "}\n";
  }

  /// Words that are not as wide as the problem says, and may be aligned.
  std::string stored() {
    return one_of({"", "", "", ", bits: 6", ", bits: {weights: 4}",
                   ", bits: {inputs: 3, outputs: 12}", ", bits: {outputs.final: 4}"}) +
           one_of({"", "", "", ", width: 8 bit, aligned: true", ", width: 20 bit, aligned: true"});
  }

  std::string fanout(const std::string& name) {
    const Texts sizes = large_ ? Texts{"2", "3", "4", "4", "5", "8"} : Texts{"2", "3", "4"};
    std::string axes = "X: " + one_of(sizes);
    if (random_.chance(10)) {
      axes = fmt::format("X: {{size: {}, reuse: {}}}", one_of(sizes),
                         one_of({"weights", "inputs", "outputs"}));
    }
    const bool mesh = random_.chance(30);
    if (mesh) {
      axes += ", Y: " + one_of({"2", "2", "3"});
    }
    return fmt::format(
        "    - {{fanout: {}, axes: {{{}}}, multicast: {}, reduce: {}{}{}}}\n", name, axes,
        pads_ && random_.chance(60)
            ? "word"
            : one_of({"word", "word", "word", "tile", "none", "{inputs: word, weights: tile}",
                      "{inputs: tile, weights: none}", "{inputs: none, weights: word}"}),
        mesh ? one_of({"true", "false", "{X: false}", "{Y: false}"})
             : one_of({"true", "true", "false"}),
        one_of({"", "", ", energy: 3 pJ/word"}),
        one_of({"", "", "", ", bandwidth: 2 words/cycle", ", bandwidth: 5 bit/cycle, latency: 3",
                ", bandwidth: {inputs: 1 words/cycle, outputs: 12 bit/cycle}"}));
  }

  std::string holding(const Memory& memory) {
    Texts free;
    for (const TensorKind kind : kTensorKinds) {
      if (!memory.keep.contains(kind) && !memory.bypass.contains(kind)) {
        free.emplace_back(to_string(kind));
      }
    }
    if (free.empty()) {
      return "";
    }
    return fmt::format("{}: {{{}: [{}]}}", memory.name, one_of({"keep", "bypass"}), one_of(free));
  }

  std::string spreading(const Fanout& fanout, const Problem& problem) {
    if (random_.chance(40)) {
      return fmt::format("{}: {{factors: [{}{}]}}", fanout.name,
                         random_.pick(problem.dimensions).name,
                         one_of({"=2", "=1", "<=2", ">=2", "=3"}));
    }
    Texts names;
    for (const Dimension& dimension : problem.dimensions) {
      if (random_.chance(60)) {
        names.push_back(dimension.name);
      }
    }
    return fmt::format("{}: {{X: [{}]}}", fanout.name, fmt::join(names, ", "));
  }

  RandomSource& random_;
  bool large_;
  bool pads_;  ///< windows, and two memories or more inside the only fanout (not proven elsewhere)
  bool equal_bits_ = true;
  bool whole_ = true;
};

std::vector<Objective> random_objectives(RandomSource& random) {
  return random.pick<std::vector<Objective>>(
      {{Objective::energy, Objective::latency},
       {Objective::energy, Objective::latency},
       {Objective::energy},
       {Objective::latency},
       {Objective::edp},
       {Objective::edp, Objective::dram_words},
       {Objective::latency, Objective::dram_words},
       {Objective::energy, Objective::power},
       {Objective::power},
       {Objective::latency, Objective::power},
       {Objective::energy, Objective::latency, Objective::dram_words}});
}

std::string limit_text(Metric metric, double value) {
  switch (metric) {
    case Metric::energy:
      return fmt::format("{} pJ", value);
    case Metric::latency:
      return fmt::format("{} s", value);
    case Metric::area:
      return fmt::format("{} mm2", value);
    case Metric::power:
      return fmt::format("{} W", value);
    case Metric::edp:
      return fmt::format("{} J*s", value);
    case Metric::throughput:
      return fmt::format("{} /s", value);
    case Metric::cycles:
    case Metric::dram_words:
    case Metric::utilization:
      return fmt::format("{}", value);
  }
  return "";
}

/// A limit on some metric, near what some mapping has; none where draws find no legal mapping.
std::optional<Limit> random_limit(RandomSource& random, const RandomCase& one) {
  const Mapspace space(one.problem, one.architecture, one.constraints, one.options.space,
                       one.options.factors);
  SearchOptions draws = one.options;
  draws.samples = 20;
  draws.seed = static_cast<std::uint64_t>(random.integer(0, 1000));
  const SearchResult drawn = search_random(space, one.constraints, draws, SearchControl{});
  if (drawn.front.empty()) {
    return std::nullopt;
  }
  Evaluator evaluator(one.problem, one.architecture);
  Evaluation evaluation;
  evaluator.evaluate(random.pick(drawn.front.points()).mapping, evaluation);
  const Metric metric = random.pick<Metric>(
      {Metric::energy, Metric::latency, Metric::cycles, Metric::edp, Metric::power, Metric::power,
       Metric::dram_words, Metric::utilization, Metric::throughput});
  const double near = metrics_of(evaluation)[static_cast<std::size_t>(metric)];
  const double share = random.pick<double>({0.9, 1, 1, 1.2, 2});
  const auto limit = parse_limit(metric, limit_text(metric, near * share));
  return std::holds_alternative<Limit>(limit) ? std::optional(std::get<Limit>(limit))
                                              : std::nullopt;  // such as a utilization over 1
}

/// The limits of a case as a line of its `search` section; empty if there are none.
std::string add_limits(RandomSource& random, RandomCase& one) {
  std::vector<std::string> texts;
  for (int count = random.pick<int>({0, 0, 0, 1, 1, 2}); count > 0; --count) {
    const auto limit = random_limit(random, one);
    if (limit && std::none_of(one.options.limits.begin(), one.options.limits.end(),
                              [&](const Limit& other) { return other.metric == limit->metric; })) {
      one.options.limits.push_back(*limit);
      texts.push_back(fmt::format("{}: {}", to_string(limit->metric), limit->text));
    }
  }
  return texts.empty() ? "" : fmt::format(", limits: {{{}}}", fmt::join(texts, ", "));
}

}  // namespace

RandomCase read_case(const std::string& yaml, const SearchOptions& options) {
  const SpecDocument document = SpecDocument::parse("case.yaml", yaml);
  RandomCase result;
  result.yaml = yaml;
  result.problem = parse_problem(document.root().at("problem"));
  result.architecture = parse_architecture(document.root().at("architecture"));
  if (const auto node = document.root().find("constraints")) {
    result.constraints = parse_constraints(*node, result.problem, result.architecture);
  }
  result.options = options;
  return result;
}

RandomCase random_case(RandomSource& random, CaseSize size, Factors factors, Space space) {
  while (true) {
    Writer writer(random, size, space);
    SearchOptions options;
    options.space = space;
    options.factors = factors;
    options.objectives = random_objectives(random);
    std::string yaml = writer.problem();
    yaml += writer.architecture();
    try {
      RandomCase result = read_case(yaml, options);
      const std::string rules = writer.constraints(result.architecture, result.problem);
      result = read_case(yaml + rules, options);
      std::vector<std::string> names;
      for (const Objective& objective : options.objectives) {
        names.emplace_back(to_string(objective));
      }
      const std::string limits = add_limits(random, result);
      result.yaml += fmt::format("search: {{space: {}, factors: {}, objectives: [{}]{}}}\n",
                                 space == Space::free           ? "free"
                                 : space == Space::hierarchical ? "hierarchical"
                                                                : "even",
                                 factors == Factors::perfect ? "perfect" : "imperfect",
                                 fmt::join(names, ", "), limits);
      result.whole_energies = writer.whole_energies();
      return result;
    } catch (const MapspaceError&) {
      continue;  // a space too large to draw from
    } catch (const SpecError&) {
      continue;  // rules that contradict each other, such as a kind that no memory may hold
    }
  }
}

}  // namespace tessera::test
