#include "app/network_layer.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "app/errors.hpp"
#include "spec/node.hpp"

namespace tessera {

namespace {

/// The layers of this name.
std::vector<std::size_t> layers_called(const Network& network, const std::string& name) {
  std::vector<std::size_t> layers;
  for (std::size_t l = 0; l < network.layers.size(); ++l) {
    if (network.layers[l].problem.name == name) {
      layers.push_back(l);
    }
  }
  return layers;
}

/// A place from 1 to the number of layers, as an index.
std::optional<std::size_t> place_from(const Network& network, const std::string& text) {
  std::size_t place = 0;
  const auto end = std::from_chars(text.data(), text.data() + text.size(), place);
  const bool whole = end.ec == std::errc() && end.ptr == text.data() + text.size();
  return whole && place >= 1 && place <= network.layers.size() ? std::optional(place - 1)
                                                               : std::nullopt;
}

bool equal_problems(const Network& network, const std::vector<std::size_t>& layers) {
  const Problem& first = network.layers[layers.front()].problem;
  return std::all_of(layers.begin(), layers.end(), [&](std::size_t l) {
    const Problem& problem = network.layers[l].problem;
    return problem.dimensions == first.dimensions && problem.tensors == first.tensors;
  });
}

[[noreturn]] void fail_unknown_layer(const Network& network, const std::string& name) {
  std::vector<std::string> known;
  for (const Layer& layer : network.layers) {
    if (std::find(known.begin(), known.end(), layer.problem.name) == known.end()) {
      known.push_back(layer.problem.name);
    }
  }
  const auto near = nearest_name(name, known);
  constexpr std::size_t kMostShown = 12;
  const bool more = known.size() > kMostShown;
  known.resize(std::min(known.size(), kMostShown));
  throw UsageError(fmt::format(
      "--layer: {} has no layer '{}'{}\nIts layers are {}{} (or their places, 1 to {}).",
      network.name, name, near ? fmt::format(" (did you mean '{}'?)", *near) : "",
      fmt::join(known, ", "), more ? ", ..." : "", network.layers.size()));
}

std::size_t find_layer(const Network& network, const std::string& name) {
  std::vector<std::size_t> called = layers_called(network, name);
  if (called.empty()) {  // layers that are named after their network
    called = layers_called(network, network.name + "." + name);
  }
  if (called.empty()) {
    const auto place = place_from(network, name);
    if (!place) {
      fail_unknown_layer(network, name);
    }
    return *place;
  }
  if (!equal_problems(network, called)) {
    std::vector<std::size_t> places;
    for (const std::size_t l : called) {
      places.push_back(l + 1);
    }
    throw UsageError(fmt::format(
        "--layer: {} has several different layers called '{}'; give the place of one of them: {}",
        network.name, name, fmt::join(places, ", ")));
  }
  return called.front();
}

std::int64_t batch_of(const Network& network, std::size_t layer, const OptionValues& values) {
  if (!values.given("batch")) {
    return network.batch;
  }
  const std::vector<std::uint64_t> batches = values.integers("batch");
  if (batches.size() > 1) {
    throw UsageError("--batch: a layer is searched at one batch, got several");
  }
  if (batches.front() > 1 && !network.layers[layer].batch) {
    throw UsageError(fmt::format(
        "--batch: the layer {} does not say which of its dimensions counts the items of a batch, "
        "so the batch can only be 1: add `batch: <dimension>` to it",
        network.layers[layer].problem.name));
  }
  return static_cast<std::int64_t>(batches.front());
}

}  // namespace

std::string layer_argument(const Network& network, std::size_t layer) {
  const std::string& name = network.layers[layer].problem.name;
  return equal_problems(network, layers_called(network, name)) ? name : std::to_string(layer + 1);
}

void take_layer(Workspace& workspace, const OptionValues& values) {
  if (!workspace.network) {
    throw UsageError("--layer is for networks: it names one of their layers");
  }
  const Network network = std::move(*workspace.network);
  workspace.network.reset();
  const std::size_t layer = find_layer(network, values.text("layer"));
  workspace.problem = at_batch(network.layers[layer], batch_of(network, layer, values));
  if (!workspace.layer_constraints.empty()) {
    workspace.constraints = workspace.layer_constraints[layer];
    workspace.layer_constraints.clear();
  }
}

}  // namespace tessera
