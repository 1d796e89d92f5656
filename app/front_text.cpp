#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "app/auto_sizes.hpp"
#include "app/distribution_report.hpp"
#include "app/front_report.hpp"
#include "app/numbers.hpp"
#include "app/progress.hpp"
#include "app/text_table.hpp"
#include "app/tree_text.hpp"
#include "search/chunk_runner.hpp"

namespace tessera {

namespace {

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
    const std::vector<std::string> texts = tree_texts(*result.tree);
    for (std::size_t i = 0; i < texts.size(); ++i) {
      table.add({i == 0 ? "tree" : "", texts[i]});
    }
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

std::string front_text(const FrontReport& report) {
  std::string out = summary(report);
  if (!report.evaluations.empty()) {
    const std::size_t best = best_point(report);
    out += '\n';
    out += front_table(report);
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

}  // namespace tessera
