#include "app/timeloop/directive.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "app/timeloop/reading.hpp"

namespace tessera {
namespace {

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

std::vector<std::string> dimension_names(const Problem& problem) {
  std::vector<std::string> names;
  for (const Dimension& dimension : problem.dimensions) {
    names.push_back(dimension.name);
  }
  return names;
}

DimensionId find_dimension(const SpecNode& node, const Problem& problem, std::string_view name,
                           std::size_t offset) {
  const auto dimension = problem.find_dimension(name);
  if (!dimension) {
    node.fail_unknown("dimension", name, dimension_names(problem), offset);
  }
  return *dimension;
}

/// Reads the factors of one text from left to right.
class FactorScanner {
 public:
  FactorScanner(const SpecNode& node, const Problem& problem)
      : node_(node), problem_(problem), text_(node.as_string()) {}

  void run(std::vector<TimeloopFactor>& factors) {
    while (skip_separators()) {
      factors.push_back(read_factor());
    }
  }

 private:
  void skip_spaces() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t')) {
      ++at_;
    }
  }

  bool skip_separators() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == ',')) {
      ++at_;
    }
    return at_ < text_.size();
  }

  TimeloopFactor read_factor() {
    TimeloopFactor factor{.dimension = {}, .node = node_, .offset = at_};
    const std::string name = read_name();
    factor.dimension = find_dimension(node_, problem_, name, factor.offset);
    factor.relation = read_relation();
    const std::int64_t whole = problem_.at(factor.dimension).bound;
    const std::int64_t bound = read_number();
    factor.bound = bound == 0 ? whole : bound;
    factor.last = factor.bound;
    if (at_ + 1 < text_.size() && text_[at_] == ',' && is_digit(text_[at_ + 1])) {
      ++at_;
      factor.last = read_number();
      if (factor.last < 1 || factor.last > factor.bound) {
        factor.fail(
            fmt::format("expected a remainder from 1 to {}, got {}", factor.bound, factor.last));
      }
    }
    return factor;
  }

  /// The dimension's name. In `C1` without a sign between, the digits are the factor.
  std::string read_name() {
    const std::size_t start = at_;
    if (!is_letter(text_[at_])) {
      node_.fail(fmt::format("expected a factor such as `K=4`, got '{}'", text_.substr(at_)), at_);
    }
    while (at_ < text_.size() && (is_letter(text_[at_]) || is_digit(text_[at_]))) {
      ++at_;
    }
    const std::size_t end = at_;
    skip_spaces();
    const bool sign =
        at_ < text_.size() && (text_[at_] == '=' || text_[at_] == '<' || text_[at_] == '>');
    if (sign || (at_ < text_.size() && is_digit(text_[at_]))) {
      return text_.substr(start, end - start);
    }
    at_ = end;
    while (at_ > start && is_digit(text_[at_ - 1])) {
      --at_;
    }
    if (at_ == end) {
      node_.fail(fmt::format("expected a factor such as `{0}=4` after '{0}'",
                             text_.substr(start, end - start)),
                 start);
    }
    return text_.substr(start, at_ - start);
  }

  FactorRelation read_relation() {
    FactorRelation relation = FactorRelation::equal;
    if (text_[at_] == '<' || text_[at_] == '>') {
      relation = text_[at_] == '<' ? FactorRelation::at_most : FactorRelation::at_least;
      ++at_;
      if (at_ == text_.size() || text_[at_] != '=') {
        node_.fail("expected `=`, `<=` or `>=`", at_);
      }
    }
    if (at_ < text_.size() && text_[at_] == '=') {
      ++at_;
    }
    skip_spaces();
    return relation;
  }

  std::int64_t read_number() {
    std::int64_t value = 0;
    const char* begin = text_.data() + at_;
    const auto result = std::from_chars(begin, text_.data() + text_.size(), value);
    if (result.ec != std::errc() || value < 0) {
      node_.fail("expected a whole number here", at_);
    }
    at_ += static_cast<std::size_t>(result.ptr - begin);
    if (at_ < text_.size() && text_[at_] != ' ' && text_[at_] != '\t' && text_[at_] != ',') {
      node_.fail(
          fmt::format("expected a space or a comma after a factor, got '{}'", text_.substr(at_, 1)),
          at_);
    }
    return value;
  }

  const SpecNode& node_;
  const Problem& problem_;
  std::string text_;
  std::size_t at_ = 0;
};

