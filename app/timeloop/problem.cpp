#include "app/timeloop/problem.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "app/timeloop/named_shape.hpp"
#include "app/timeloop/reading.hpp"
#include "problems/operation.hpp"
#include "problems/problem_spec.hpp"

namespace tessera {
namespace {

constexpr std::int64_t kMaxCoefficient = INT32_MAX;

/// A value in `instance` overrides a default; the key of a coefficient may be in either place.
using Coefficients = std::map<std::string, std::int64_t>;

std::vector<std::string> names_of(const std::vector<Dimension>& dimensions) {
  std::vector<std::string> names;
  for (const Dimension& dimension : dimensions) {
    names.push_back(dimension.name);
  }
  return names;
}

std::string parse_identifier(const SpecNode& node, std::string_view what) {
  const std::string name = node.as_string();
  if (!is_identifier(name)) {
    node.fail(
        fmt::format("expected a {}'s name: a letter or '_', then letters, digits and '_', got "
                    "'{}'",
                    what, name));
  }
  return name;
}

std::vector<Dimension> parse_dimensions(const SpecNode& shape, const SpecNode& instance) {
  std::vector<Dimension> dimensions;
  std::int64_t operations = 1;
  for (const SpecNode& item : shape.at("dimensions").items()) {
    const std::string name = parse_identifier(item, "dimension");
    const std::vector<std::string> before = names_of(dimensions);
    if (std::find(before.begin(), before.end(), name) != before.end()) {
      item.fail(fmt::format("the dimension {} stands in the list twice", name));
    }
    if (dimensions.size() == kMaxDimensions) {
      item.fail(fmt::format("more than {} dimensions", kMaxDimensions));
    }
    const SpecNode value = instance.at(name);
    const std::int64_t bound = as_whole(value, 1, kMaxDimensionBound);
    if (__builtin_mul_overflow(operations, bound, &operations)) {
      value.fail("the product of the bounds up to here exceeds 2^63 - 1 operations");
    }
    dimensions.push_back({.name = name, .bound = bound});
  }
  if (dimensions.empty()) {
    shape.at("dimensions").fail("expected at least one dimension");
  }
  return dimensions;
}

Coefficients parse_coefficients(const SpecNode& shape, const SpecNode& instance) {
  Coefficients coefficients;
  const auto list = shape.find("coefficients");
  if (!list) {
    return coefficients;
  }
  for (const SpecNode& item : list->items()) {
    const SpecNode name_node = item.at("name");
    const std::string name = name_node.as_string();
    const auto standard = item.find("default");
    item.finish();
    const auto given = instance.find(name);
    if (!given && !standard) {
      name_node.fail(
          fmt::format("the coefficient {} has no default, and `instance` does not give it", name));
    }
    const std::int64_t value = as_whole(given ? *given : *standard, 1, kMaxCoefficient);
    if (!coefficients.emplace(name, value).second) {
      name_node.fail(fmt::format("the coefficient {} stands in the list twice", name));
    }
  }
  return coefficients;
}

class ProjectionReader {
 public:
  ProjectionReader(const Problem& problem, const Coefficients& coefficients)
      : problem_(problem), coefficients_(coefficients) {}

  Projection read(const SpecNode& node) {
    Projection projection;
    for (const SpecNode& item : node.items()) {
      projection.ranks.push_back(read_rank(item));
    }
    return projection;
  }

 private:
  Rank read_rank(const SpecNode& node) {
    Rank rank;
    for (const SpecNode& item : node.items()) {
      rank.push_back(read_term(item));
    }
    if (rank.empty()) {
      node.fail("expected at least one term, such as `[[P, Wstride], [R]]`");
    }
    return rank;
  }

  Term read_term(const SpecNode& node) {
    const std::vector<SpecNode> parts = node.items();
    if (parts.empty() || parts.size() > 2) {
      node.fail("expected a term: `[dimension]` or `[dimension, coefficient]`");
    }
    const std::string name = parts[0].as_string();
    const auto dimension = problem_.find_dimension(name);
    if (!dimension) {
      parts[0].fail_unknown("dimension", name, names_of(problem_.dimensions));
    }
    if (used_.contains(*dimension)) {
      parts[0].fail(
          fmt::format("{} stands in this projection twice, which is not supported", name));
    }
    used_.insert(*dimension);
    return {.dimension = *dimension, .coefficient = parts.size() < 2 ? 1 : coefficient(parts[1])};
  }

