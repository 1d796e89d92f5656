#pragma once

// What mappings and constraints of Timeloop have in common: factors, permutations, lists of data
// spaces, and the names of targets.

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "arch/architecture.hpp"
#include "mapper/constraints.hpp"
#include "mapper/mapping.hpp"
#include "problems/problem.hpp"
#include "spec/node.hpp"

namespace tessera {

/// `K=4`, `K<=4`, `K>=4`, or `P=4,2`: a loop of bound 4 whose last run has only 2 steps.
struct TimeloopFactor {
  DimensionId dimension;
  FactorRelation relation = FactorRelation::equal;
  std::int64_t bound = 1;  ///< 0 in the file is the whole dimension
  std::int64_t last = 1;   ///< equals `bound` where no remainder is given
  SpecNode node;
  std::size_t offset = 0;  ///< of the factor in the text of `node`

  [[noreturn]] void fail(std::string_view message) const { node.fail(message, offset); }
};

/// Reads `factors`: one text such as `P=8 R=3`, `R=1,S=1`, `C1 M8`, or a list of such texts. Each
/// dimension stands at most once.
std::vector<TimeloopFactor> parse_factors(const SpecNode& node, const Problem& problem);

/// Reads `permutation`: dimensions, the innermost first, as a list or as one text (`PRK`, `P,R,K`,
/// `NPQ RK`).
std::vector<DimensionId> parse_permutation(const SpecNode& node, const Problem& problem);

/// A list of the problem's data spaces.
TensorSet parse_tensors(const SpecNode& node, const Problem& problem);

/// What a directive is about: a memory, or a fanout (which the front end writes as a storage
/// `inter_<container>_spatial` that holds nothing).
struct TimeloopTarget {
  SpecNode node;
  LevelId level;
  bool is_fanout = false;
};

/// A name, or a number that counts the memories from the innermost, which is 0.
TimeloopTarget parse_target(const SpecNode& node, const Architecture& architecture);

/// The fanout that a spatial directive for `target` spreads over: the one directly inside the
/// memory.
LevelId fanout_of(const TimeloopTarget& target, const Architecture& architecture);

/// The axis of a fanout that Timeloop calls X or Y; empty where the fanout does not have it.
std::optional<AxisRef> axis_of(LevelId fanout, bool y, const Architecture& architecture);

/// `no_reuse`: for the data spaces of the list this network shares nothing. All data spaces of a
/// kind have to be in the list.
void forbid_sharing(const SpecNode& list, const Problem& problem, Fanout& fanout);

enum class DirectiveType { temporal, spatial, dataspace, utilization, other };

/// Reads `type`. `other` is what may be asked for and is not supported; the caller refuses it.
DirectiveType parse_type(const SpecNode& node);

}  // namespace tessera