std::vector<std::string> memory_names(const Architecture& architecture) {
  std::vector<std::string> names;
  for (const Element& element : architecture.hierarchy) {
    if (const auto* memory = std::get_if<Memory>(&element)) {
      names.push_back(memory->name);
    } else if (const auto* fanout = std::get_if<Fanout>(&element)) {
      names.push_back(fanout->name);
    }
  }
  return names;
}

/// The memory of a number: 0 is innermost.
std::optional<LevelId> memory_of_number(std::string_view number, const Architecture& architecture) {
  std::size_t left = 0;
  const auto result = std::from_chars(number.data(), number.data() + number.size(), left);
  if (result.ec != std::errc() || result.ptr != number.data() + number.size()) {
    return std::nullopt;
  }
  for (std::size_t level = architecture.hierarchy.size(); level-- > 0;) {
    if (architecture.memory(LevelId(level)) != nullptr && left-- == 0) {
      return LevelId(level);
    }
  }
  return std::nullopt;
}

/// The kinds of the tensors in the list; all tensors of a kind have to be there.
KindSet kinds_of(const SpecNode& list, const Problem& problem) {
  const TensorSet tensors = parse_tensors(list, problem);
  KindSet kinds;
  for (std::size_t i = 0; i < problem.tensors.size(); ++i) {
    if (tensors.contains(TensorId(i))) {
      kinds.insert(problem.tensors[i].kind);
    }
  }
  for (std::size_t i = 0; i < problem.tensors.size(); ++i) {
    const Tensor& tensor = problem.tensors[i];
    if (kinds.contains(tensor.kind) && !tensors.contains(TensorId(i))) {
      list.fail(
          fmt::format("expected {} in this list too: it is of the same kind as another one here, "
                      "and a network treats a kind alike",
                      tensor.name));
    }
  }
  return kinds;
}

}  // namespace

void forbid_sharing(const SpecNode& list, const Problem& problem, Fanout& fanout) {
  const KindSet kinds = kinds_of(list, problem);
  for (const TensorKind kind : {TensorKind::inputs, TensorKind::weights}) {
    if (kinds.contains(kind)) {
      fanout.multicast[static_cast<std::size_t>(kind)] = Multicast::none;
    }
  }
  fanout.reduce = fanout.reduce && !kinds.contains(TensorKind::outputs);
}

std::vector<TimeloopFactor> parse_factors(const SpecNode& node, const Problem& problem) {
  std::vector<TimeloopFactor> factors;
  if (node.is_null()) {
    return factors;
  }
  for (const SpecNode& item : as_list(node)) {
    FactorScanner(item, problem).run(factors);
  }
  DimensionSet seen;
  for (const TimeloopFactor& factor : factors) {
    if (seen.contains(factor.dimension)) {
      factor.fail(fmt::format("{} has a factor already", problem.at(factor.dimension).name));
    }
    seen.insert(factor.dimension);
  }
  return factors;
}

std::vector<DimensionId> parse_permutation(const SpecNode& node, const Problem& problem) {
  std::vector<DimensionId> order;
  DimensionSet seen;
  const auto add = [&](const SpecNode& at, std::string_view name, std::size_t offset) {
    const DimensionId dimension = find_dimension(at, problem, name, offset);
    if (seen.contains(dimension)) {
      at.fail(fmt::format("{} stands in the permutation twice", name), offset);
    }
    seen.insert(dimension);
    order.push_back(dimension);
  };
  if (node.is_null()) {
    return order;
  }
  if (node.is_sequence()) {
    for (const SpecNode& item : node.items()) {
      add(item, item.as_string(), 0);
    }
    return order;
  }
  const std::string text = node.as_string();
  const bool separated = text.find_first_of(", ") != std::string::npos;
  if (!separated && problem.find_dimension(text)) {
    add(node, text, 0);
    return order;
  }
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end =
        separated ? std::min(text.find_first_of(", ", at), text.size()) : at + 1;
    const std::string_view word = std::string_view(text).substr(at, end - at);
    if (problem.find_dimension(word)) {
      add(node, word, at);
    } else {  // letters, which spaces may set apart in groups: `NPQR SCK`
      for (std::size_t letter = 0; letter < word.size(); ++letter) {
        const std::string_view name = word.substr(letter, 1);
        add(node, problem.find_dimension(name) ? name : word,
            problem.find_dimension(name) ? at + letter : at);
      }
    }
    at = separated ? end + 1 : end;
  }
  return order;
}

