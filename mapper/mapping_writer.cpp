#include <fmt/format.h>
#include <fmt/ranges.h>

#include "mapper/mapping_spec.hpp"
#include "mapper/name_scope.hpp"

namespace tessera {
namespace {

/// Gathers neighbouring loops into one item of the list for as long as reading that item gives the
/// same loops in the same order.
class MappingWriter {
 public:
  explicit MappingWriter(const NameScope& scope) : scope_(scope) {}

  void write(const Hold& hold) {
    flush();
    text_ += fmt::format("  - {}: [{}]\n", scope_.architecture.name_of(hold.memory),
                         scope_.tensor_names(hold.tensors, ", "));
  }

  void write(const Loop& loop) {
    if (!loops_.empty() && !fits(loop)) {
      flush();
    }
    loops_.push_back(loop);
  }

  std::string finish() {
    flush();
    return text_.empty() ? "mapping: []\n" : "mapping:\n" + text_;
  }

 private:
  /// A key may stand in a map once only: a dimension under its `for` or axis, and an axis under its
  /// `spatial`, which it would have to do again were its loops not neighbours.
  bool fits(const Loop& loop) const {
    if (loop.axis.has_value() != loops_.front().axis.has_value()) {
      return false;
    }
    const bool same_axis = loop.axis == loops_.back().axis;
    for (const Loop& other : loops_) {
      if (other.axis == loop.axis && (!same_axis || other.dimension == loop.dimension)) {
        return false;
      }
    }
    return true;
  }

  void flush() {
    if (loops_.empty()) {
      return;
    }
    std::vector<std::string> axes;  // the text of each axis, or of the one `for`
    std::vector<std::string> factors;
    for (std::size_t i = 0; i < loops_.size(); ++i) {
      factors.push_back(
          fmt::format("{}: {}", scope_.problem.at(loops_[i].dimension).name, loops_[i].bound));
      if (i + 1 == loops_.size() || loops_[i + 1].axis != loops_[i].axis) {
        const std::string map = fmt::format("{{{}}}", fmt::join(factors, ", "));
        axes.push_back(
            loops_[i].axis ? fmt::format("{}: {}", scope_.axis_name(*loops_[i].axis), map) : map);
        factors.clear();
      }
    }
    text_ += loops_.front().axis ? fmt::format("  - spatial: {{{}}}\n", fmt::join(axes, ", "))
                                 : fmt::format("  - for: {}\n", axes.front());
    loops_.clear();
  }

  const NameScope& scope_;
  std::vector<Loop> loops_;  ///< the open item's: all temporal or all spatial
  std::string text_;
};

std::string word(const NameScope& scope, const Hold& hold) {
  return fmt::format("{}[{}]", scope.architecture.name_of(hold.memory),
                     scope.tensor_names(hold.tensors, "+"));
}

std::string word(const NameScope& scope, const Loop& loop) {
  return fmt::format("{}{}={}", loop.axis ? scope.axis_name(*loop.axis) + ":" : "",
                     scope.problem.at(loop.dimension).name, loop.bound);
}

}  // namespace

std::string to_yaml(const Mapping& mapping, const Problem& problem,
                    const Architecture& architecture) {
  const NameScope scope{problem, architecture};
  MappingWriter writer(scope);
  for (const Node& node : mapping.nodes) {
    std::visit([&](const auto& one) { writer.write(one); }, node);
  }
  return writer.finish();
}

std::string to_line(const Mapping& mapping, const Problem& problem,
                    const Architecture& architecture) {
  const NameScope scope{problem, architecture};
  std::vector<std::string> words;
  for (const Node& node : mapping.nodes) {
    words.push_back(std::visit([&](const auto& one) { return word(scope, one); }, node));
  }
  return fmt::format("{}", fmt::join(words, " "));
}

}  // namespace tessera