  std::int64_t coefficient(const SpecNode& node) const {
    const std::string name = node.as_string();
    const auto found = coefficients_.find(name);
    if (found != coefficients_.end()) {
      return found->second;
    }
    if (name[0] >= '0' && name[0] <= '9') {
      return as_whole(node, 1, kMaxCoefficient);
    }
    std::vector<std::string> known;
    for (const auto& [other, value] : coefficients_) {
      known.push_back(other);
    }
    node.fail_unknown("coefficient", name, known);
  }

  const Problem& problem_;
  const Coefficients& coefficients_;
  DimensionSet used_;
};

Tensor parse_data_space(const SpecNode& node, const Problem& problem,
                        const Coefficients& coefficients) {
  Tensor tensor;
  const SpecNode name = node.at("name");
  const SpecNode projection = node.at("projection");
  const auto read_write = find_key(node, "read_write");
  node.finish();
  tensor.name = parse_identifier(name, "data space");
  if (problem.find_tensor(tensor.name)) {
    name.fail(fmt::format("the data space {} stands in the list twice", tensor.name));
  }
  tensor.projection = ProjectionReader(problem, coefficients).read(projection);
  tensor.role = read_write && as_flag(*read_write) ? TensorRole::output : TensorRole::input;
  return tensor;
}

bool names_weights(const Tensor& tensor) {
  return tensor.name == "Weights" || tensor.name == "Weight" || tensor.name == "Filters" ||
         tensor.name == "Filter";
}

void set_kinds(std::vector<Tensor>& tensors) {
  const bool named = std::any_of(tensors.begin() + 1, tensors.end(), names_weights);
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    tensors[i].kind = default_kind(i, tensors.size());
    if (named && i > 0) {
      tensors[i].kind = names_weights(tensors[i]) ? TensorKind::weights : TensorKind::inputs;
    }
  }
}

/// The output first, then the operands as written.
void parse_data_spaces(const SpecNode& shape, const Coefficients& coefficients, Problem& problem) {
  const auto list = find_key(shape, "data_spaces");
  if (!list) {
    shape.at("data_spaces");  // fails
  }
  const std::vector<SpecNode> items = list->items();
  std::optional<std::string> output;
  for (const SpecNode& item : items) {
    if (problem.tensors.size() == kMaxTensors) {
      item.fail(fmt::format("more than {} data spaces", kMaxTensors));
    }
    Tensor tensor = parse_data_space(item, problem, coefficients);
    if (tensor.role == TensorRole::output) {
      if (output) {
        item.fail(fmt::format("{} is read-write, and so is {}; a problem has one output",
                              tensor.name, *output));
      }
      output = tensor.name;
      problem.tensors.insert(problem.tensors.begin(), std::move(tensor));
    } else {
      problem.tensors.push_back(std::move(tensor));
    }
  }
  if (!output) {
    list->fail("no data space is `read-write: True`; the output has to be");
  }
  if (problem.tensors.size() < 2) {
    list->fail("expected the output and at least one operand");
  }
  set_kinds(problem.tensors);
}

void check_all_used(const SpecNode& dimensions, const Problem& problem) {
  DimensionSet used;
  for (const Tensor& tensor : problem.tensors) {
    for (const Rank& rank : tensor.projection.ranks) {
      for (const Term& term : rank) {
        used.insert(term.dimension);
      }
    }
  }
  const std::vector<SpecNode> items = dimensions.items();
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (!used.contains(DimensionId(i))) {
      items[i].fail(fmt::format("no data space uses the dimension {}", problem.dimensions[i].name));
    }
  }
}

