// The searches of a comparison: each machine, or each member of its family, on the whole workload.

#include "app/compare_run.hpp"

#include <algorithm>
#include <set>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "app/front_report.hpp"
#include "app/keep_on_chip.hpp"
#include "app/network_run.hpp"
#include "app/numbers.hpp"
#include "app/search_setup.hpp"
#include "mapper/mapping_spec.hpp"
#include "search/kept_tensors.hpp"

namespace tessera {
namespace {

/// Two certificates of machines of which the better counts: what one lacks may be better still.
Certificate of_both(const Certificate& a, const Certificate& b) {
  if (a.kind == Certificate::Kind::none || b.kind == Certificate::Kind::none) {
    return {};
  }
  const bool exact = a.kind == Certificate::Kind::exact && b.kind == Certificate::Kind::exact;
  return {exact ? Certificate::Kind::exact : Certificate::Kind::bound, std::max(a.gap, b.gap), {}};
}

/// The place of the least value of each objective among the points; of equal ones that of the least
/// other objectives, in their order.
std::vector<std::size_t> best_places(const std::vector<std::vector<double>>& points,
                                     std::size_t objectives) {
  std::vector<std::size_t> places;
  for (std::size_t o = 0; o < objectives && !points.empty(); ++o) {
    const auto before = [o](const std::vector<double>& a, const std::vector<double>& b) {
      return a[o] != b[o] ? a[o] < b[o] : a < b;
    };
    places.push_back(static_cast<std::size_t>(
        std::min_element(points.begin(), points.end(), before) - points.begin()));
  }
  return places;
}

/// Rows for the places; a place that is best by several objectives has one row.
template <class MakeRow>
void add_rows(const std::vector<std::size_t>& places, const std::vector<Objective>& objectives,
              ComparedMachine& machine, const MakeRow& make_row) {
  std::vector<std::size_t> shown;
  for (std::size_t o = 0; o < places.size(); ++o) {
    const auto known = std::find(shown.begin(), shown.end(), places[o]);
    const auto row = static_cast<std::size_t>(known - shown.begin());
    if (known == shown.end()) {
      shown.push_back(places[o]);
      machine.rows.push_back(make_row(places[o]));
    }
    std::string& best_for = machine.rows[row].best_for;
    best_for += fmt::format("{}{}", best_for.empty() ? "" : ", ", to_string(objectives[o]));
  }
}

/// Every machine that a spec stands for: one, or one for each combination of `auto` sizes.
std::vector<Architecture> members_of(const Workspace& workspace) {
  std::vector<Architecture> members;
  for (const CostedArchitecture& member : workspace.family.members) {
    members.push_back(member.architecture);
  }
  return members.empty() ? std::vector{*workspace.architecture} : members;
}

/// Every layer's mappings: `conv1: 2 x <mapping>`.
std::string mappings_of(const NetworkRun& run, const NetworkPoint& point,
                        const Architecture& architecture) {
  std::vector<std::string> layers;
  for (std::size_t t = 0; t < run.tasks.tasks.size(); ++t) {
    const Problem& problem = run.tasks.tasks[t].problem;
    for (const NetworkChoice& choice : point.choices[t]) {
      layers.push_back(
          fmt::format("{}: {} x {}", problem.name, choice.count,
                      to_line(run.results[t].search.front.points()[choice.point].mapping, problem,
                              architecture)));
    }
  }
  return fmt::format("{}", fmt::join(layers, " || "));
}

std::string why_no_front(const NetworkRun& run) {
  if (run.without_mapping) {
    const std::size_t task = *run.without_mapping;
    return fmt::format(
        "{} of the layer {} among {} tried",
        run.results[task].search.stopped ? "stopped before a legal mapping" : "no legal mapping",
        run.tasks.tasks[task].problem.name, grouped(run.results[task].search.evaluated));
  }
  return run.complete() ? "no point of its front keeps the limits" : "stopped before its end";
}

/// In which memory of a machine tensors may stay, or why none may.
struct Keeping {
  std::optional<LevelId> memory;
  std::string why_none;
};

Keeping keeping_of(const Architecture& architecture, const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    if (const auto level = find_memory(architecture, name)) {
      const auto why = why_none_kept(architecture, *level);
      return why ? Keeping{std::nullopt, *why} : Keeping{level, ""};
    }
  }
  return {std::nullopt,
          names.empty() ? "" : fmt::format("it has no memory {}", fmt::join(names, " or "))};
}

}  // namespace

std::size_t searches_of(const Workspace& workspace, std::int64_t batch,
                        const std::vector<std::string>& keep) {
  std::size_t searches = 0;
  for (const Architecture& architecture : members_of(workspace)) {
    searches += workspace.network
                    ? tasks_for(*workspace.network, batch, architecture,
                                keeping_of(architecture, keep).memory, workspace.layer_constraints)
                          .searches()
                    : 1;
  }
  return searches;
}

/// What the members of a machine reach, put together. One machine runs the whole workload, so of a
/// network too each row is one member's.
struct ComparisonRun::Candidates {
  std::vector<std::vector<double>> values;
  std::vector<ComparisonRow> rows;  ///< by value
  std::string why_none;
  std::set<std::string> algorithms;
  std::optional<Certificate> certificate;

