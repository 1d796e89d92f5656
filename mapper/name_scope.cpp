#include "mapper/name_scope.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace tessera {

DimensionId NameScope::dimension(const SpecNode& node, std::string_view name,
                                 std::size_t offset) const {
  if (const auto id = problem.find_dimension(name)) {
    return *id;
  }
  std::vector<std::string> known;
  for (const Dimension& one : problem.dimensions) {
    known.push_back(one.name);
  }
  node.fail_unknown("dimension", name, known, offset);
}

TensorId NameScope::tensor(const SpecNode& node, std::string_view name, std::size_t offset) const {
  if (const auto id = problem.find_tensor(name)) {
    return *id;
  }
  std::vector<std::string> known;
  for (const Tensor& one : problem.tensors) {
    known.push_back(one.name);
  }
  node.fail_unknown("tensor", name, known, offset);
}

LevelId NameScope::memory(const SpecNode& node, std::string_view name,
                          const std::vector<std::string>& also, std::size_t offset) const {
  std::vector<std::string> known;
  for (std::size_t i = 0; i < architecture.hierarchy.size(); ++i) {
    const LevelId level(i);
    if (architecture.memory(level) != nullptr) {
      known.push_back(architecture.name_of(level));
    }
    if (architecture.name_of(level) != name) {
      continue;
    }
    if (architecture.fanout(level) != nullptr) {
      node.fail(fmt::format("{} is a fanout and holds nothing; loops on its axes stand under "
                            "`spatial:`, as in `spatial: {{{}.{}: {{...}}}}`",
                            name, name, architecture.fanout(level)->axes.front().name),
                offset);
    }
    if (architecture.memory(level) == nullptr) {
      node.fail(fmt::format("{} is the compute element and holds nothing", name), offset);
    }
    return level;
  }
  known.insert(known.end(), also.begin(), also.end());
  node.fail_unknown("memory", name, known, offset);
}

AxisRef NameScope::axis(const SpecNode& node, std::string_view name, std::size_t offset) const {
  std::vector<std::string> known;
  for (std::size_t i = 0; i < architecture.hierarchy.size(); ++i) {
    const Fanout* fanout = architecture.fanout(LevelId(i));
    if (fanout == nullptr) {
      if (architecture.name_of(LevelId(i)) == name) {
        node.fail(fmt::format("{} is no fanout; spatial loops lie on the axes of fanouts", name),
                  offset);
      }
      continue;
    }
    for (std::size_t k = 0; k < fanout->axes.size(); ++k) {
      const AxisRef axis{LevelId(i), static_cast<std::uint8_t>(k)};
      known.push_back(axis_name(axis));
      if (known.back() == name || (fanout->name == name && fanout->axes.size() == 1)) {
        return axis;
      }
    }
    if (fanout->name == name) {
      node.fail(fmt::format("{} has {} axes; say which one, as in `{}`", name, fanout->axes.size(),
                            axis_name({LevelId(i), 0})),
                offset);
    }
  }
  node.fail_unknown("axis", name, known, offset);
}

TensorSet NameScope::all_tensors() const {
  TensorSet tensors;
  for (std::size_t i = 0; i < problem.tensors.size(); ++i) {
    tensors.insert(TensorId(i));
  }
  return tensors;
}

std::string NameScope::axis_name(AxisRef axis) const {
  const Fanout& fanout = *architecture.fanout(axis.fanout);
  return fmt::format("{}.{}", fanout.name, fanout.axes[axis.axis].name);
}

std::string NameScope::tensor_names(TensorSet tensors, std::string_view separator) const {
  std::vector<std::string_view> names;
  for (std::size_t i = 1; i < problem.tensors.size(); ++i) {
    if (tensors.contains(TensorId(i))) {
      names.push_back(problem.tensors[i].name);
    }
  }
  if (tensors.contains(kOutput)) {
    names.push_back(problem.at(kOutput).name);
  }
  return fmt::format("{}", fmt::join(names, separator));
}

}  // namespace tessera