/// No rank may span more values than 63 bits count, nor a tensor more words.
void check_sizes(const SpecNode& shape, const Problem& problem) {
  for (const Tensor& tensor : problem.tensors) {
    std::int64_t words = 1;
    bool fits = true;
    for (const Rank& rank : tensor.projection.ranks) {
      std::int64_t extent = 1;
      for (const Term& term : rank) {
        std::int64_t span = 0;
        fits = fits &&
               !__builtin_mul_overflow(problem.at(term.dimension).bound - 1, term.coefficient,
                                       &span) &&
               !__builtin_add_overflow(extent, span, &extent);
      }
      fits = fits && !__builtin_mul_overflow(words, extent, &words);
    }
    if (!fits) {
      shape.fail(fmt::format("{} spans more than 2^63 - 1 words", tensor.name));
    }
  }
}

/// A number, or a distribution with its mean.
double parse_density(SpecNode value) {
  if (value.is_map()) {
    value.at("distribution")
        .as_choice({"constant", "fixed", "fixed_structured", "fixed-structured", "hypergeometric"});
    const SpecNode density = value.at("density");
    value.finish();
    value = density;
  }
  const double density = value.as_number(0, 1);
  if (density == 0) {
    value.fail("expected a share of non-zero values above 0 and up to 1, got 0");
  }
  return density;
}

void parse_densities(const SpecNode& instance, Problem& problem) {
  if (const auto common = find_key(instance, "commonDensity")) {
    const double density = parse_density(*common);
    for (Tensor& tensor : problem.tensors) {
      tensor.density = density;
    }
    if (const auto each = instance.find("densities")) {
      each->fail("`commonDensity` stands beside it, which is for all data spaces; remove one");
    }
  }
  const auto densities = instance.find("densities");
  if (!densities || densities->is_null()) {
    return;
  }
  for (const SpecNode::Entry& entry : densities->entries()) {
    const auto tensor = problem.find_tensor(entry.name);
    if (!tensor) {
      std::vector<std::string> known;
      for (const Tensor& each : problem.tensors) {
        known.push_back(each.name);
      }
      entry.key.fail_unknown("data space", entry.name, known);
    }
    problem.tensors[tensor->index()].density = parse_density(entry.value);
  }
}

/// Sizes that converters write beside the bounds and that follow from them.
void consume_derived(const SpecNode& instance) {
  for (const std::string_view key : {"H", "W", "Hpad", "Wpad"}) {
    if (const auto value = instance.find(key)) {
      as_whole(*value, 0, kMaxDimensionBound);
    }
  }
}

std::string parse_problem_name(const SpecNode& problem, const SpecNode& shape) {
  const auto given = problem.find("name");
  const auto of_shape = shape.find("name");
  for (const auto& node : {given, of_shape}) {
    if (node && !node->is_null()) {
      const std::string name = node->as_name();
      return name == "null" || name == "Null" || name == "NULL" ? "problem" : name;
    }
  }
  return "problem";
}

}  // namespace

bool is_timeloop_problem(const SpecNode& problem) {
  return problem.has("shape") || problem.has("instance");
}

Problem import_timeloop_problem(const SpecNode& problem) {
  if (const auto version = problem.find("version")) {
    check_version(*version);
  }
  std::optional<SpecDocument> named;
  SpecNode shape = problem.at("shape");
  if (shape.is_scalar() && !shape.is_null()) {
    named.emplace(named_shape(shape));
    shape = named->root();
  }
  if (const auto version = shape.find("version")) {
    check_version(*version);
  }
  const auto apart = problem.find("instance");
  const SpecNode instance = apart ? *apart : problem;  // older: bounds stand beside the shape
  Problem result;
  result.name = parse_problem_name(problem, shape);
  result.dimensions = parse_dimensions(shape, instance);
  const Coefficients coefficients = parse_coefficients(shape, instance);
  parse_data_spaces(shape, coefficients, result);
  parse_densities(instance, result);
  consume_derived(instance);
  instance.finish();
  shape.finish();
  problem.finish();
  check_all_used(shape.at("dimensions"), result);
  check_sizes(shape, result);
  return result;
}

void set_word_bits(Problem& problem, int bits) {
  for (Tensor& tensor : problem.tensors) {
    tensor.bits = tensor.final_bits = bits;
  }
}

}  // namespace tessera
