#include "app/sweep/sweep_loader.hpp"

#include <algorithm>
#include <filesystem>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "app/errors.hpp"
#include "app/numbers.hpp"
#include "app/sweep/sweep_place.hpp"
#include "app/sweep/sweep_values.hpp"
#include "app/timeloop/architecture.hpp"
#include "app/timeloop/problem.hpp"
#include "app/workspace.hpp"
#include "problems/network_spec.hpp"
#include "problems/problem_spec.hpp"
#include "spec/error.hpp"
#include "spec/path_beside.hpp"

namespace tessera {

namespace {

constexpr std::uint64_t kMostCombinations = 10'000'000;

/// What to open for a name in a spec: a library entry, or a file, named from the spec's folder.
std::string operand_of(const SpecNode& node) {
  const std::string text = node.as_string();
  const bool elsewhere = node.file().find('/') != std::string::npos;
  return names_file(text) && elsewhere ? path_beside(node.file(), text) : text;
}

/// Where a part comes from and what it is. Timeloop's format has its costs outside, and its values
/// follow from variables and components: what would vary is not there to be named.
void refuse_timeloop(const SpecNode& at, const SpecNode& value, const std::string& kind) {
  if ((kind == "architecture" && is_timeloop_architecture(value)) ||
      (kind == "problem" && is_timeloop_problem(value))) {
    at.fail(fmt::format(
        "a sweep cannot vary what is in Timeloop's format: turn it into Tessera's with `tessera "
        "import timeloop {} ... --out DIR` and name the {} in DIR here",
        value.file(), kind));
  }
}

}  // namespace

void SweepSpec::Loader::collect(const std::vector<std::string>& operands) {
  spec.documents_.reserve(operands.size() + 2);
  const std::vector<std::string> known = {"sweep",   "architecture", "network",
                                          "problem", "constraints",  "search"};
  for (const std::string& operand : operands) {
    spec.documents_.push_back(open_spec(operand));
    const SpecNode root = spec.documents_.back().root();
    if (!root.is_map()) {
      root.fail(fmt::format("expected sections ({})", fmt::join(known, ", ")));
    }
    for (const SpecNode::Entry& entry : root.entries()) {
      if (std::find(known.begin(), known.end(), entry.name) == known.end()) {
        entry.key.fail_unknown("section of a sweep", entry.name, known);
      }
      const auto [first, fresh] = sections.emplace(entry.name, entry);
      if (!fresh) {
        const SpecNode& before = first->second.key;
        entry.key.fail(fmt::format("'{}' is given a second time; the first is at {}:{}:{}",
                                   entry.name, before.file(), before.line(), before.column()));
      }
      refuse_timeloop(entry.key, entry.value, entry.name);
      entry.value.refuse_extensions();
    }
  }
}

const SpecNode::Entry* SweepSpec::Loader::section(const std::string& name) const {
  const auto found = sections.find(name);
  return found == sections.end() ? nullptr : &found->second;
}

SpecNode SweepSpec::Loader::part(const SpecNode& sweep, const std::string& kind) {
  const auto given = sweep.find(kind);
  const SpecNode::Entry* beside = section(kind);
  if (given && beside != nullptr) {
    beside->key.fail(fmt::format("'{}' is given a second time; the sweep at {}:{}:{} names one",
                                 kind, given->file(), given->line(), given->column()));
  }
  if (!given && beside == nullptr) {
    sweep.fail(
        fmt::format("the sweep has no {0}: expected `{0}: <name>` in it, or a section", kind));
  }
  if (beside != nullptr) {
    return beside->value;
  }
  if (given->is_map()) {
    refuse_timeloop(*given, *given, kind);
    return *given;
  }
  if (given->is_sequence()) {
    given->fail(fmt::format("a sweep has one {}, got a list{}", kind,
                            kind == "architecture"
                                ? "; `vary` changes its values, `tessera compare` is for several"
                                : ""));
  }
  const std::string operand = operand_of(*given);
  std::error_code ignored;
  if (names_file(operand) && !std::filesystem::exists(operand, ignored)) {
    given->fail(fmt::format(
        "there is no file '{}'; what a spec names is looked for from the spec's own folder",
        operand));
  }
  try {
    spec.documents_.push_back(open_spec(operand));
  } catch (const UsageError& error) {
    given->fail(
        std::string_view(error.what()).substr(0, std::string_view(error.what()).find('\n')));
  }
  const auto found = spec.documents_.back().root().find(kind);
  if (!found) {
    given->fail(fmt::format("'{}' holds no {}", given->as_string(), kind));
  }
  refuse_timeloop(*given, *found, kind);
  return *found;
}

void SweepSpec::Loader::read_problems(const SpecNode& sweep) {
  const bool problem = sweep.has("problem") || section("problem") != nullptr;
  if (problem && (sweep.has("network") || section("network") != nullptr)) {
    sweep.fail("expected a problem or a network, got both");
  }
  if (problem) {
    const Problem one = parse_problem(part(sweep, "problem"));
    spec.network_ = {.name = one.name, .layers = {Layer{one, 1, std::nullopt}}};
  } else {
    spec.network_ = parse_network(part(sweep, "network"), find_library_problem);
  }
}

void SweepSpec::Loader::read_axes(const SpecNode& vary) {
  spec.combinations_ = 1;
  for (const SpecNode::Entry& entry : vary.entries()) {
    SweepAxis axis{entry.name, {}, {}};
    const std::vector<SweepValue> values = parse_sweep_values(entry.value);
    check_name(entry);
    for (const SweepValue& value : values) {
      axis.values.push_back(value.text);
    }
    if (__builtin_mul_overflow(spec.combinations_, values.size(), &spec.combinations_) ||
        spec.combinations_ > kMostCombinations) {
      entry.key.fail(
          fmt::format("more than {} combinations are not supported", grouped(kMostCombinations)));
    }
    try_out(entry, values);
    spec.axes_.push_back(std::move(axis));
  }
}

void SweepSpec::Loader::read_derived(const SpecNode& derive) {
  for (const SpecNode::Entry& entry : derive.entries()) {
    if (spec.find_axis(entry.name)) {
      entry.key.fail(fmt::format("'{}' is varied already", entry.name));
    }
    check_name(entry);
    const std::vector<std::string> before = spec.combination(0);
    Derived derived = Derived::parse(entry.name, entry.value, [&](const std::string& name) {
      return spec.text_of(name, before);
    });
    spec.axes_.push_back({entry.name, {entry.value.as_string()}, std::move(derived)});
    derive_entries.push_back(entry);
  }
}

void SweepSpec::Loader::try_out_derived() {
  const std::size_t varied = spec.axes_.size() - derive_entries.size();
  std::vector<std::set<std::string>> texts(derive_entries.size());
  for (const std::uint64_t point : spec.points_) {
    const std::vector<std::string> values = spec.combination(point);
    for (std::size_t d = 0; d < texts.size(); ++d) {
      texts[d].insert(values[varied + d]);
    }
  }
  for (std::size_t d = 0; d < texts.size(); ++d) {
    std::vector<SweepValue> values;
    for (const std::string& text : texts[d]) {
      values.push_back({text, derive_entries[d].value});
    }
    try_out(derive_entries[d], values);
  }
}

void SweepSpec::Loader::check_name(const SpecNode::Entry& entry) {
  if (is_of_problem(entry.name)) {
    return;
  }
  if (entry.name == "name" || entry.name == "hierarchy") {
    entry.key.fail(fmt::format("'{}' cannot be varied", entry.name));
  }
  const std::vector<std::string> path = split_path(entry.name);
  if (path.size() > 1 && find_element(spec.base_, path.front()) == nullptr) {
    std::vector<std::string> known = element_names(spec.base_);
    for (const Layer& layer : spec.network_.layers) {
      for (const Tensor& tensor : layer.problem.tensors) {
        if (entry.name.ends_with(kBits) &&
            std::find(known.begin(), known.end(), tensor.name) == known.end()) {
          known.push_back(tensor.name);
        }
      }
    }
    entry.key.fail_unknown("element of the architecture", path.front(), known);
  }
}

bool SweepSpec::Loader::is_of_problem(const std::string& name) {
  if (name == "batch") {
    return true;
  }
  if (!name.ends_with(kBits)) {
    return false;
  }
  Network copy = spec.network_;
  return find_element(spec.base_, split_path(name).front()) == nullptr &&
         set_bits(copy, std::string_view(name).substr(0, name.size() - kBits.size()), 1) > 0;
}

void SweepSpec::Loader::try_out(const SpecNode::Entry& entry,
                                const std::vector<SweepValue>& values) {
  SweepSpec alone;
  alone.base_ = spec.base_;
  alone.folder_ = spec.folder_;
  alone.programs_.swap(spec.programs_);
  alone.network_ = spec.network_;
  alone.axes_ = {SweepAxis{entry.name, {}, {}}};
  for (const SweepValue& value : values) {
    try {
      alone.network({value.text});
      alone.architecture({value.text});
    } catch (const SpecError& error) {
      value.node.fail(fmt::format("{} cannot be '{}': {}", entry.name, value.text,
                                  message_alone(error.what())));
    } catch (const OverflowError&) {
      value.node.fail(
          fmt::format("{} cannot be '{}': a count exceeds 63 bits", entry.name, value.text));
    }
  }
  alone.programs_.swap(spec.programs_);
}

std::string SweepSpec::Loader::message_alone(std::string_view text) {
  text = text.substr(0, text.find('\n'));
  const std::size_t place = std::min(text.find("architecture"), text.find("batch: "));
  return std::string(place == std::string_view::npos ? text : text.substr(place));
}

void SweepSpec::Loader::read_where(const SpecNode& node) {
  const std::vector<SpecNode> all = node.is_sequence() ? node.items() : std::vector<SpecNode>{node};
  const std::vector<std::string> first = spec.combination(0);
  for (const SpecNode& condition : all) {
    spec.where_texts_.push_back(condition.as_string());
    spec.where_.push_back(Where::parse(
        condition, [&](const std::string& name) { return spec.text_of(name, first); }));
  }
}

void SweepSpec::Loader::list_points() {
  for (std::uint64_t i = 0; i < spec.combinations_; ++i) {
    if (spec.where_.empty()) {
      spec.points_.push_back(i);
      continue;
    }
    const std::vector<std::string> values = spec.combination(i);
    const Where::TextOf text_of = [&](const std::string& name) {
      return spec.text_of(name, values);
    };
    if (std::all_of(spec.where_.begin(), spec.where_.end(),
                    [&](const Where& where) { return where.holds(text_of); })) {
      spec.points_.push_back(i);
    }
  }
}

}  // namespace tessera