TensorSet parse_tensors(const SpecNode& node, const Problem& problem) {
  TensorSet tensors;
  if (node.is_null()) {
    return tensors;
  }
  for (const SpecNode& item : as_list(node)) {
    const std::string name = item.as_string();
    const auto tensor = problem.find_tensor(name);
    if (!tensor) {
      std::vector<std::string> known;
      for (const Tensor& each : problem.tensors) {
        known.push_back(each.name);
      }
      item.fail_unknown("data space", name, known);
    }
    tensors.insert(*tensor);
  }
  return tensors;
}

TimeloopTarget parse_target(const SpecNode& node, const Architecture& architecture) {
  const std::string name = node.as_string();
  std::optional<LevelId> level = architecture.find(name);
  if (!level) {
    level = memory_of_number(name, architecture);
  }
  constexpr std::string_view kPrefix = "inter_";
  constexpr std::string_view kSuffix = "_spatial";
  if (!level && name.size() > kPrefix.size() + kSuffix.size() && name.starts_with(kPrefix) &&
      name.ends_with(kSuffix)) {
    level = architecture.find(
        name.substr(kPrefix.size(), name.size() - kPrefix.size() - kSuffix.size()));
    if (level && architecture.fanout(*level) == nullptr) {
      level.reset();
    }
  }
  if (!level || level->index() + 1 == architecture.hierarchy.size()) {
    node.fail_unknown("target", name, memory_names(architecture));
  }
  return {.node = node, .level = *level, .is_fanout = architecture.fanout(*level) != nullptr};
}

LevelId fanout_of(const TimeloopTarget& target, const Architecture& architecture) {
  if (target.is_fanout) {
    return target.level;
  }
  const LevelId inside(target.level.index() + 1);
  if (architecture.fanout(inside) == nullptr) {
    target.node.fail(fmt::format("there is no fanout between {} and {}, so nothing is spatial here",
                                 architecture.name_of(target.level), architecture.name_of(inside)));
  }
  const LevelId further(inside.index() + 1);
  if (architecture.fanout(further) != nullptr) {
    target.node.fail(
        fmt::format("there are several fanouts inside {}; name the one that is meant, such "
                    "as {}",
                    architecture.name_of(target.level), architecture.name_of(inside)));
  }
  return inside;
}

std::optional<AxisRef> axis_of(LevelId fanout, bool y, const Architecture& architecture) {
  const std::vector<Axis>& axes = architecture.fanout(fanout)->axes;
  for (std::size_t i = 0; i < axes.size(); ++i) {
    if (axes[i].name == (y ? "Y" : "X")) {
      return AxisRef{fanout, static_cast<std::uint8_t>(i)};
    }
  }
  const std::size_t index = y ? 1 : 0;  // an architecture of our own may call its axes otherwise
  if (index >= axes.size() || axes[index].name == "X" || axes[index].name == "Y") {
    return std::nullopt;
  }
  return AxisRef{fanout, static_cast<std::uint8_t>(index)};
}

DirectiveType parse_type(const SpecNode& node) {
  const std::string type = node.as_string();
  if (type == "temporal") {
    return DirectiveType::temporal;
  }
  if (type == "spatial") {
    return DirectiveType::spatial;
  }
  if (type == "datatype" || type == "bypass" || type == "bypassing" || type == "dataspace") {
    return DirectiveType::dataspace;
  }
  if (type == "utilization" || type == "parallelism") {
    return DirectiveType::utilization;
  }
  for (const std::string_view known :
       {"skew", "max_overbooked_proportion", "no_link_transfer", "no_multicast", "no_reduction",
        "no_multicast_no_reduction"}) {
    if (type == known) {
      return DirectiveType::other;
    }
  }
  node.fail_unknown("type of directive", type,
                    {"temporal", "spatial", "datatype", "bypass", "dataspace", "utilization"});
}

}  // namespace tessera
