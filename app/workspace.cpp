#include "app/workspace.hpp"

#include <algorithm>
#include <array>
#include <span>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "app/errors.hpp"
#include "app/estimator_program.hpp"
#include "app/timeloop/architecture.hpp"
#include "app/timeloop/constraints.hpp"
#include "app/timeloop/mapping.hpp"
#include "app/timeloop/problem.hpp"
#include "app/timeloop/sections.hpp"
#include "arch/architecture_spec.hpp"
#include "mapper/constraints_spec.hpp"
#include "mapper/mapping_spec.hpp"
#include "problems/network_spec.hpp"
#include "problems/problem_spec.hpp"

namespace tessera {

namespace {

std::vector<std::string> section_names() {
  return {"problem", "network", "architecture", "mapping", "constraints", "search", "sweep"};
}

using Sections = std::map<std::string, SpecNode::Entry>;

void add_sections(const SpecNode& root, Sections& sections) {
  const std::vector<std::string> known = section_names();
  if (!root.is_map() || root.entries().empty()) {
    root.fail(fmt::format("expected sections ({})", fmt::join(known, ", ")));
  }
  const bool dumped = root.has("dumped_by_timeloop_front_end");
  for (const SpecNode::Entry& entry : root.entries()) {
    if (dumped && entry.name == "mapping" && entry.value.is_sequence() &&
        entry.value.items().empty()) {
      continue;  // where the front end wrote for the mapper, which was to find it
    }
    if (std::find(known.begin(), known.end(), entry.name) == known.end() &&
        !is_timeloop_section(entry.name)) {
      entry.key.fail_unknown("section", entry.name, known);
    }
    const auto [first, fresh] = sections.emplace(entry.name, entry);
    if (!fresh) {
      const SpecNode& before = first->second.key;
      entry.key.fail(fmt::format("'{}' is given a second time; the first is at {}:{}:{}",
                                 entry.name, before.file(), before.line(), before.column()));
    }
  }
}

/// The values of the sections, by name.
class SectionFinder {
 public:
  explicit SectionFinder(const Sections& sections) : sections_(sections) {}
  const SpecNode::Entry* operator()(const char* name) const {
    const auto found = sections_.find(name);
    return found == sections_.end() ? nullptr : &found->second;
  }

