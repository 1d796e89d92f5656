#pragma once

// The parts of the architecture's reader and writer, one element of the hierarchy each. Private to
// arch/: everybody else uses architecture_spec.hpp.

#include <initializer_list>
#include <string>
#include <string_view>

#include "arch/architecture.hpp"
#include "spec/node.hpp"

namespace tessera {

/// A key that our format knows but this version cannot honour, and what the user can do about it.
struct UnsupportedKey {
  std::string_view key;
  std::string_view remedy;
};

/// Refuses the first of `unsupported` that stands in `node`, then every key that is not `known`.
/// Called before any value is read, since a misspelled key must not be reported as a missing one.
void check_keys(const SpecNode& node, std::initializer_list<std::string_view> known,
                std::initializer_list<UnsupportedKey> unsupported);

/// A letter or `_`, then letters, digits, `_` and `-`; none of the words that the mapping and the
/// constraints use for other things.
std::string parse_element_name(const SpecNode& node);

double parse_area(const SpecNode& node);     ///< mm2
double parse_leakage(const SpecNode& node);  ///< mW

/// `size` is which of its sizes a memory of `capacity: auto` has.
Memory parse_memory(const SpecNode& node, std::size_t size);
Fanout parse_fanout(const SpecNode& node);
Compute parse_compute(const SpecNode& node);

// Each gives the lines of one item of the hierarchy, indented for it.
std::string element_text(const Memory& memory);
std::string element_text(const Fanout& fanout);
std::string element_text(const Compute& compute);

/// A unit and how many of the base unit it is.
struct ScaledUnit {
  double scale;
  std::string_view name;
};

/// The shortest text among `units` that reads back to exactly `value`, else one in the first of
/// them, which is the base unit.
std::string exact_text(double value, Measure measure, std::initializer_list<ScaledUnit> units);

std::string bandwidth_text(const Bandwidth& bandwidth);

/// The lines of an element's area and leakage, where it has them.
std::string area_text(const std::optional<double>& area_mm2);
std::string leakage_text(double leakage_mw);

}  // namespace tessera
