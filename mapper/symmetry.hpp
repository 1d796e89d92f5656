#pragma once

#include <vector>

#include "mapper/constraints.hpp"
#include "mapper/mapspace.hpp"
#include "mapper/normal_form.hpp"

namespace tessera {

/// A renaming of dimensions, by DimensionId, that changes neither the problem nor what a mapspace
/// allows: it turns every mapping into another of the same costs.
using Symmetry = std::vector<DimensionId>;

/// The symmetries that exchange two sets of dimensions of `groups`, such as P and R with Q and S in
/// a square convolution. None where constraints speak of dimensions.
std::vector<Symmetry> find_symmetries(const Mapspace& space, const Constraints& constraints,
                                      const std::vector<DimensionSet>& groups);

/// Of forms, all those of one skeleton, which may go because their mirror image under some symmetry
/// stays.
std::vector<bool> mirror_images(const std::vector<Symmetry>& symmetries,
                                const std::vector<NormalForm>& forms);

}  // namespace tessera
