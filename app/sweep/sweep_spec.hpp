#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/estimator_program.hpp"
#include "app/options.hpp"
#include "app/sweep/derived.hpp"
#include "app/sweep/spec_value.hpp"
#include "app/sweep/where.hpp"
#include "arch/architecture.hpp"
#include "mapper/constraints.hpp"
#include "problems/network.hpp"
#include "search/search.hpp"

namespace tessera {

/// One machine with one network, all values set.
struct SweepPoint {
  Architecture architecture;
  Network network;
  std::vector<Constraints> constraints;  ///< by layer, or none
};

/// What a sweep varies: a name and the texts that its value takes, in order; or what follows from
/// those before it.
struct SweepAxis {
  std::string name;
  std::vector<std::string> values;  ///< of what is derived: its expression alone
  std::optional<Derived> derived = {};
};

/// A sweep as read from specs: a base architecture, a network (or one problem, which is a network
/// of one layer), values that vary, and conditions that leave points out. Its points are all
/// combinations, the last value fastest, that keep the conditions; they are numbered from 0 in that
/// order, so an index means the same in every shard and at every run.
class SweepSpec {
 public:
  /// Reads the operands of a command. `table` describes `search:`. Every value that a name takes is
  /// tried by itself, so that a wrong one is found before anything runs. Throws SpecError and
  /// UsageError.
  static SweepSpec load(const std::vector<std::string>& operands, const std::vector<Option>& table);

  const std::string& name() const { return name_; }
  const std::string& architecture_name() const { return architecture_name_; }
  const Network& network() const { return network_; }
  const std::vector<SweepAxis>& axes() const { return axes_; }
  const OptionValues& search() const { return search_; }

  std::uint64_t combinations() const { return combinations_; }
  std::uint64_t size() const { return points_.size(); }  ///< points that keep the conditions
  /// The value of each axis at a point.
  std::vector<std::string> values(std::uint64_t point) const;
  /// Throws SpecError where the values do not fit together.
  SweepPoint point(std::uint64_t point) const;

  /// What the user may not expect of the points, a sentence each: capacities that vary while costs
  /// are given and stay.
  std::vector<std::string> remarks() const;

  /// All that decides what the points are and mean, as text: two sweeps are one if this is equal.
  std::string identity() const;

 private:
  SweepSpec() = default;
  struct Loader;

  SpecValue tree(const std::vector<std::string>& values) const;
  Architecture architecture(const std::vector<std::string>& values) const;
  Network network(const std::vector<std::string>& values) const;
  std::optional<std::string> text_of(const std::string& name,
                                     const std::vector<std::string>& values) const;
  std::vector<std::string> combination(std::uint64_t index) const;
  const SweepAxis* find_axis(const std::string& name) const;

  std::string name_;
  std::string architecture_name_;
  SpecValue base_;
  std::string
      folder_;  ///< of the file with the base: class files and programs are named from there
  /// Remembers answers, so that a program is asked once for all points that ask the same.
  std::unique_ptr<EstimatorPrograms> programs_ = std::make_unique<EstimatorPrograms>();
  Network network_;
  std::vector<SweepAxis> axes_;
  std::vector<Where> where_;
  std::vector<std::string> where_texts_;
  std::optional<SpecNode> constraints_;
  OptionValues search_;
  std::uint64_t combinations_ = 0;
  std::vector<std::uint64_t> points_;    ///< by index: the combination
  std::vector<SpecDocument> documents_;  ///< behind the nodes above
};

}  // namespace tessera
