#pragma once

#include <map>
#include <string>
#include <vector>

#include "app/sweep/sweep_spec.hpp"
#include "app/sweep/sweep_values.hpp"

namespace tessera {

/// Reads the sections of a sweep, each part after those it depends on.
struct SweepSpec::Loader {
  SweepSpec spec;
  std::map<std::string, SpecNode::Entry> sections;
  std::vector<SpecNode::Entry> derive_entries;

  void collect(const std::vector<std::string>& operands);
  const SpecNode::Entry* section(const std::string& name) const;
  /// The value of `kind`: in the sweep by name or in place, or a section of its own. A file that
  /// the sweep names is looked for from the folder of the sweep's own file.
  SpecNode part(const SpecNode& sweep, const std::string& kind);
  void read_problems(const SpecNode& sweep);
  void read_axes(const SpecNode& vary);
  void read_derived(const SpecNode& derive);
  /// Each derived value that occurs, so that what is wrong with it is said where its expression
  /// stands.
  void try_out_derived();
  void check_name(const SpecNode::Entry& entry);
  bool is_of_problem(const std::string& name);
  /// Each value alone in the base, so that what is wrong with it is said where it stands.
  void try_out(const SpecNode::Entry& entry, const std::vector<SweepValue>& values);
  /// The sentence of an error, without its place and the line shown.
  static std::string message_alone(std::string_view text);
  void read_where(const SpecNode& node);
  void list_points();
};

}  // namespace tessera
