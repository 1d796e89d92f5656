#include "app/sweep/sweep_spec.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "app/errors.hpp"
#include "app/numbers.hpp"
#include "app/sweep/sweep_values.hpp"
#include "app/workspace.hpp"
#include "arch/architecture_spec.hpp"
#include "mapper/constraints_spec.hpp"
#include "problems/network_spec.hpp"
#include "problems/problem_spec.hpp"
#include "spec/error.hpp"

namespace tessera {

namespace {

constexpr std::uint64_t kMostCombinations = 10'000'000;
constexpr std::string_view kBits = ".bits";

std::vector<std::string> split_path(std::string_view path) {
  std::vector<std::string> parts;
  while (true) {
    const std::size_t dot = path.find('.');
    parts.emplace_back(path.substr(0, dot));
    if (dot == std::string_view::npos) {
      return parts;
    }
    path.remove_prefix(dot + 1);
  }
}

/// The element of the hierarchy that has this name.
SpecValue* find_element(SpecValue& architecture, const std::string& name) {
  SpecValue* hierarchy = architecture.find("hierarchy");
  if (hierarchy == nullptr) {
    return nullptr;
  }
  for (SpecValue& element : hierarchy->items) {
    for (const char* sort : {"memory", "fanout", "compute"}) {
      const SpecValue* called = element.find(sort);
      if (called != nullptr && called->text == name) {
        return &element;
      }
    }
  }
  return nullptr;
}

std::vector<std::string> element_names(SpecValue& architecture) {
  std::vector<std::string> names;
  if (SpecValue* hierarchy = architecture.find("hierarchy")) {
    for (SpecValue& element : hierarchy->items) {
      for (const char* sort : {"memory", "fanout", "compute"}) {
        if (const SpecValue* called = element.find(sort)) {
          names.push_back(called->text);
        }
      }
    }
  }
  return names;
}

/// Where a name such as `GlobalBuffer.capacity`, `PEs.X` or `clock` points to; null if its element
/// is not there, and made if only its key is not.
SpecValue* find_place(SpecValue& architecture, const std::string& name, bool make) {
  std::vector<std::string> path = split_path(name);
  SpecValue* at = &architecture;
  if (path.size() > 1) {
    at = find_element(architecture, path.front());
    path.erase(path.begin());
    SpecValue* axes = at != nullptr ? at->find("axes") : nullptr;
    if (axes != nullptr && axes->find(path.front()) != nullptr) {
      at = axes;  // PEs.X for PEs.axes.X
      SpecValue* axis = axes->find(path.front());
      if (path.size() == 1 && axis->kind == SpecValue::Kind::map) {
        path.emplace_back("size");
      }
    }
  }
  for (const std::string& key : path) {
    if (at == nullptr || (at->kind != SpecValue::Kind::map && at->kind != SpecValue::Kind::null)) {
      return nullptr;
    }
    SpecValue* next = at->find(key);
    if (next == nullptr && make) {
      at->kind = SpecValue::Kind::map;
      at->set(key, SpecValue{});
      next = at->find(key);
    }
    at = next;
  }
  return at;
}

bool is_kind_word(std::string_view word) {
  return std::any_of(kTensorKinds.begin(), kTensorKinds.end(),
                     [&](TensorKind kind) { return to_string(kind) == word; });
}

/// The bits of the tensors of that name, or of that kind, in all layers; how many there are.
std::size_t set_bits(Network& network, std::string_view tensor, int bits) {
  std::size_t count = 0;
  for (Layer& layer : network.layers) {
    for (Tensor& candidate : layer.problem.tensors) {
      const bool meant =
          is_kind_word(tensor) ? to_string(candidate.kind) == tensor : candidate.name == tensor;
      if (meant) {
        candidate.bits = candidate.final_bits = bits;
        ++count;
      }
    }
  }
  return count;
}

int bits_of(const std::string& text) {
  const auto bits = parse_quantity(text, Measure::bits);
  constexpr double kMostBits = 1024;
  if (!bits || bits->value < 1 || bits->value > kMostBits ||
      bits->value != std::floor(bits->value)) {
    throw SpecError(fmt::format("expected a whole number of bits from 1 to 1024, got '{}'", text));
  }
  return static_cast<int>(bits->value);
}

}  // namespace

/// Reads the sections.
struct SweepSpec::Loader {
  SweepSpec spec;
  std::map<std::string, SpecNode::Entry> sections;
  std::vector<SpecNode::Entry> derive_entries;

