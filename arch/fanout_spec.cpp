// A fanout of the hierarchy, from and to YAML.

#include <algorithm>
#include <limits>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "arch/architecture_spec.hpp"
#include "arch/element_spec.hpp"

namespace tessera {
namespace {

constexpr std::int64_t kMaxAxisSize = std::numeric_limits<std::int32_t>::max();
constexpr std::int64_t kMaxLatency = std::int64_t{1} << 40;

std::size_t index_of(TensorKind kind) {
  return static_cast<std::size_t>(kind);
}

std::vector<Axis> parse_axes(const SpecNode& node) {
  std::vector<Axis> axes;
  for (const SpecNode::Entry& entry : node.entries()) {
    if (axes.size() == kMaxAxes) {
      entry.key.fail(
          fmt::format("more than {} axes are not supported; split the fanout into two, "
                      "one inside the other",
                      kMaxAxes));
    }
    Axis axis;
    axis.name = parse_element_name(entry.key);
    if (entry.value.is_map()) {
      check_keys(entry.value, {"size", "reuse"}, {});
      axis.size = entry.value.at("size").as_integer(1, kMaxAxisSize);
      if (const auto reuse = entry.value.find("reuse")) {
        axis.reuse = parse_kinds(*reuse);
      }
    } else {
      axis.size = entry.value.as_integer(1, kMaxAxisSize);
    }
    axes.push_back(std::move(axis));
  }
  if (axes.empty()) {
    node.fail("expected at least one axis with its size, such as `{X: 16}`");
  }
  return axes;
}

Multicast parse_multicast(const SpecNode& node) {
  constexpr std::array kChoices = {Multicast::none, Multicast::tile, Multicast::word};
  return kChoices[node.as_choice({"none", "tile", "word"})];
}

std::array<Multicast, 3> parse_multicasts(const SpecNode& node) {
  std::array<Multicast, 3> multicast = Fanout{}.multicast;
  Multicast& inputs = multicast[index_of(TensorKind::inputs)];
  Multicast& weights = multicast[index_of(TensorKind::weights)];
  if (!node.is_map()) {
    inputs = weights = parse_multicast(node);
    return multicast;
  }
  for (const SpecNode::Entry& entry : node.entries()) {
    if (entry.name == "inputs") {
      inputs = parse_multicast(entry.value);
    } else if (entry.name == "weights") {
      weights = parse_multicast(entry.value);
    } else if (entry.name == "outputs") {
      entry.key.fail(
          "outputs are not multicast; whether partial sums are added on the way up is "
          "said by `reduce`");
    } else {
      entry.key.fail_unknown("kind of operand", entry.name, {"inputs", "weights"});
    }
  }
  return multicast;
}

void parse_reduce(const SpecNode& node, Fanout& fanout) {
  if (!node.is_map()) {
    fanout.reduce = node.as_bool();
    return;
  }
  for (const SpecNode::Entry& entry : node.entries()) {
    const auto axis = std::find_if(fanout.axes.begin(), fanout.axes.end(),
                                   [&](const Axis& each) { return each.name == entry.name; });
    if (axis != fanout.axes.end()) {
      axis->reduce = entry.value.as_bool();
    } else if (entry.name == "outputs") {
      fanout.reduce = entry.value.as_bool();
    } else if (entry.name == "inputs" || entry.name == "weights") {
      entry.key.fail(fmt::format("{} are not reduced; how they are shared is said by `multicast`",
                                 entry.name));
    } else {
      std::vector<std::string> known{"outputs"};
      for (const Axis& each : fanout.axes) {
        known.push_back(each.name);
      }
      entry.key.fail_unknown("axis or kind", entry.name, known);
    }
  }
  // One way to say each: an axis speaks for itself only where another one adds.
  fanout.reduce = fanout.reduce && std::any_of(fanout.axes.begin(), fanout.axes.end(),
                                               [](const Axis& axis) { return axis.reduce; });
  if (!fanout.reduce) {
    for (Axis& axis : fanout.axes) {
      axis.reduce = true;
    }
  }
}

double parse_energy(const SpecNode& node, std::string_view of) {
  const Quantity energy = node.as_quantity(Measure::energy);
  if (energy.per != "word") {
    node.fail(
        fmt::format("expected the energy of a fanout per word {}, such as `0.6 pJ/word`", of));
  }
  return energy.value;
}

Bandwidth parse_rate(const SpecNode& node) {
  const Quantity rate = node.as_quantity(Measure::bandwidth);
  if (rate.value <= 0) {
    node.fail("expected a bandwidth above 0; leave it out where it is unbounded");
  }
  const bool cycle = rate.per == "cycle";
  if (rate.in_words) {
    return {rate.value, cycle ? BandwidthUnit::words_per_cycle : BandwidthUnit::words_per_second};
  }
  return {rate.value, cycle ? BandwidthUnit::bits_per_cycle : BandwidthUnit::bits_per_second};
}

NetworkBandwidth parse_bandwidth(const SpecNode& node) {
  NetworkBandwidth bandwidth;
  if (!node.is_map()) {
    bandwidth.shared = parse_rate(node);
    return bandwidth;
  }
  for (const SpecNode::Entry& entry : node.entries()) {
    const auto kind = std::find_if(kTensorKinds.begin(), kTensorKinds.end(),
                                   [&](TensorKind each) { return entry.name == to_string(each); });
    if (kind == kTensorKinds.end()) {
      entry.key.fail_unknown("kind", entry.name, {"inputs", "weights", "outputs"});
    }
    bandwidth.by_kind[index_of(*kind)] = parse_rate(entry.value);
  }
  if (!bandwidth.any()) {
    node.fail(
        "expected a bandwidth for some of `inputs`, `weights`, `outputs`; leave `bandwidth` "
        "out where it is unbounded");
  }
  return bandwidth;
}

/// Hops are those of a mesh.
void check_mesh(const SpecNode& key, const Fanout& fanout) {
  for (const Axis& axis : fanout.axes) {
    if (axis.name != "X" && axis.name != "Y") {
      key.fail(
          fmt::format("`{}` needs a mesh, whose axes are called X and Y, and {} has an axis {}",
                      key.as_string(), fanout.name, axis.name));
    }
  }
}

void parse_network(const SpecNode& node, Fanout& fanout) {
  for (const SpecNode::Entry& entry : node.entries()) {
    if (entry.name == "hop") {
      fanout.hop_pj = parse_energy(entry.value, "and hop");
      check_mesh(entry.key, fanout);
    } else if (entry.name == "router") {
      fanout.router_pj = parse_energy(entry.value, "and router");
      check_mesh(entry.key, fanout);
    } else if (entry.name == "bandwidth") {
      fanout.bandwidth = parse_bandwidth(entry.value);
    } else if (entry.name == "latency") {
      fanout.latency_cycles = entry.value.as_integer(0, kMaxLatency);
    }
  }
}

std::string_view multicast_text(Multicast multicast) {
  switch (multicast) {
    case Multicast::none:
      return "none";
    case Multicast::tile:
      return "tile";
    case Multicast::word:
      return "word";
  }
  return "";
}

std::string multicasts_text(const Fanout& fanout) {
  const Multicast inputs = fanout.multicast[index_of(TensorKind::inputs)];
  const Multicast weights = fanout.multicast[index_of(TensorKind::weights)];
  if (inputs != weights) {
    return fmt::format("      multicast: {{inputs: {}, weights: {}}}\n", multicast_text(inputs),
                       multicast_text(weights));
  }
  return inputs == Multicast::word ? ""
                                   : fmt::format("      multicast: {}\n", multicast_text(inputs));
}

std::string bandwidths_text(const NetworkBandwidth& bandwidth) {
  if (bandwidth.shared) {
    return fmt::format("      bandwidth: {}\n", bandwidth_text(*bandwidth.shared));
  }
  std::vector<std::string> entries;
  for (const TensorKind kind : kTensorKinds) {
    if (const auto& rate = bandwidth.by_kind[index_of(kind)]) {
      entries.push_back(fmt::format("{}: {}", to_string(kind), bandwidth_text(*rate)));
    }
  }
  return entries.empty() ? "" : fmt::format("      bandwidth: {{{}}}\n", fmt::join(entries, ", "));
}

KindSet parse_links(const SpecNode& node) {
  KindSet kinds;
  if (!node.is_map()) {
    if (node.as_bool()) {
      kinds.insert(TensorKind::inputs);
      kinds.insert(TensorKind::weights);
    }
    return kinds;
  }
  for (const SpecNode::Entry& entry : node.entries()) {
    if (entry.name == "outputs") {
      entry.key.fail(
          "outputs are not passed on; whether partial sums are added on the way up is said by "
          "`reduce`");
    }
    if (entry.name != "inputs" && entry.name != "weights") {
      entry.key.fail_unknown("kind of operand", entry.name, {"inputs", "weights"});
    }
    if (entry.value.as_bool()) {
      kinds.insert(entry.name == "inputs" ? TensorKind::inputs : TensorKind::weights);
    }
  }
  return kinds;
}

std::string links_text(KindSet links) {
  const bool inputs = links.contains(TensorKind::inputs);
  const bool weights = links.contains(TensorKind::weights);
  if (inputs && weights) {
    return "      links: true\n";
  }
  return inputs ? "      links: {inputs: true}\n" : weights ? "      links: {weights: true}\n" : "";
}

std::string reduce_text(const Fanout& fanout) {
  if (!fanout.reduce) {
    return "      reduce: false\n";
  }
  std::vector<std::string> apart;
  for (const Axis& axis : fanout.axes) {
    if (!axis.reduce) {
      apart.push_back(axis.name + ": false");
    }
  }
  return apart.empty() ? "" : fmt::format("      reduce: {{{}}}\n", fmt::join(apart, ", "));
}

std::string axes_text(const Fanout& fanout) {
  std::vector<std::string> axes;
  for (const Axis& axis : fanout.axes) {
    axes.push_back(axis.reuse.empty() ? fmt::format("{}: {}", axis.name, axis.size)
                                      : fmt::format("{}: {{size: {}, reuse: {}}}", axis.name,
                                                    axis.size, kinds_text(axis.reuse)));
  }
  return fmt::format("      axes: {{{}}}\n", fmt::join(axes, ", "));
}

}  // namespace

Fanout parse_fanout(const SpecNode& node) {
  check_keys(node,
             {"fanout", "axes", "multicast", "reduce", "links", "systolic", "energy", "hop",
              "router", "bandwidth", "latency", "area"},
             {{"leakage", "give it as `leakage` of the elements inside the fanout"}});
  Fanout fanout;
  fanout.name = parse_element_name(node.at("fanout"));
  fanout.axes = parse_axes(node.at("axes"));
  if (const auto multicast = node.find("multicast")) {
    fanout.multicast = parse_multicasts(*multicast);
  }
  if (const auto reduce = node.find("reduce")) {
    parse_reduce(*reduce, fanout);
  }
  if (const auto links = node.find("links")) {
    fanout.links = parse_links(*links);
  }
  if (const auto systolic = node.find("systolic")) {
    fanout.systolic = systolic->as_bool();
  }
  if (const auto energy = node.find("energy")) {
    fanout.energy_pj = parse_energy(*energy, "delivered to an instance");
  }
  parse_network(node, fanout);
  if (const auto area = node.find("area")) {
    fanout.area_mm2 = parse_area(*area);
  }
  return fanout;
}

std::string element_text(const Fanout& fanout) {
  std::string text = fmt::format("    - fanout: {}\n", fanout.name);
  text += axes_text(fanout) + multicasts_text(fanout);
  text += reduce_text(fanout) + links_text(fanout.links);
  if (fanout.systolic) {
    text += "      systolic: true\n";
  }
  if (fanout.energy_pj) {
    text += fmt::format("      energy: {} pJ/word\n", *fanout.energy_pj);
  }
  if (fanout.hop_pj) {
    text += fmt::format("      hop: {} pJ/word\n", *fanout.hop_pj);
  }
  if (fanout.router_pj) {
    text += fmt::format("      router: {} pJ/word\n", *fanout.router_pj);
  }
  text += bandwidths_text(fanout.bandwidth);
  if (fanout.latency_cycles > 0) {
    text += fmt::format("      latency: {}\n", fanout.latency_cycles);
  }
  return text + area_text(fanout.area_mm2);
}

}  // namespace tessera
