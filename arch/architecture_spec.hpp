#pragma once

#include <string>
#include <vector>

#include "arch/architecture.hpp"
#include "arch/costs.hpp"
#include "arch/estimator.hpp"
#include "spec/node.hpp"

namespace tessera {

/// Reads the value of the key `architecture` (DESIGN section 3). Throws SpecError at the fault;
/// what comes back keeps all invariants of Architecture. Component classes have become numbers in
/// it; what this version does not model is refused with what to write instead.
///
/// Beyond those invariants, every kind of tensor may be held by some memory, no memory both keeps
/// and bypasses a kind, and a fanout's multicast of outputs stays `word`: `reduce` says how they
/// are shared.
Architecture parse_architecture(const SpecNode& node);

/// What the costs of a machine rest on besides its spec.
struct CostSources {
  ReferenceCosts references;  ///< win over classes
  Estimator estimator;  ///< runs the programs that elements name; without one they are refused
  /// Of the tensors of all problems that it is to run: some arithmetic units are made for those.
  std::vector<TensorWord> words;
};

/// The same, with where every cost comes from.
CostedArchitecture parse_costed_architecture(const SpecNode& node, const CostSources& sources);

/// All machines that a spec stands for: one, or where the capacity of memories is `auto` one for
/// each combination of their sizes, the last one's fastest. A member is named after its sizes,
/// `m.Buffer-64KiB`.
struct ArchitectureFamily {
  std::string name;                         ///< without sizes
  std::vector<CostedArchitecture> members;  ///< at least one
  std::vector<LevelId> automatic;           ///< the memories of `capacity: auto`, in order
};

/// Throws SpecError as the functions above do, and where there are more than a thousand.
ArchitectureFamily parse_architecture_family(const SpecNode& node, const CostSources& sources);

/// `108 KiB`, `24 words`, as specs say it.
std::string capacity_text(const Capacity& capacity);

/// A whole YAML text with the one key `architecture`, which reads back to an equal value.
std::string to_yaml(const Architecture& architecture);

/// Reads `all`, one kind of tensor or a list of kinds, none of them twice.
KindSet parse_kinds(const SpecNode& node);

/// `all` or a list such as `[inputs, outputs]`, as `parse_kinds` reads it.
std::string kinds_text(KindSet kinds);

}  // namespace tessera
