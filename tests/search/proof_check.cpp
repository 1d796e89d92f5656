#include "tests/search/proof_check.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "mapper/mapping_spec.hpp"
#include "search/algorithms.hpp"
#include "search/exact.hpp"
#include "tests/search/wanderer.hpp"

namespace tessera::test {
namespace {

/// Sums of energies in another order differ by so much, and bounds are compared within 1e-12.
constexpr double kRounding = 1e-10;
/// Proofs that start from a front without one of its points.
constexpr std::size_t kMostLeftOut = 3;

/// How far values may be apart that are equal in truth.
double rounding_of(const RandomCase& one) {
  bool whole = one.whole_energies;
  for (const Objective& objective : one.options.objectives) {
    whole = whole && objective != Objective::edp && objective != Objective::power;
  }
  return whole ? 0 : kRounding;
}

/// Runs the search under test; false if it refuses or cannot say.
bool prove(const RandomCase& one, const Mapspace& space, ProofCheck& check, SearchResult& result) {
  if (const auto obstacle = exact_obstacle(space, one.constraints, one.options)) {
    check.outcome = ProofCheck::Outcome::refused;
    check.report = *obstacle;
    return false;
  }
  result = search_exact(space, one.constraints, one.options, SearchControl{});
  check.nodes = result.tree ? result.tree->nodes : 0;
  check.empty = result.front.empty();
  for (const ParetoPoint& point : result.front.points()) {
    for (const Node& node : point.mapping.nodes) {
      const Loop* loop = std::get_if<Loop>(&node);
      check.spread = check.spread || (loop != nullptr && loop->axis);
    }
  }
  return true;
}

/// What the front claims of itself, checked from outside: each point is a legal mapping that costs
/// what the point says. Empty if so.
std::string fault_of(const SearchResult& result, const RandomCase& one) {
  if (result.certificate.kind != Certificate::Kind::exact) {
    return "no exact certificate";
  }
  for (const ParetoPoint& point : result.front.points()) {
    if (const auto fault = validate(one.problem, one.architecture, point.mapping)) {
      return "invalid mapping: " + fault->message;
    }
    if (const auto broken =
            find_violation(one.problem, one.architecture, one.constraints, point.mapping)) {
      return "mapping that breaks a rule: " + *broken;
    }
    const Evaluation evaluation = evaluate(one.problem, one.architecture, point.mapping);
    if (!evaluation.feasible() || evaluation.utilization < one.constraints.min_utilization) {
      return "mapping that does not fit";
    }
    for (std::size_t i = 0; i < point.values.size(); ++i) {
      if (point.values[i] != value_of(one.options.objectives[i], evaluation)) {
        return "value that the model does not confirm";
      }
    }
  }
  return "";
}

/// True if some dimension has two temporal loops with no hold between them, as no enumerated
/// mapping has: a spatial loop stands between.
bool has_cut_loop(const Mapping& mapping) {
  DimensionSet seen;
  for (const Node& node : mapping.nodes) {
    const Loop* loop = std::get_if<Loop>(&node);
    if (loop == nullptr) {
      seen = {};
    } else if (!loop->axis) {
      if (seen.contains(loop->dimension)) {
        return true;
      }
      seen.insert(loop->dimension);
    }
  }
  return false;
}

/// Fronts to start a proof from, as other searches leave them: some draws, and what is known of the
/// front itself but for one point.
std::vector<ParetoFront> fronts_to_start_from(const Mapspace& space, const RandomCase& one,
                                              const ParetoFront& front) {
  std::vector<ParetoFront> starts;
  for (const std::uint64_t draws : {8, 64, 512}) {
    SearchOptions options = one.options;
    options.samples = draws;
    starts.push_back(search_random(space, one.constraints, options, SearchControl{}).front);
  }
  for (std::size_t left_out = 0; left_out < std::min(front.size(), kMostLeftOut); ++left_out) {
    starts.emplace_back();
    for (std::size_t p = 0; p < front.size(); ++p) {
      if (p != left_out) {
        starts.back().insert(front.points()[p]);
      }
    }
  }
  return starts;
}

/// What a proof that starts from known points misses of a front; empty if nothing.
std::string fault_from_known(const Mapspace& space, const RandomCase& one, const ParetoFront& front,
                             double rounding) {
  for (const ParetoFront& known : fronts_to_start_from(space, one, front)) {
    const SearchResult result =
        search_exact(space, one.constraints, one.options, SearchControl{}, known);
    for (const ParetoPoint& point : front.points()) {
      if (!reaches(result.front, point.values, rounding)) {
        return "miss, started from\n" + front_text(known, one);
      }
    }
    const std::string fault = fault_of(result, one);
    if (!fault.empty()) {
      return fault;
    }
  }
  return "";
}

std::string miss_text(const RandomCase& one, const std::string& what) {
  std::string text = one.yaml;
  std::size_t begin = 0;
  while (begin < what.size()) {
    const std::size_t end = std::min(what.find('\n', begin), what.size());
    text += fmt::format("# {}\n", what.substr(begin, end - begin));
    begin = end + 1;
  }
  return text;
}

}  // namespace

std::string front_text(const ParetoFront& front, const RandomCase& one) {
  std::string text;
  for (const ParetoPoint& point : front.points()) {
    for (const double value : point.values) {
      text += fmt::format("{} ", value);
    }
    text += to_line(point.mapping, one.problem, one.architecture) + "\n";
  }
  return text;
}

bool reaches(const ParetoFront& front, const std::vector<double>& values, double relative) {
  return std::any_of(front.points().begin(), front.points().end(), [&](const ParetoPoint& point) {
    return std::equal(point.values.begin(), point.values.end(), values.begin(),
                      [&](double a, double b) { return a <= b * (1 + relative); });
  });
}

ProofCheck check_by_enumeration(const RandomCase& one, std::uint64_t most) {
  ProofCheck check;
  const Mapspace space(one.problem, one.architecture, one.constraints, one.options.space,
                       one.options.factors);
  const MapspaceSize size = space.size();
  if (!size.exact || WideCount(most) < size.count) {
    check.outcome = ProofCheck::Outcome::too_large;
    return check;
  }
  SearchResult proven;
  if (!prove(one, space, check, proven)) {
    return check;
  }
  const SearchResult all =
      search_exhaustive(space, one.constraints, one.options, SearchControl{}, size.count.low());
  check.mappings = all.evaluated;
  check.legal = all.feasible;
  std::string fault = fault_of(proven, one);
  const double rounding = rounding_of(one);
  for (const ParetoPoint& point : all.front.points()) {
    if (fault.empty() && !reaches(proven.front, point.values, rounding)) {
      fault = "miss";
    }
  }
  // The enumeration has imperfect spatial loops of plain dimensions at one place only, so there the
  // proven front may be better. With perfect factors both are of the same mappings, but for cut
  // loops.
  if (one.options.factors == Factors::perfect) {
    for (const ParetoPoint& point : proven.front.points()) {
      if (fault.empty() && !has_cut_loop(point.mapping) &&
          !reaches(all.front, point.values, rounding)) {
        fault = "better than every mapping";
      }
    }
  }
  if (fault.empty()) {
    fault = fault_from_known(space, one, proven.front, rounding);
  }
  if (!fault.empty()) {
    check.outcome = ProofCheck::Outcome::miss;
    check.report = miss_text(one, fault + "\nproven front:\n" + front_text(proven.front, one) +
                                      "front of all mappings:\n" + front_text(all.front, one));
  }
  return check;
}

ProofCheck check_by_samples(const RandomCase& one, std::uint64_t samples, std::uint64_t seed) {
  ProofCheck check;
  const Mapspace space(one.problem, one.architecture, one.constraints, one.options.space,
                       one.options.factors);
  SearchResult proven;
  if (!prove(one, space, check, proven)) {
    return check;
  }
  std::string fault = fault_of(proven, one);
  const double rounding = rounding_of(one);
  Wanderer wanderer(one, seed);
  for (const ParetoPoint& point : proven.front.points()) {
    wanderer.start_from(point.mapping);
  }
  std::vector<double> values;
  while (fault.empty() && wanderer.tried() < samples) {
    if (!wanderer.next(values)) {
      continue;
    }
    ++check.legal;
    if (!reaches(proven.front, values, rounding)) {
      fault = "below the front: ";
      for (const double value : values) {
        fault += fmt::format("{} ", value);
      }
      fault += to_line(wanderer.mapping(), one.problem, one.architecture);
    }
  }
  check.mappings = wanderer.tried();
  if (!fault.empty()) {
    check.outcome = ProofCheck::Outcome::miss;
    check.report = miss_text(one, fault + "\nproven front:\n" + front_text(proven.front, one));
  }
  return check;
}

ProofCheck check_by_searches(const RandomCase& one) {
  ProofCheck check;
  const Mapspace space(one.problem, one.architecture, one.constraints, one.options.space,
                       one.options.factors);
  SearchResult proven;
  if (!prove(one, space, check, proven)) {
    return check;
  }
  std::string fault = fault_of(proven, one);
  const SearchControl control;
  for (const SearchResult& other : {search_random(space, one.constraints, one.options, control),
                                    search_genetic(space, one.constraints, one.options, control)}) {
    check.mappings += other.evaluated;
    check.legal += other.feasible;
    for (const ParetoPoint& point : other.front.points()) {
      if (fault.empty() && !reaches(proven.front, point.values, rounding_of(one))) {
        fault = "below the front:\n" + front_text(other.front, one);
      }
    }
  }
  if (!fault.empty()) {
    check.outcome = ProofCheck::Outcome::miss;
    check.report = miss_text(one, fault + "\nproven front:\n" + front_text(proven.front, one));
  }
  return check;
}

}  // namespace tessera::test
