#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "arch/architecture.hpp"

namespace tessera {

/// Where a number comes from. What is given in the spec comes before a reference table (Accelergy's
/// ERT and ART), and that before a component class or a program of the user's.
enum class CostRule { given, reference, component_class, estimator, none };

/// One number that an element costs, and why it is that: what `tessera check --costs` shows.
struct Cost {
  LevelId level{0};
  std::string item;  ///< read, write, energy, leakage or area
  double value = 0;
  std::string unit;  ///< pJ/word, pJ/bit, pJ/access, pJ/operation, mW or mm2
  CostRule rule = CostRule::none;
  std::string by;      ///< what gave it: `spec.yaml:7`, `sram: table`, `ERT`, `./my_sram.py`
  std::string source;  ///< of a class: where its numbers come from
  std::string error;   ///< of a class: the error band
};

/// What a reference table says of one element; wins over its class.
struct ReferenceCost {
  std::optional<double> read_pj;  ///< per access of `width`
  std::optional<double> write_pj;
  std::optional<double> operation_pj;
  std::optional<double> leakage_pj_per_cycle;  ///< of one instance
  std::optional<double> area_mm2;              ///< of one instance
};

/// By the element's name.
using ReferenceCosts = std::map<std::string, ReferenceCost>;

/// The component class of an element and the attributes that it had there, defaults among them, in
/// base units (bit, nm, pJ); a choice is a word.
struct ElementClass {
  LevelId level{0};
  std::string name;
  std::map<std::string, double> numbers;
  std::map<std::string, std::string> words;
  bool follows_problem = false;  ///< it is as wide as the problem's tensors
};

/// An architecture and where all its costs come from, elements outermost first; every element has
/// an entry for each item, also where it is 0 because nobody gave it.
struct CostedArchitecture {
  Architecture architecture;
  std::vector<Cost> costs;
  std::vector<ElementClass> classes;  ///< of the elements that have one
};

/// The entries of an element from its plain numbers, all by `rule` and `by`; those that are not
/// there are by `none`.
std::vector<Cost> costs_of(const Element& element, LevelId level, CostRule rule,
                           const std::string& by);

/// The entries of a whole machine.
std::vector<Cost> costs_of(const Architecture& architecture, CostRule rule, const std::string& by);

}  // namespace tessera
