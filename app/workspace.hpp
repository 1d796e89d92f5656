#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/options.hpp"
#include "app/timeloop/note.hpp"
#include "arch/architecture.hpp"
#include "arch/architecture_spec.hpp"
#include "arch/costs.hpp"
#include "mapper/constraints.hpp"
#include "mapper/mapping.hpp"
#include "problems/network.hpp"
#include "problems/problem.hpp"
#include "spec/node.hpp"

namespace tessera {

/// Whether an operand, or what a spec names, is a file: it has a `/`, or ends in .yaml or .yml.
/// Else it is an entry of the library.
bool names_file(std::string_view operand);

/// The text behind an operand: a file (with a `/`, or ending in .yaml or .yml) or a library entry.
/// Throws SpecError and UsageError.
SpecDocument open_spec(const std::string& operand);

/// The library's problem that a scalar names. Throws SpecError at it.
Problem find_library_problem(const SpecNode& node);

/// All that the operands of a command hold, merged and parsed, in our format or in Timeloop's.
/// Every section that is there has been checked, whether the command needs it or not.
class Workspace {
 public:
  /// Each operand is a file (with a `/`, or ending in .yaml or .yml) or the name of a library
  /// entry. `search_table` describes the keys of `search:`. Throws SpecError and UsageError.
  static Workspace load(const std::vector<std::string>& operands,
                        const std::vector<Option>& search_table);

  std::optional<Problem> problem;
  std::optional<Network> network;
  /// Of a family the member with the largest sizes.
  std::optional<Architecture> architecture;
  /// All machines that the architecture stands for where some capacity is `auto`; else no members.
  ArchitectureFamily family;
  /// Where the architecture's costs come from.
  std::vector<Cost> costs;
  std::vector<ElementClass> classes;  ///< of the architecture's elements that have one
  std::optional<Mapping> mapping;
  std::optional<Constraints> constraints;
  /// The same for the layers of a network, by layer; as many as there are, or none.
  std::vector<Constraints> layer_constraints;
  std::optional<OptionValues> search;
  /// What to tell the user about sections in Timeloop's format.
  TimeloopNotes notes;

  // Each throws a UsageError that says where to get what is missing; need_architecture() also where
  // a capacity is `auto`: for commands that know one machine only.
  const Problem& need_problem() const;
  const Architecture& need_architecture() const;
  const Mapping& need_mapping() const;
};

}  // namespace tessera