  void collect(const std::vector<std::string>& operands) {
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
        entry.value.refuse_extensions();
      }
    }
  }

  const SpecNode::Entry* section(const std::string& name) const {
    const auto found = sections.find(name);
    return found == sections.end() ? nullptr : &found->second;
  }

  /// The value of `kind`: in the sweep by name or in place, or a section of its own.
  SpecNode part(const SpecNode& sweep, const std::string& kind) {
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
      return *given;
    }
    try {
      spec.documents_.push_back(open_spec(given->as_string()));
    } catch (const UsageError& error) {
      given->fail(
          std::string_view(error.what()).substr(0, std::string_view(error.what()).find('\n')));
    }
    const auto found = spec.documents_.back().root().find(kind);
    if (!found) {
      given->fail(fmt::format("'{}' holds no {}", given->as_string(), kind));
    }
    return *found;
  }

  void read_problems(const SpecNode& sweep) {
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

  void read_axes(const SpecNode& vary) {
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

  void read_derived(const SpecNode& derive) {
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

  /// Each derived value that occurs, so that what is wrong with it is said where its expression
  /// stands.
  void try_out_derived() {
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

  void check_name(const SpecNode::Entry& entry) {
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

  bool is_of_problem(const std::string& name) {
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

  /// Each value alone in the base, so that what is wrong with it is said where it stands.
  void try_out(const SpecNode::Entry& entry, const std::vector<SweepValue>& values) {
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

  /// The sentence of an error, without its place and the line shown.
  static std::string message_alone(std::string_view text) {
    text = text.substr(0, text.find('\n'));
    const std::size_t place = text.find("architecture");
    return std::string(place == std::string_view::npos ? text : text.substr(place));
  }

  void read_where(const SpecNode& node) {
    const std::vector<SpecNode> all =
        node.is_sequence() ? node.items() : std::vector<SpecNode>{node};
    const std::vector<std::string> first = spec.combination(0);
    for (const SpecNode& condition : all) {
      spec.where_texts_.push_back(condition.as_string());
      spec.where_.push_back(Where::parse(
          condition, [&](const std::string& name) { return spec.text_of(name, first); }));
    }
  }

  void list_points() {
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
};

SweepSpec SweepSpec::load(const std::vector<std::string>& operands,
                          const std::vector<Option>& table) {
  Loader loader;
  loader.collect(operands);
  SweepSpec& spec = loader.spec;
  const SpecNode::Entry* entry = loader.section("sweep");
  if (entry == nullptr) {
    throw UsageError("no sweep given\nName a file with `sweep:`; docs/sweeps.md has examples.");
  }
  const SpecNode sweep = entry->value;
  const auto name = sweep.find("name");
  for (const char* key : {"architecture", "network", "problem"}) {
    sweep.find(key);
  }
  const auto where = sweep.find("where");
  const auto derive = sweep.find("derive");
  sweep.find("vary");
  sweep.finish();
  const SpecNode base_node = loader.part(sweep, "architecture");
  spec.folder_ = std::filesystem::path(base_node.file()).parent_path().string();
  spec.base_ = SpecValue::read(base_node);
  loader.read_problems(sweep);
  const Architecture base = spec.architecture({});
  spec.architecture_name_ = base.name;
  spec.name_ = name ? name->as_name() : "sweep";
  loader.read_axes(sweep.at("vary"));
  if (derive) {
    loader.read_derived(*derive);
  }
  if (where) {
    loader.read_where(*where);
  }
  loader.list_points();
  if (spec.points_.empty()) {
    where->fail("no combination of values keeps this");
  }
  loader.try_out_derived();
  if (const auto* search = loader.section("search")) {
    spec.search_ = read_search_section(search->value, table);
  }
  if (const auto* constraints = loader.section("constraints")) {
    spec.constraints_ = constraints->value;
  }
  spec.point(0);  // constraints are understood before anything runs
  return std::move(spec);
}

std::vector<std::string> SweepSpec::combination(std::uint64_t index) const {
  std::vector<std::string> values(axes_.size());
  for (std::size_t a = axes_.size(); a-- > 0;) {
    values[a] = axes_[a].values[index % axes_[a].values.size()];
    index /= axes_[a].values.size();
  }
  for (std::size_t a = 0; a < axes_.size(); ++a) {
    if (axes_[a].derived) {
      const std::vector<std::string> before(values.begin(),
                                            values.begin() + static_cast<std::ptrdiff_t>(a));
      values[a] =
          axes_[a].derived->text([&](const std::string& name) { return text_of(name, before); });
    }
  }
  return values;
}

const SweepAxis* SweepSpec::find_axis(const std::string& name) const {
  const auto found = std::find_if(axes_.begin(), axes_.end(),
                                  [&](const SweepAxis& axis) { return axis.name == name; });
  return found == axes_.end() ? nullptr : &*found;
}

std::vector<std::string> SweepSpec::values(std::uint64_t point) const {
  return combination(points_[point]);
}

SpecValue SweepSpec::tree(const std::vector<std::string>& values) const {
  SpecValue tree = base_;
  for (std::size_t a = 0; a < values.size(); ++a) {
    const std::string& name = axes_[a].name;
    const bool of_element = name.find('.') == std::string::npos ||
                            find_element(tree, split_path(name).front()) != nullptr;
    if (name == "batch" || !of_element) {
      continue;  // of the problem
    }
    SpecValue* place = find_place(tree, name, true);
    if (place == nullptr) {
      throw SpecError(fmt::format("architecture: '{}' does not name a value", name));
    }
    *place = SpecValue::scalar(values[a]);
  }
  return tree;
}

Architecture SweepSpec::architecture(const std::vector<std::string>& values) const {
  const SpecDocument document =
      SpecDocument::parse((std::filesystem::path(folder_) / "(point)").string(),
                          fmt::format("architecture:\n{}", to_yaml(tree(values), 2)));
  return parse_costed_architecture(
             document.root().at("architecture"), {},
             [this](const EstimatorQuestion& question) { return programs_->ask(question); })
      .architecture;
}

Network SweepSpec::network(const std::vector<std::string>& values) const {
  Network network = network_;
  for (std::size_t a = 0; a < values.size(); ++a) {
    const std::string& name = axes_[a].name;
    if (name == "batch") {
      const SpecDocument document =
          SpecDocument::parse("batch", fmt::format("batch: {}", values[a]));
      network.batch = document.root().at("batch").as_integer(1, kMaxBatch);
      if (const auto layer = network.first_without_batch(); layer && network.batch > 1) {
        throw SpecError(
            fmt::format("the layer {} does not say which of its dimensions counts the items",
                        network.layers[*layer].problem.name));
      }
      network.operations(network.batch);
    } else if (name.ends_with(kBits)) {
      SpecValue tree = base_;
      if (find_element(tree, split_path(name).front()) == nullptr) {
        set_bits(network, std::string_view(name).substr(0, name.size() - kBits.size()),
                 bits_of(values[a]));
      }
    }
  }
  return network;
}

std::optional<std::string> SweepSpec::text_of(const std::string& name,
                                              const std::vector<std::string>& values) const {
  for (std::size_t a = 0; a < values.size(); ++a) {
    if (axes_[a].name == name) {
      return values[a];
    }
  }
  SpecValue tree = base_;
  const SpecValue* place = find_place(tree, name, false);
  if (place == nullptr || place->kind != SpecValue::Kind::scalar) {
    return std::nullopt;
  }
  return place->text;
}

SweepPoint SweepSpec::point(std::uint64_t index) const {
  const std::vector<std::string> chosen = values(index);
  SweepPoint point{architecture(chosen), network(chosen), {}};
  if (constraints_) {
    for (const Layer& layer : point.network.layers) {
      point.constraints.push_back(
          parse_constraints(*constraints_, layer.problem, point.architecture));
    }
  }
  return point;
}

std::string SweepSpec::identity() const {
  std::string text =
      fmt::format("architecture:\n{}{}vary:\n", to_yaml(base_, 2), to_yaml(network_));
  for (const SweepAxis& axis : axes_) {
    text += fmt::format("  {}: {}\n", axis.name, fmt::join(axis.values, ", "));
  }
  for (const std::string& where : where_texts_) {
    text += fmt::format("where: {}\n", where);
  }
  if (constraints_) {
    text += fmt::format("constraints:\n{}", to_yaml(SpecValue::read(*constraints_), 2));
  }
  return text;
}

}  // namespace tessera
