#include "problems/problem_spec.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "problems/operation.hpp"

namespace tessera {
namespace {

constexpr int kMaxBits = 1024;

/// The suffix that names the bits of a finished output value in `bits`.
constexpr std::string_view kFinal = ".final";

void check_dimension_name(const SpecNode& key, const std::string& name) {
  if (!is_identifier(name)) {
    key.fail(fmt::format(
        "expected a dimension's name: a letter or '_', then letters, digits and '_', got '{}'",
        name));
  }
}

std::string parse_problem_name(const SpecNode& node) {
  const std::string name = node.as_name();
  if (name == "null" || name == "Null" || name == "NULL") {
    node.fail(fmt::format("'{}' is no name for a problem: it means nothing in YAML", name));
  }
  return name;
}

std::vector<Dimension> parse_dimensions(const SpecNode& node) {
  std::vector<Dimension> dimensions;
  std::int64_t operations = 1;
  for (const SpecNode::Entry& entry : node.entries()) {
    check_dimension_name(entry.key, entry.name);
    if (dimensions.size() == kMaxDimensions) {
      entry.key.fail(fmt::format("more than {} dimensions are not supported", kMaxDimensions));
    }
    const std::int64_t bound = entry.value.as_integer(1, kMaxDimensionBound);
    if (__builtin_mul_overflow(operations, bound, &operations)) {
      entry.value.fail("the product of the bounds up to here exceeds 2^63 - 1 operations");
    }
    dimensions.push_back({.name = entry.name, .bound = bound});
  }
  if (dimensions.empty()) {
    node.fail("expected at least one dimension with its bound, such as `{M: 64}`");
  }
  return dimensions;
}

void check_all_used(const SpecNode& node, const Problem& problem) {
  DimensionSet used;
  for (const Tensor& tensor : problem.tensors) {
    for (const Rank& rank : tensor.projection.ranks) {
      for (const Term& term : rank) {
        used.insert(term.dimension);
      }
    }
  }
  const std::vector<SpecNode::Entry> entries = node.entries();
  for (std::size_t i = 0; i < problem.dimensions.size(); ++i) {
    if (!used.contains(DimensionId(i))) {
      entries[i].key.fail(
          fmt::format("no tensor of the operation uses the dimension {}; remove "
                      "it, or index a tensor with it",
                      problem.dimensions[i].name));
    }
  }
}

int parse_bits(const SpecNode& node) {
  const Quantity bits = node.as_quantity(Measure::bits);
  if (bits.value < 1 || bits.value > kMaxBits || bits.value != std::floor(bits.value)) {
    node.fail(fmt::format("expected a whole number of bits from 1 to {}, got '{}'", kMaxBits,
                          node.as_string()));
  }
  return static_cast<int>(bits.value);
}

std::vector<std::string> tensor_names(const Problem& problem) {
  std::vector<std::string> names;
  for (const Tensor& tensor : problem.tensors) {
    names.push_back(tensor.name);
  }
  return names;
}

Tensor& tensor_of(Problem& problem, const SpecNode::Entry& entry) {
  const std::optional<TensorId> tensor = problem.find_tensor(entry.name);
  if (!tensor) {
    entry.key.fail_unknown("tensor", entry.name, tensor_names(problem));
  }
  return problem.tensors[tensor->index()];
}

void parse_final_bits(Problem& problem, const SpecNode::Entry& entry) {
  Tensor& output = problem.tensors[kOutput.index()];
  const std::string owner = entry.name.substr(0, entry.name.size() - kFinal.size());
  if (owner != output.name) {
    entry.key.fail(
        fmt::format("only the output has final bits; expected '{}{}'", output.name, kFinal));
  }
  output.final_bits = parse_bits(entry.value);
}

void parse_all_bits(Problem& problem, const SpecNode& node) {
  if (!node.is_map()) {
    const int bits = parse_bits(node);
    for (Tensor& tensor : problem.tensors) {
      tensor.bits = tensor.final_bits = bits;
    }
    return;
  }
  const std::vector<SpecNode::Entry> entries = node.entries();
  const auto is_final = [](const SpecNode::Entry& entry) { return entry.name.ends_with(kFinal); };
  for (const SpecNode::Entry& entry : entries) {
    if (!is_final(entry)) {
      Tensor& tensor = tensor_of(problem, entry);
      tensor.bits = tensor.final_bits = parse_bits(entry.value);
    }
  }
  // After the loop above, which sets the default of the final bits wherever they are written.
  for (const SpecNode::Entry& entry : entries) {
    if (is_final(entry)) {
      parse_final_bits(problem, entry);
      const Tensor& output = problem.at(kOutput);
      if (output.final_bits > output.bits) {
        entry.value.fail(
            fmt::format("a finished value of {} has {} bits, more than the {} bits of "
                        "its partial sums",
                        output.name, output.final_bits, output.bits));
      }
    }
  }
}

void parse_densities(Problem& problem, const SpecNode& node) {
  for (const SpecNode::Entry& entry : node.entries()) {
    Tensor& tensor = tensor_of(problem, entry);
    tensor.density = entry.value.as_number(0, 1);
    if (tensor.density == 0) {
      entry.value.fail("expected a share of non-zero values above 0 and up to 1, got 0");
    }
  }
}

void parse_kinds(Problem& problem, const SpecNode& node) {
  for (const SpecNode::Entry& entry : node.entries()) {
    Tensor& tensor = tensor_of(problem, entry);
    const TensorKind kind = kTensorKinds[entry.value.as_choice({"inputs", "weights", "outputs"})];
    const bool is_output = tensor.role == TensorRole::output;
    if (is_output != (kind == TensorKind::outputs)) {
      entry.value.fail(
          is_output ? fmt::format("{} is the output: its kind is outputs", tensor.name)
                    : fmt::format("{} is an operand: its kind is inputs or weights", tensor.name));
    }
    tensor.kind = kind;
  }
}

std::string bits_text(const Problem& problem) {
  const Tensor& output = problem.at(kOutput);
  const auto alike = [&](const Tensor& tensor) {
    return tensor.bits == output.bits && tensor.final_bits == output.bits;
  };
  if (std::all_of(problem.tensors.begin(), problem.tensors.end(), alike)) {
    return std::to_string(output.bits);
  }
  std::vector<std::string> entries;
  for (const Tensor& tensor : problem.tensors) {
    entries.push_back(fmt::format("{}: {}", tensor.name, tensor.bits));
  }
  if (output.final_bits != output.bits) {
    entries.push_back(fmt::format("{}{}: {}", output.name, kFinal, output.final_bits));
  }
  return fmt::format("{{{}}}", fmt::join(entries, ", "));
}

}  // namespace

Problem parse_problem(const SpecNode& node) {
  const auto name = node.find("name");
  node.find("dimensions");
  node.find("operation");
  const auto bits = node.find("bits");
  const auto density = node.find("density");
  const auto kinds = node.find("kinds");
  node.finish();  // first of all: a misspelled key is not a missing one

  Problem problem;
  problem.name = name ? parse_problem_name(*name) : "problem";
  const SpecNode dimensions = node.at("dimensions");
  problem.dimensions = parse_dimensions(dimensions);
  problem.tensors = parse_operation(node.at("operation"), problem.dimensions);
  check_all_used(dimensions, problem);
  if (bits) {
    parse_all_bits(problem, *bits);
  }
  if (density) {
    parse_densities(problem, *density);
  }
  if (kinds) {
    parse_kinds(problem, *kinds);
  }
  return problem;
}

std::string to_yaml(const Problem& problem) {
  std::vector<std::string> dimensions;
  for (const Dimension& dimension : problem.dimensions) {
    dimensions.push_back(fmt::format("{}: {}", dimension.name, dimension.bound));
  }
  std::vector<std::string> densities;
  std::vector<std::string> kinds;
  for (std::size_t i = 0; i < problem.tensors.size(); ++i) {
    const Tensor& tensor = problem.tensors[i];
    if (tensor.density != 1) {
      densities.push_back(fmt::format("{}: {}", tensor.name, tensor.density));
    }
    if (tensor.kind != default_kind(i, problem.tensors.size())) {
      kinds.push_back(fmt::format("{}: {}", tensor.name, to_string(tensor.kind)));
    }
  }
  std::string text = fmt::format(
      "problem:\n"
      "  name: {}\n"
      "  dimensions: {{{}}}\n"
      "  operation: {}\n"
      "  bits: {}\n",
      problem.name, fmt::join(dimensions, ", "), operation_text(problem), bits_text(problem));
  if (!densities.empty()) {
    text += fmt::format("  density: {{{}}}\n", fmt::join(densities, ", "));
  }
  if (!kinds.empty()) {
    text += fmt::format("  kinds: {{{}}}\n", fmt::join(kinds, ", "));
  }
  return text;
}

}  // namespace tessera