  void add_certificate(const Certificate& one) {
    certificate = certificate ? of_both(*certificate, one) : one;
  }
};

ComparisonRun::ComparisonRun(const OptionValues& values, const SearchOptions& options,
                             std::size_t searches, SearchStateFile* state)
    : options_(options), state_(state), budget_(values), watch_(std::nullopt), searches_(searches) {
  if (!values.flag("quiet") && !values.flag("no-progress") && ProgressLine::possible()) {
    progress_.emplace(options.objectives);
  }
  control_.threads =
      values.given("threads") ? static_cast<int>(values.integer("threads")) : usable_cpus();
  control_.stop = &watch_.stop();
  control_.state = state_;
  if (progress_) {
    control_.on_progress = [this](const SearchProgress& now) { progress_->show(now); };
  }
}

bool ComparisonRun::begin(const std::string& what) {
  cut_ = cut();
  if (signalled()) {
    return false;
  }
  watch_.restart(budget_.share(searches_ - done_));
  if (state_ != nullptr) {
    state_->begin_part(std::to_string(done_));
  }
  ++done_;
  if (progress_) {
    progress_->begin(fmt::format("{}/{} {}  ", done_, searches_, what));
  }
  return true;
}

ComparedMachine ComparisonRun::machine_of(const Workspace& workspace, const Candidates& all) const {
  ComparedMachine machine;
  machine.architecture = *workspace.architecture;
  if (!workspace.family.members.empty()) {
    machine.architecture.name = workspace.family.name;
    machine.sizes = workspace.family.members.size();
  }
  machine.algorithm = fmt::format("{}", fmt::join(all.algorithms, "+"));
  if (all.values.empty()) {
    machine.why_none = all.why_none;
    return machine;
  }
  machine.certificate = all.certificate.value_or(Certificate{});
  add_rows(best_places(all.values, options_.objectives.size()), options_.objectives, machine,
           [&](std::size_t place) { return all.rows[place]; });
  return machine;
}

ComparedMachine ComparisonRun::run_problem(const Workspace& workspace) {
  const Problem& problem = *workspace.problem;
  const Constraints constraints = workspace.constraints.value_or(Constraints{});
  Candidates all;
  for (const Architecture& architecture : members_of(workspace)) {
    if (!begin(architecture.name)) {
      all.why_none = "not searched: stopped before";
      all.certificate = Certificate{};
      break;
    }
    const SearchResult result = search(problem, architecture, constraints, options_, control_);
    const FrontReport report = verify_front(problem, architecture, constraints, options_, result);
    all.algorithms.emplace(to_string(result.algorithm));
    all.add_certificate(result.certificate);
    std::vector<std::vector<double>> values;
    for (const ParetoPoint& point : result.front.points()) {
      values.push_back(point.values);
    }
    for (const std::size_t best : best_places(values, options_.objectives.size())) {
      all.values.push_back(values[best]);
      all.rows.push_back({{},
                          architecture.name,
                          report.evaluations[best],
                          to_line(result.front.points()[best].mapping, problem, architecture)});
    }
    if (result.front.empty()) {
      all.why_none = fmt::format(
          "{} among {} mappings tried",
          result.stopped ? "stopped before a legal mapping was found" : "no legal mapping",
          grouped(result.evaluated));
    }
  }
  return machine_of(workspace, all);
}

ComparedMachine ComparisonRun::run_network_of(const Workspace& workspace, std::int64_t batch,
                                              const std::vector<std::string>& keep) {
  Candidates all;
  const Keeping keeping = keeping_of(*workspace.architecture, keep);
  for (const Architecture& architecture : members_of(workspace)) {
    const auto before_task = [&](const NetworkRun& so_far, std::size_t task) {
      return begin(fmt::format("{} {}", architecture.name, so_far.tasks.tasks[task].problem.name));
    };
    const NetworkRun run =
        run_network(tasks_for(*workspace.network, batch, architecture, keeping.memory,
                              workspace.layer_constraints),
                    architecture, workspace.layer_constraints, options_, control_, before_task);
    for (const TaskResult& result : run.results) {
      all.algorithms.emplace(to_string(result.search.algorithm));
    }
    all.add_certificate(certificate_of(run));
    std::vector<std::vector<double>> values;
    for (const NetworkPoint& point : run.front.points) {
      auto& of_point = values.emplace_back();
      for (const Objective& objective : options_.objectives) {
        of_point.push_back(value_of(objective, point.total));
      }
    }
    for (const std::size_t best : best_places(values, options_.objectives.size())) {
      const NetworkPoint& point = run.front.points[best];
      all.values.push_back(values[best]);
      all.rows.push_back(
          {{}, architecture.name, point.total, mappings_of(run, point, architecture)});
    }
    if (run.front.points.empty()) {
      all.why_none = why_no_front(run);
    }
  }
  ComparedMachine machine = machine_of(workspace, all);
  if (keeping.memory) {
    machine.kept_in = workspace.architecture->name_of(*keeping.memory);
  }
  machine.why_none_kept = keeping.why_none;
  return machine;
}

}  // namespace tessera
