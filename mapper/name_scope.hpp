#pragma once

// Private to the readers of mappings and constraints.

#include <string>
#include <string_view>
#include <vector>

#include "arch/architecture.hpp"
#include "mapper/mapping.hpp"
#include "problems/problem.hpp"
#include "spec/node.hpp"

namespace tessera {

/// Finds what names in a spec mean for one problem on one architecture. Each look-up throws a
/// SpecError at `node` (moved right by `offset`) that names what there is.
struct NameScope {
  const Problem& problem;
  const Architecture& architecture;

  DimensionId dimension(const SpecNode& node, std::string_view name, std::size_t offset = 0) const;
  TensorId tensor(const SpecNode& node, std::string_view name, std::size_t offset = 0) const;
  /// `also` are words that may stand where the memory does, for the suggestion.
  LevelId memory(const SpecNode& node, std::string_view name,
                 const std::vector<std::string>& also = {}, std::size_t offset = 0) const;
  /// `PEs.X`, or `PEs` where that fanout has one axis.
  AxisRef axis(const SpecNode& node, std::string_view name, std::size_t offset = 0) const;

  /// Every tensor of the problem.
  TensorSet all_tensors() const;
  /// `PEs.X`.
  std::string axis_name(AxisRef axis) const;
  /// The tensors' names, operands first and the output last, joined by `separator`.
  std::string tensor_names(TensorSet tensors, std::string_view separator) const;
};

}  // namespace tessera
