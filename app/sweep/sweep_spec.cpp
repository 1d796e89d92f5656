#include "app/sweep/sweep_spec.hpp"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "app/errors.hpp"
#include "app/sweep/sweep_loader.hpp"
#include "app/sweep/sweep_place.hpp"
#include "arch/architecture_spec.hpp"
#include "mapper/constraints_spec.hpp"
#include "problems/network_spec.hpp"
#include "spec/error.hpp"

namespace tessera {

namespace {

/// A capacity that is `auto` has no single machine for its sweep to start from.
void refuse_automatic(const SpecNode& architecture) {
  if (!architecture.is_map() || !architecture.has("hierarchy") ||
      !architecture.at("hierarchy").is_sequence()) {
    return;  // told by the reader of architectures
  }
  for (const SpecNode& item : architecture.at("hierarchy").items()) {
    if (item.is_map() && item.has("memory") && item.has("capacity") &&
        item.at("capacity").is_scalar() && item.at("capacity").as_string() == "auto") {
      item.at("capacity")
          .fail(
              fmt::format("a sweep varies sizes: give one here, without `sizes`, and in the sweep "
                          "`vary: {{{}.capacity: [...]}}`",
                          item.at("memory").as_string()));
    }
  }
}

/// Options of `tessera search` that sweeps do not have, with what to do instead.
void refuse_others(const SpecNode& search) {
  constexpr std::pair<const char*, const char*> kOthers[] = {
      {"batch", "vary it: `vary: {batch: [1, 4]}`, or give the network one"},
      {"budget", "a sweep runs to its end, or until it is stopped and resumed"},
      {"layer", "name the layer's problem in the place of the network"},
      {"resume", "it is an option of the command line"}};
  for (const auto& [name, instead] : kOthers) {
    if (search.is_map() && search.has(name)) {
      search.at(name).fail(fmt::format("a sweep has no option `{}`; {}", name, instead));
    }
  }
}

}  // namespace

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
  refuse_automatic(base_node);
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
    refuse_others(search->value);
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
             document.root().at("architecture"),
             {.references = {},
              .estimator = [this](const EstimatorQuestion& q) { return programs_->ask(q); },
              .words = network(values).words()})
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

std::vector<std::string> SweepSpec::remarks() const {
  std::vector<std::string> remarks;
  SpecValue base = base_;
  for (const SweepAxis& axis : axes_) {
    const std::vector<std::string> path = split_path(axis.name);
    if (path.size() != 2 || path[1] != "capacity") {
      continue;
    }
    const SpecValue* element = find_element(base, path[0]);
    std::vector<std::string> fixed;
    for (const char* cost : {"energy", "leakage", "area"}) {
      const std::string place = fmt::format("{}.{}", path[0], cost);
      const bool varies = std::any_of(axes_.begin(), axes_.end(), [&](const SweepAxis& other) {
        return other.name.starts_with(place);
      });
      if (element->find(cost) != nullptr && !varies) {
        fixed.emplace_back(cost);
      }
    }
    if (!fixed.empty()) {
      remarks.push_back(fmt::format(
          "{} varies, but its {} {} given and the same for all; in an architecture of your own a "
          "component class (docs/components.md) lets {} follow",
          axis.name, fmt::join(fixed, ", "), fixed.size() == 1 ? "is" : "are",
          fixed.size() == 1 ? "it" : "them"));
    }
  }
  return remarks;
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
