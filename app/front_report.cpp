#include "app/front_report.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "app/errors.hpp"
#include "app/numbers.hpp"
#include "mapper/mapping_spec.hpp"
#include "model/evaluate.hpp"

namespace tessera {

namespace {

[[noreturn]] void fail_check(const FrontReport& report, std::size_t point, std::string_view why) {
  const Mapping& mapping = report.result.front.points()[point].mapping;
  throw FailureError(
      fmt::format("internal error: a mapping of the front did not stand its check: {}\n  {}\n"
                  "This is a bug of Tessera; please report it with the command and its specs. "
                  "Nothing was written.",
                  why, to_line(mapping, report.problem, report.architecture)));
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

std::string front_csv(const FrontReport& report) {
  std::string out = csv_heading();
  for (std::size_t i = 0; i < report.evaluations.size(); ++i) {
    out += csv_row(report.scored(i), origin_of(report));
  }
  return out;
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
