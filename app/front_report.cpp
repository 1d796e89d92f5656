#include "app/front_report.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "app/auto_sizes.hpp"
#include "app/diagnosis_text.hpp"
#include "app/distribution_report.hpp"
#include "app/errors.hpp"
#include "app/json_report.hpp"
#include "app/numbers.hpp"
#include "app/progress.hpp"
#include "app/text_table.hpp"
#include "mapper/mapping_spec.hpp"
#include "model/evaluate.hpp"
#include "search/chunk_runner.hpp"

namespace tessera {

namespace {

using Json = nlohmann::ordered_json;

[[noreturn]] void fail_check(const FrontReport& report, std::size_t point, std::string_view why) {
  const Mapping& mapping = report.result.front.points()[point].mapping;
  throw FailureError(
      fmt::format("internal error: a mapping of the front did not stand its check: {}\n  {}\n"
                  "This is a bug of Tessera; please report it with the command and its specs. "
                  "Nothing was written.",
                  why, to_line(mapping, report.problem, report.architecture)));
}

/// `power (at most 300 mW)`.
std::string limit_text(const Limit& limit) {
  return fmt::format("{} ({} {})", to_string(limit.metric),
                     limit.at_least() ? "at least" : "at most", limit.text);
}

RowOrigin origin_of(const FrontReport& report) {
  const Certificate& certificate = report.result.certificate;
  RowOrigin origin;
  origin.algorithm = to_string(report.result.algorithm);
  origin.certificate = to_string(certificate.kind);
  if (certificate.kind != Certificate::Kind::none) {
    origin.gap = certificate.gap;
  }
  origin.seed = report.options.seed;
  return origin;
}

/// What a branch and bound did; null for other searches.
Json tree_json(const SearchResult& result) {
  if (!result.tree) {
    return nullptr;
  }
  return {{"normal_forms", result.tree->forms},
          {"nodes", result.tree->nodes},
          {"cut_by_bound", result.tree->cut_by_bound},
          {"cut_by_size", result.tree->cut_by_size}};
}

Json rejections_json(const FrontReport& report) {
  const Rejections& rejections = report.result.rejections;
  Json capacity = Json::object();
  for (std::size_t l = 0; l < rejections.capacity.size(); ++l) {
    if (rejections.capacity[l] > 0) {
      capacity[report.architecture.name_of(LevelId(l))] = rejections.capacity[l];
    }
  }
  Json limits = Json::object();
  for (std::size_t i = 0; i < rejections.limits.size(); ++i) {
    if (rejections.limits[i] > 0) {
      limits[std::string(to_string(report.options.limits[i].metric))] = rejections.limits[i];
    }
  }
  return {{"capacity", capacity},
          {"axis", rejections.axis},
          {"constraint", rejections.constraint},
          {"utilization", rejections.utilization},
          {"limits", limits},
          {"no_value", rejections.no_value}};
}

Json point_json(const FrontReport& report, std::size_t point) {
  const Scored scored = report.scored(point);
  Json json = costs_json(scored.evaluation);
  json["bottleneck"] = evaluation_json(scored)["bottleneck"];
  json["values"] = report.result.front.points()[point].values;
  json["mapping"] = to_line(scored.mapping, scored.problem, scored.architecture);
  json["resources"] = resources_json(scored);
  json["levels"] = levels_json(scored);
  json["fanouts"] = fanouts_json(scored);
  if (report.family != nullptr) {
    json["architecture"] = scored.architecture.name;
    for (const AutoSize& size : auto_sizes(report.family->automatic, scored)) {
      json["sizes"][size.memory] = {
          {"capacity", size.capacity}, {"needed", size.needed}, {"unit", size.unit}};
    }
  }
  return json;
}

std::string certificate_text(const FrontReport& report) {
  const Certificate& certificate = report.result.certificate;
  switch (certificate.kind) {
    case Certificate::Kind::exact:
      return "exact: no mapping of this space is better";
    case Certificate::Kind::bound:
      return fmt::format(
          "bound: no mapping has less than the least found by more than {} in any one objective",
          percent(certificate.gap));
    case Certificate::Kind::none:
      return "none: mappings that were not tried may be better";
  }
  return "";
}

/// `energy at least 1.05 mJ (1.136 mJ found), latency at least 688,128 cycles (found)`.
std::string bounds_text(const FrontReport& report) {
  constexpr int kDigits = 6;
  const Certificate& certificate = report.result.certificate;
  const std::vector<double> found = least_values(report.result.front);
  std::vector<std::string> texts;
  for (std::size_t o = 0; o < certificate.least.size(); ++o) {
    const Objective& objective = report.options.objectives[o];
    const double bound = certificate.least[o];
    texts.push_back(fmt::format(
        "{} at least {} ({})", to_string(objective), objective_text(objective, bound, kDigits),
        bound < found[o] ? objective_text(objective, found[o], kDigits) + " found" : "found"));
  }
  return fmt::format("{}", fmt::join(texts, ", "));
}

std::string search_line(const FrontReport& report) {
  const SearchResult& result = report.result;
  const double share = result.evaluated == 0 ? 0
                                             : static_cast<double>(result.feasible) /
                                                   static_cast<double>(result.evaluated);
  return fmt::format("{} mappings scored, {} feasible ({}), seed {}{}", grouped(result.evaluated),
                     grouped(result.feasible), percent(share), report.options.seed,
                     result.stopped ? ", stopped early" : "");
}

std::string summary(const FrontReport& report) {
  using Align = TextTable::Align;
  const SearchResult& result = report.result;
  std::vector<std::string_view> objectives;
  for (const Objective& objective : report.options.objectives) {
    objectives.push_back(to_string(objective));
  }
  TextTable table(
      {{"problem", Align::left},
       {fmt::format("{}: {}", report.problem.name, problem_text(report.problem)), Align::left}});
  table.add({"architecture",
             report.family == nullptr ? report.architecture.name : family_text(*report.family)});
  table.add({"space",
             fmt::format("{}, {} factors: {} mappings", to_string(report.options.space),
                         to_string(report.options.factors), space_size_text(result.space_size))});
  table.add({"search", fmt::format("{}: {}", to_string(result.algorithm), search_line(report))});
  if (!result.why.empty()) {
    table.add({"", result.why});
  }
  if (result.tree) {
    table.add({"tree",
               fmt::format("{} normal forms, {} nodes; cut: {} by the bound, {} too large",
                           grouped(result.tree->forms), grouped(result.tree->nodes),
                           grouped(result.tree->cut_by_bound), grouped(result.tree->cut_by_size))});
  }
  const std::vector<std::string> rejections = rejection_texts(report);
  for (std::size_t i = 0; i < rejections.size(); ++i) {
    table.add({i == 0 ? "refused" : "", rejections[i]});
  }
  table.add({"certificate", certificate_text(report)});
  if (result.certificate.kind == Certificate::Kind::bound) {
    table.add({"", bounds_text(report)});
  }
  for (std::size_t i = 0; i < report.options.limits.size(); ++i) {
    table.add({i == 0 ? "limits" : "", limit_text(report.options.limits[i])});
  }
  table.add(
      {"front",
       fmt::format("{} mapping{} by {}{}", result.front.size(), result.front.size() == 1 ? "" : "s",
                   report.options.lexicographic ? "the least " : "",
                   fmt::join(objectives, report.options.lexicographic ? ", then " : ", "))});
  return table.text();
}

std::string front_table(const FrontReport& report) {
  const bool with_area = std::any_of(report.evaluations.begin(), report.evaluations.end(),
                                     [](const Evaluation& e) { return e.area_mm2 > 0; });
  std::vector<TextTable::Column> columns = {{"#"},           {"energy"},    {"cycles"},
                                            {"latency"},     {"edp J*s"},   {"power"},
                                            {"utilization"}, {"energy/op"}, {"dram words"}};
  if (with_area) {
    columns.push_back({"area mm2"});
  }
  if (report.family != nullptr) {
    for (const LevelId level : report.family->automatic) {
      columns.push_back({report.architecture.name_of(level) + " (needed)"});
    }
  }
  std::vector<std::size_t> formulas;  // objectives that no other column shows
  for (std::size_t o = 0; o < report.options.objectives.size(); ++o) {
    if (report.options.objectives[o] == Objective::formula) {
      formulas.push_back(o);
      columns.push_back({report.options.objectives[o].terms().text()});
    }
  }
  TextTable table(std::move(columns));
  for (std::size_t i = 0; i < report.evaluations.size(); ++i) {
    const Evaluation& e = report.evaluations[i];
    std::vector<std::string> cells = {
        std::to_string(i + 1),
        with_si_prefix(e.energy_pj * 1e-12, "J", 6),
        grouped(e.cycles),
        with_si_prefix(e.latency_s, "s", 6),
        rounded(e.edp_js(), 6),
        with_si_prefix(e.power_w(), "W", 4),
        percent(e.utilization),
        with_si_prefix(e.energy_pj * 1e-12 / static_cast<double>(e.operations), "J", 4),
        grouped(e.dram_words)};
    if (with_area) {
      cells.push_back(rounded(e.area_mm2, 6));
    }
    if (report.family != nullptr) {
      for (const AutoSize& size : auto_sizes(report.family->automatic, report.scored(i))) {
        cells.push_back(fmt::format("{} ({})", size.capacity_text, size.needed_text));
      }
    }
    for (const std::size_t o : formulas) {
      cells.push_back(rounded(report.result.front.points()[i].values[o], 6));
    }
    table.add(std::move(cells));
  }
  return table.text();
}

}  // namespace

std::string_view to_string(Algorithm algorithm) {
  switch (algorithm) {
    case Algorithm::automatic:
      return "auto";
    case Algorithm::exhaustive:
      return "exhaustive";
    case Algorithm::random:
      return "random";
    case Algorithm::genetic:
      return "genetic";
  }
  return "";
}

std::string_view to_string(Space space) {
  switch (space) {
    case Space::free:
      return "free";
    case Space::hierarchical:
      return "hierarchical";
    case Space::even:
      return "even";
  }
  return "";
}

std::string_view to_string(Factors factors) {
  return factors == Factors::perfect ? "perfect" : "imperfect";
}

std::string_view to_string(Certificate::Kind kind) {
  switch (kind) {
    case Certificate::Kind::none:
      return "none";
    case Certificate::Kind::bound:
      return "bound";
    case Certificate::Kind::exact:
      return "exact";
  }
  return "";
}

FrontReport verify_front(const Problem& problem, const Architecture& architecture,
                         const Constraints& constraints, const SearchOptions& options,
                         const SearchResult& result) {
  FrontReport report{problem, architecture, constraints, options, result,
                     {},      std::nullopt, nullptr,     {}};
  Evaluator evaluator(problem, architecture);
  for (std::size_t i = 0; i < result.front.size(); ++i) {
    const ParetoPoint& point = result.front.points()[i];
    if (const auto fault = validate(problem, architecture, point.mapping)) {
      fail_check(report, i, fault->message);
    }
    if (const auto violation = find_violation(problem, architecture, constraints, point.mapping)) {
      fail_check(report, i, *violation);
    }
    Evaluation evaluation;
    evaluator.evaluate(point.mapping, evaluation);
    if (!evaluation.feasible()) {
      fail_check(report, i, describe(architecture, evaluation.infeasible).sentence);
    }
    if (evaluation.utilization < constraints.min_utilization) {
      fail_check(report, i, "its utilization is below what the constraints ask for");
    }
    if (const auto broken = find_broken(options.limits, evaluation)) {
      fail_check(report, i, "it breaks the limit on " + limit_text(options.limits[*broken]));
    }
    for (std::size_t o = 0; o < options.objectives.size(); ++o) {
      if (value_of(options.objectives[o], evaluation) != point.values.at(o)) {
        fail_check(report, i,
                   fmt::format("its {} is evaluated to {}, the search said {}",
                               to_string(options.objectives[o]),
                               exact(value_of(options.objectives[o], evaluation)),
                               exact(point.values[o])));
      }
    }
    report.evaluations.push_back(std::move(evaluation));
  }
  return report;
}

std::string front_csv(const FrontReport& report) {
  std::string out = csv_heading();
  for (std::size_t i = 0; i < report.evaluations.size(); ++i) {
    out += csv_row(report.scored(i), origin_of(report));
  }
  return out;
}

std::string front_json(const FrontReport& report) {
  const SearchResult& result = report.result;
  Json objectives = Json::array();
  for (const Objective& objective : report.options.objectives) {
    objectives.push_back(to_string(objective));
  }
  Json limits = Json::object();
  for (const Limit& limit : report.options.limits) {
    limits[std::string(to_string(limit.metric))] = limit.text;
  }
  const RowOrigin origin = origin_of(report);
  Json document = {
      {"schema", "tessera.front/1"},
      {"version", TESSERA_VERSION},
      {"problem", report.problem.name},
      {"architecture", report.family == nullptr ? report.architecture.name : report.family->name},
      {"operations", report.problem.operations()},
      {"objectives", objectives},
      {"order", report.options.lexicographic ? "lexicographic" : "pareto"},
      {"limits", limits},
      {"space", to_string(report.options.space)},
      {"factors", to_string(report.options.factors)},
      {"space_size", result.space_size},
      {"algorithm", origin.algorithm},
      {"why", result.why},
      {"seed", report.options.seed},
      {"samples", report.options.samples},
      {"population", report.options.population},
      {"generations", report.options.generations},
      {"evaluated", result.evaluated},
      {"feasible", result.feasible},
      {"tree", tree_json(result)},
      {"rejections", rejections_json(report)},
      {"distributions", distributions_json(report.options, result)},
      {"stopped", result.stopped},
      {"certificate", origin.certificate},
      {"gap", origin.gap ? Json(*origin.gap) : Json(nullptr)},
      {"lower_bounds", result.certificate.least},
      {"not_modelled", not_modelled(report.architecture)},
      {"points", Json::array()}};
  if (report.diagnosis) {
    const SearchCase given{report.architecture, report.constraints, report.options};
    document["diagnosis"] = diagnosis_json(report.problem, given, *report.diagnosis);
  }
  for (std::size_t i = 0; i < report.evaluations.size(); ++i) {
    document["points"].push_back(point_json(report, i));
  }
  return dumped(document);
}

std::string front_text(const FrontReport& report) {
  std::string out = summary(report);
  if (!report.evaluations.empty()) {
    const std::size_t best = best_point(report);
    out += "\n" + front_table(report);
    out += fmt::format("\nMapping {} (least energy x latency), outermost first:\n", best + 1) +
           nest_text(report.scored(best), 2);
  }
  const std::string distributions = distributions_text(report.options, report.result);
  if (!distributions.empty()) {
    out += "\n" + distributions;
  }
  const std::vector<std::string> missing = not_modelled(report.architecture);
  if (!missing.empty()) {
    out += fmt::format("\nNot modelled, counted as 0: {}.\n", fmt::join(missing, "; "));
  }
  return out;
}

std::string space_size_text(std::string_view size) {
  std::string text;
  if (size.starts_with('>')) {
    text = "more than ";
    size.remove_prefix(1);
  }
  constexpr std::size_t kMostDigits = 15;
  if (size.size() <= kMostDigits) {
    return text + grouped(size);
  }
  return text + fmt::format("{}.{}e{}", size[0], size.substr(1, 2), size.size() - 1);
}

std::size_t best_point(const FrontReport& report) {
  const auto least = std::min_element(
      report.evaluations.begin(), report.evaluations.end(),
      [](const Evaluation& a, const Evaluation& b) { return a.edp_js() < b.edp_js(); });
  return static_cast<std::size_t>(least - report.evaluations.begin());
}

std::string best_mapping_yaml(const FrontReport& report) {
  const std::size_t best = best_point(report);
  const Evaluation& e = report.evaluations[best];
  return fmt::format(
             "# Mapping {} of {} of the front of {} on {}: the one of least energy x latency.\n"
             "# {}, {} cycles, utilization {}.\n",
             best + 1, report.evaluations.size(), report.problem.name,
             report.architecture_of(best).name, with_si_prefix(e.energy_pj * 1e-12, "J", 9),
             grouped(e.cycles), percent(e.utilization)) +
         to_yaml(report.scored(best).mapping, report.problem, report.architecture);
}

std::vector<std::string> rejection_texts(const FrontReport& report) {
  const Rejections& rejections = report.result.rejections;
  std::vector<std::pair<std::uint64_t, std::string>> counts;
  for (std::size_t l = 0; l < rejections.capacity.size(); ++l) {
    counts.emplace_back(rejections.capacity[l],
                        "by the capacity of " + report.architecture.name_of(LevelId(l)));
  }
  counts.emplace_back(rejections.axis, "by the size of an axis");
  counts.emplace_back(rejections.constraint, "by a constraint");
  counts.emplace_back(rejections.utilization, "by the least utilization asked for");
  for (std::size_t i = 0; i < rejections.limits.size(); ++i) {
    counts.emplace_back(rejections.limits[i],
                        "by the limit on " + limit_text(report.options.limits[i]));
  }
  counts.emplace_back(rejections.no_value, "because a formula has no finite value");
  std::stable_sort(counts.begin(), counts.end(),
                   [](const auto& a, const auto& b) { return a.first > b.first; });
  std::vector<std::string> texts;
  for (const auto& [count, reason] : counts) {
    if (count > 0) {
      texts.push_back(fmt::format("{} {}", grouped(count), reason));
    }
  }
  return texts;
}

}  // namespace tessera
