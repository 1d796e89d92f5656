#include "problems/network_spec.hpp"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

#include "problems/problem_spec.hpp"
#include "spec/error.hpp"

namespace tessera {
namespace {

/// Whether the dimension is the only one of each rank that it stands in, with coefficient 1 or -1:
/// then several items lie side by side and share nothing but what does not depend on it.
bool stands_alone(const Problem& problem, DimensionId dimension) {
  for (const Tensor& tensor : problem.tensors) {
    for (const Rank& rank : tensor.projection.ranks) {
      const bool there = std::any_of(rank.begin(), rank.end(),
                                     [&](const Term& term) { return term.dimension == dimension; });
      if (there && rank.size() > 1) {
        return false;
      }
    }
  }
  return true;
}

DimensionId parse_batch_dimension(const SpecNode& node, const Problem& problem) {
  const std::string name = node.as_string();
  const auto dimension = problem.find_dimension(name);
  if (!dimension) {
    std::vector<std::string> known;
    for (const Dimension& candidate : problem.dimensions) {
      known.push_back(candidate.name);
    }
    node.fail_unknown("dimension", name, known);
  }
  if (!stands_alone(problem, *dimension)) {
    node.fail(
        fmt::format("{} cannot count the items of a batch: it shares a rank with another "
                    "dimension, so items would overlap",
                    name));
  }
  return *dimension;
}

/// Whether a layer can take the output of the layer `before` (none for the first) as its input.
void check_input(const SpecNode& node, const Layer& layer, const Layer* before) {
  if (before == nullptr) {
    node.fail("the first layer has no layer before it");
  }
  const auto inputs =
      std::count_if(layer.problem.tensors.begin(), layer.problem.tensors.end(),
                    [](const Tensor& tensor) { return tensor.kind == TensorKind::inputs; });
  if (inputs != 1) {
    node.fail(
        fmt::format("{} has {} operands of kind `inputs`; expected one, which is the output of {}",
                    layer.problem.name, inputs, before->problem.name));
  }
  if (layer.repeat != before->repeat) {
    node.fail(
        fmt::format("{} is executed {} times, {} before it {} times; expected as many, since "
                    "each execution takes its input from one of that",
                    layer.problem.name, layer.repeat, before->problem.name, before->repeat));
  }
}

/// `before` is the layer before, none for the first.
Layer parse_layer(const SpecNode& node, std::size_t index, const Layer* before,
                  const ProblemFinder& find) {
  if (node.is_scalar()) {
    node.fail(
        fmt::format("expected a layer such as `{{problem: {}}}`, got a text", node.as_string()));
  }
  const auto problem = node.find("problem");
  const auto repeat = node.find("repeat");
  const auto batch = node.find("batch");
  const auto input = node.find("input");
  node.finish();
  if (!problem) {
    node.at("problem");  // fails with the place
  }
  Layer layer;
  if (problem->is_map()) {
    const bool named = problem->has("name");
    layer.problem = parse_problem(*problem);
    if (!named) {
      layer.problem.name = fmt::format("layer{}", index + 1);
    }
  } else {
    layer.problem = find(*problem);
  }
  if (repeat) {
    layer.repeat = repeat->as_integer(1, kMaxRepeat);
  }
  if (batch) {
    layer.batch = parse_batch_dimension(*batch, layer.problem);
  }
  if (input) {
    input->as_choice({"previous"});
    layer.from_previous = true;
    check_input(*input, layer, before);
  }
  return layer;
}

/// `text` with every line but the empty ones indented by `margin`.
std::string indented(std::string_view text, std::size_t margin) {
  std::string out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
    out += std::string(margin, ' ');
    out += text.substr(0, end);
    text.remove_prefix(end);
  }
  return out;
}

}  // namespace

Network parse_network(const SpecNode& node, const ProblemFinder& find) {
  if (node.is_sequence()) {
    node.fail("expected a map with the key `layers`, which has this list, got a list");
  }
  if (node.is_scalar()) {
    node.fail(
        "expected a network, a map with the key `layers`, got a text; one of the library is named "
        "in the command, such as `tessera search s3 resnet50`");
  }
  const auto name = node.find("name");
  const auto batch = node.find("batch");
  node.find("layers");
  node.finish();

  Network network;
  network.name = name ? name->as_name() : "network";
  network.batch = batch ? batch->as_integer(1, kMaxBatch) : 1;
  const SpecNode layers = node.at("layers");
  const std::vector<SpecNode> items = layers.items();
  if (items.empty()) {
    layers.fail("expected at least one layer, such as `- {problem: alexnet.conv1, batch: N}`");
  }
  for (std::size_t i = 0; i < items.size(); ++i) {
    network.layers.push_back(
        parse_layer(items[i], i, network.layers.empty() ? nullptr : &network.layers.back(), find));
    const Layer& layer = network.layers.back();
    if (network.batch > 1 && !layer.batch) {
      items[i].fail(
          fmt::format("the batch is {}, but this layer ({}) does not say which of its "
                      "dimensions counts the items; expected a key such as `batch: {}`",
                      network.batch, layer.problem.name, layer.problem.dimensions.front().name));
    }
    try {
      network.operations(network.batch);
    } catch (const OverflowError&) {
      items[i].fail("the operations of the network up to here exceed 2^63 - 1");
    }
  }
  return network;
}

std::string to_yaml(const Network& network) {
  std::string out =
      fmt::format("network:\n  name: {}\n  batch: {}\n  layers:\n", network.name, network.batch);
  for (const Layer& layer : network.layers) {
    std::string problem = indented(to_yaml(layer.problem), 6);
    problem[4] = '-';
    out += problem;
    out += fmt::format("      repeat: {}\n", layer.repeat);
    if (layer.batch) {
      out += fmt::format("      batch: {}\n", layer.problem.at(*layer.batch).name);
    }
    if (layer.from_previous) {
      out += "      input: previous\n";
    }
  }
  return out;
}

}  // namespace tessera
