#include "app/family_search.hpp"

#include <algorithm>
#include <map>

namespace tessera {
namespace {

/// The counts of one member's search added to those of all.
void add_counts(const SearchResult& one, SearchResult& all) {
  all.evaluated += one.evaluated;
  all.feasible += one.feasible;
  Rejections& sum = all.rejections;
  const auto add = [](const std::vector<std::uint64_t>& from, std::vector<std::uint64_t>& to) {
    to.resize(std::max(from.size(), to.size()));
    std::transform(from.begin(), from.end(), to.begin(), to.begin(), std::plus<>());
  };
  add(one.rejections.capacity, sum.capacity);
  add(one.rejections.limits, sum.limits);
  sum.axis += one.rejections.axis;
  sum.constraint += one.rejections.constraint;
  sum.utilization += one.rejections.utilization;
  sum.no_value += one.rejections.no_value;
  if (one.tree) {
    TreeStatistics tree = all.tree.value_or(TreeStatistics{});
    tree.take(*one.tree);
    all.tree = tree;
  }
}

/// What is proven of all of them together.
Certificate weaker(const Certificate& a, const Certificate& b) {
  if (a.kind == Certificate::Kind::none || b.kind == Certificate::Kind::none) {
    return {};
  }
  const bool exact = a.kind == Certificate::Kind::exact && b.kind == Certificate::Kind::exact;
  std::vector<double> least = a.least.empty() ? b.least : a.least;
  for (std::size_t o = 0; o < std::min(least.size(), b.least.size()); ++o) {
    least[o] = std::min(least[o], b.least[o]);  // of one that is proven empty there is none
  }
  return {exact ? Certificate::Kind::exact : Certificate::Kind::bound, std::max(a.gap, b.gap),
          std::move(least)};
}

}  // namespace

FamilyResult search_family(
    const Problem& problem, const ArchitectureFamily& family, const Constraints& constraints,
    const SearchOptions& options, const SearchControl& control,
    const std::function<bool(std::size_t member, std::size_t left)>& before) {
  struct Place {
    std::size_t member;
    Evaluation evaluation;
  };
  FamilyResult family_result;
  SearchResult& all = family_result.result;
  all.certificate.kind = Certificate::Kind::exact;
  std::map<std::vector<double>, Place> places;
  for (std::size_t m = 0; m < family.members.size(); ++m) {
    if (!before(m, family.members.size() - m)) {
      all.stopped = true;
      all.certificate = {};
      break;
    }
    const Architecture& architecture = family.members[m].architecture;
    SearchResult one = search(problem, architecture, constraints, options, control);
    FrontReport report = verify_front(problem, architecture, constraints, options, one);
    if (m == 0) {
      all.algorithm = one.algorithm;
      all.why = one.why;
      all.space_size = one.space_size;
    } else if (one.algorithm != all.algorithm) {
      all.algorithm = Algorithm::automatic;
      all.why = "not the same for all sizes";
    }
    all.stopped = all.stopped || one.stopped;
    all.certificate = weaker(all.certificate, one.certificate);
    add_counts(one, all);
    for (std::size_t i = 0; i < one.front.size(); ++i) {
      const ParetoPoint& point = one.front.points()[i];
      if (!places.contains(point.values) && all.front.insert(point)) {
        places.insert({point.values, Place{m, std::move(report.evaluations[i])}});
      }
    }
  }
  if (options.lexicographic) {
    all.front.keep_first();
  }
  for (const ParetoPoint& point : all.front.points()) {
    Place& place = places.at(point.values);
    family_result.evaluations.push_back(std::move(place.evaluation));
    family_result.members.push_back(place.member);
  }
  return family_result;
}

}  // namespace tessera