 private:
  const Sections& sections_;
};

void read_problem(const SectionFinder& find, Workspace& workspace) {
  const auto* entry = find("problem");
  if (entry != nullptr && is_timeloop_problem(entry->value)) {
    workspace.problem = import_timeloop_problem(entry->value);
  } else if (entry != nullptr) {
    entry->value.refuse_extensions();
    workspace.problem = parse_problem(entry->value);
  }
}

void read_network(const SectionFinder& find, Workspace& workspace) {
  const auto* entry = find("network");
  if (entry == nullptr) {
    return;
  }
  for (const char* other : {"problem", "mapping"}) {
    if (const auto* found = find(other)) {
      found->key.fail(
          fmt::format("'{}' cannot stand beside a network, which has problems of its own; "
                      "the network is at {}:{}:{}",
                      other, entry->key.file(), entry->key.line(), entry->key.column()));
    }
  }
  entry->value.refuse_extensions();
  workspace.network = parse_network(entry->value, find_library_problem);
}

void add_min_utilization(Constraints& constraints, LevelId memory, double share) {
  for (MemoryConstraint& rules : constraints.memories) {
    if (rules.memory == memory) {
      rules.min_utilization = std::max(rules.min_utilization, share);
      return;
    }
  }
  MemoryConstraint rules;
  rules.memory = memory;
  rules.min_utilization = share;
  constraints.memories.push_back(std::move(rules));
}

/// Accelergy's tables, where they are given.
TimeloopReference read_reference(const SectionFinder& find) {
  TimeloopReference reference;
  if (const auto* ert = find("ERT")) {
    import_energy_reference(ert->value, reference);
  }
  if (const auto* art = find("ART")) {
    import_area_reference(art->value, reference);
  }
  return reference;
}

/// The tables for an architecture in our own format, where elements are known by name.
ReferenceCosts reference_costs(const TimeloopReference& reference) {
  ReferenceCosts costs;
  for (const auto& [name, energy] : reference.energies) {
    ReferenceCost& cost = costs[name];
    cost.read_pj = energy.read;
    cost.write_pj = energy.write;
    cost.operation_pj = energy.compute;
    cost.leakage_pj_per_cycle = energy.leak;
  }
  for (const auto& [name, area] : reference.areas) {
    costs[name].area_mm2 = area.second / 1e6;
  }
  return costs;
}

/// Tables for components that the architecture does not have are no error: Accelergy writes one for
/// each part of a compound.
void note_unused_tables(const TimeloopReference& reference, Workspace& workspace) {
  const auto note = [&](const std::string& name, const SpecNode& node) {
    if (!workspace.architecture->find(name)) {
      add_note(workspace.notes, node,
               fmt::format("the architecture has no element {}: its table is left out", name));
    }
  };
  for (const auto& [name, energy] : reference.energies) {
    note(name, energy.node);
  }
  for (const auto& [name, area] : reference.areas) {
    note(name, area.first);
  }
}

/// The words of all tensors that are to run, of the problem or of all layers.
std::vector<TensorWord> words_of(const Workspace& workspace) {
  std::vector<TensorWord> words;
  if (workspace.problem) {
    words = workspace.problem->words();
  }
  if (workspace.network) {
    words = workspace.network->words();
  }
  return words;
}

/// `word_bits` becomes what Timeloop's architecture has.
/// Returns the constraints that stand in it, for when the problem is known too.
std::vector<TimeloopInlineConstraints> read_architecture(const SectionFinder& find,
                                                         Workspace& workspace) {
  const auto* entry = find("architecture");
  const bool foreign = entry != nullptr && is_timeloop_architecture(entry->value);
  for (const char* table : {"ERT", "ART"}) {
    if (const auto* found = find(table); found != nullptr && entry == nullptr) {
      found->key.fail(fmt::format("'{}' needs an architecture beside it", table));
    }
  }
  if (foreign) {
    const TimeloopReference reference = read_reference(find);
    const auto* variables = find("variables");
    TimeloopArchitecture imported = import_timeloop_architecture(
        entry->value, reference,
        variables != nullptr ? std::optional(variables->value) : std::nullopt);
    workspace.architecture = std::move(imported.architecture);
    workspace.notes.insert(workspace.notes.end(), imported.notes.begin(), imported.notes.end());
    for (const MinUtilization& least : imported.min_utilization) {
      if (!workspace.constraints) {
        workspace.constraints.emplace();
      }
      add_min_utilization(*workspace.constraints, least.memory, least.share);
    }
    const auto* problem = find("problem");
    if (problem != nullptr && is_timeloop_problem(problem->value)) {
      set_word_bits(*workspace.problem, imported.word_bits);
    }
    return std::move(imported.constraints);
  }
  if (entry != nullptr) {
    entry->value.refuse_extensions();
    const TimeloopReference reference = read_reference(find);
    EstimatorPrograms programs;
    ArchitectureFamily family = parse_architecture_family(
        entry->value,
        {.references = reference_costs(reference),
         .estimator = [&](const EstimatorQuestion& question) { return programs.ask(question); },
         .words = words_of(workspace)});
    workspace.architecture = family.members.back().architecture;
    workspace.costs = family.members.back().costs;
    workspace.classes = family.members.back().classes;
    if (!family.automatic.empty()) {
      workspace.family = std::move(family);
    }
    note_unused_tables(reference, workspace);
  }
  return {};
}

constexpr std::array<const char*, 4> kTimeloopConstraints = {
    "arch_constraints", "architecture_constraints", "mapspace", "mapspace_constraints"};

/// `mapspace` may hold no more than the name of a template.
bool is_constraining(const SpecNode::Entry& section) {
  return section.name != "mapspace" || holds_timeloop_constraints(section.value);
}

/// Both formats may add rules, which together have to hold.
void read_constraints(const SectionFinder& find,
                      const std::vector<TimeloopInlineConstraints>& inline_ones,
                      Workspace& workspace) {
  if (!workspace.problem) {  // so they are Timeloop's, in its architecture: sections need a problem
    if (workspace.constraints || !inline_ones.empty()) {
      add_note(workspace.notes, find("architecture")->value,
               "the constraints in this architecture are left out: they need a problem beside it");
    }
    workspace.constraints.reset();
    return;
  }
  const auto* entry = find("constraints");
  std::vector<const SpecNode::Entry*> foreign;
  for (const char* name : kTimeloopConstraints) {
    if (const auto* found = find(name); found != nullptr && is_constraining(*found)) {
      foreign.push_back(found);
    }
  }
  if (entry != nullptr && is_timeloop_constraints(entry->value)) {
    foreign.push_back(entry);
  } else if (entry != nullptr) {
    entry->value.refuse_extensions();
    const std::optional<Constraints> before = std::move(workspace.constraints);
    workspace.constraints =
        parse_constraints(entry->value, *workspace.problem, *workspace.architecture);
    for (const MemoryConstraint& rules : before.value_or(Constraints{}).memories) {
      add_min_utilization(*workspace.constraints, rules.memory, rules.min_utilization);
    }
  }
  if (foreign.empty() && inline_ones.empty()) {
    return;
  }
  Constraints constraints = std::move(workspace.constraints).value_or(Constraints{});
  TimeloopConstraintsReader reader(*workspace.problem, *workspace.architecture, constraints,
                                   workspace.notes);
  reader.read_inline(inline_ones);
  for (const SpecNode::Entry* section : foreign) {
    reader.read_section(section->value);
  }
  reader.finish();
  workspace.constraints = std::move(constraints);
}

/// Rules for each layer of a network: all of them have to make sense for each layer.
void read_layer_constraints(const SectionFinder& find,
                            const std::vector<TimeloopInlineConstraints>& inline_ones,
                            Workspace& workspace) {
  const std::optional<Constraints> before = workspace.constraints;
  TimeloopNotes notes;
  for (const Layer& layer : workspace.network->layers) {
    Workspace one;
    one.architecture = workspace.architecture;
    one.constraints = before;
    one.problem = layer.problem;
    try {
      read_constraints(find, inline_ones, one);
    } catch (const SpecError& error) {
      throw SpecError(
          fmt::format("{}\n  In the layer {} of the network {}: the rules have to hold for "
                      "each of its layers.\n",
                      std::string_view(error.what())
                          .substr(0, std::string_view(error.what()).find_last_not_of('\n') + 1),
                      layer.problem.name, workspace.network->name));
    }
    workspace.layer_constraints.push_back(one.constraints.value_or(Constraints{}));
    notes = std::move(one.notes);  // the same for all layers
  }
  workspace.constraints.reset();
  workspace.notes.insert(workspace.notes.end(), notes.begin(), notes.end());
}

void read_mapping(const SectionFinder& find, Workspace& workspace) {
  const auto* entry = find("mapping");
  if (entry == nullptr) {
    return;
  }
  if (is_timeloop_mapping(entry->value)) {
    TimeloopMapping imported =
        import_timeloop_mapping(entry->value, *workspace.problem, *workspace.architecture);
    workspace.mapping = std::move(imported.mapping);
    workspace.architecture = std::move(imported.architecture);
    workspace.notes.insert(workspace.notes.end(), imported.notes.begin(), imported.notes.end());
    return;
  }
  entry->value.refuse_extensions();
  workspace.mapping = parse_mapping(entry->value, *workspace.problem, *workspace.architecture);
}

}  // namespace

Workspace Workspace::load(const std::vector<std::string>& operands,
                          const std::vector<Option>& search_table) {
  std::vector<SpecDocument> documents;
  documents.reserve(operands.size());
  Sections sections;
  for (const std::string& operand : operands) {
    documents.push_back(open_spec(operand));
    add_sections(documents.back().root(), sections);
  }
  const SectionFinder find(sections);
  if (const auto* entry = find("sweep")) {
    entry->key.fail(
        "a sweep is for `tessera sweep`; to check it and see its points use `tessera sweep "
        "--plan`");
  }

  Workspace workspace;
  for (const auto& [name, entry] : sections) {
    check_timeloop_section(entry, workspace.notes);
  }
  read_network(find, workspace);
  read_problem(find, workspace);
  const auto inline_constraints = read_architecture(find, workspace);
  for (const char* dependent : {"mapping", "constraints", "arch_constraints",
                                "architecture_constraints", "mapspace", "mapspace_constraints"}) {
    const auto* entry = find(dependent);
    if (entry != nullptr && is_constraining(*entry) &&
        !((workspace.problem || workspace.network) && workspace.architecture)) {
      entry->key.fail(fmt::format(
          "'{}' cannot be understood without {}; name what is missing in the command too",
          dependent,
          workspace.problem || workspace.network ? "an architecture"
          : workspace.architecture               ? "a problem"
                                                 : "a problem and an architecture"));
    }
  }
  if (workspace.network) {
    read_layer_constraints(find, inline_constraints, workspace);
  } else {
    read_constraints(find, inline_constraints, workspace);
  }
  read_mapping(find, workspace);
  if (const auto* entry = find("search")) {
    entry->value.refuse_extensions();
    workspace.search = read_search_section(entry->value, search_table);
  }
  return workspace;
}

}  // namespace tessera
