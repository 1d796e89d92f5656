#pragma once

#include <string>
#include <vector>

#include "arch/architecture.hpp"
#include "mapper/constraints.hpp"
#include "problems/problem.hpp"
#include "search/search.hpp"

namespace tessera::bench {

/// One search to time.
struct ExactCase {
  std::string group;  ///< what it shows: see exact_cases()
  std::string name;
  Problem problem;
  Architecture architecture;
  SearchOptions options;
};

/// All cases, in groups:
///   s3           the products whose optima are known, on the machine `s3`
///   scaling      cubes of 32 to 2048 on s3
///   levels       256 cubed with 2 to 5 memories
///   timeloop     the layer and machine that Timeloop's mapper was measured on, and a tiny one
///   resnet50     every distinct layer on eyeriss-v1
///   imperfect    bounds that need not divide
///   array        256 cubed on 14 x 12, where perfect factors leave most of the array idle
///   hard         other layers: depthwise, large windows, prime sizes, two fanouts
/// `root` is the folder of the source. Throws SpecError if a file there is not as it should be.
std::vector<ExactCase> exact_cases(const std::string& root);

}  // namespace tessera::bench
