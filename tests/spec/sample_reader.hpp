#pragma once

#include "spec/node.hpp"

namespace tessera::test {

/// Reads a document with the keys `integer`, `number`, ... , each by the accessor of that name: the
/// smallest reader that uses all of SpecNode. Throws SpecError as a real one would.
inline void read_sample(const SpecDocument& document) {
  const SpecNode root = document.root();
  if (root.is_null()) {
    return;
  }
  if (const auto node = root.find("integer")) {
    node->as_integer(1, 9'223'372'036'854'775'807);
  }
  if (const auto node = root.find("number")) {
    node->as_number(0, 1);
  }
  if (const auto node = root.find("boolean")) {
    node->as_bool();
  }
  if (const auto node = root.find("name")) {
    node->as_name();
  }
  if (const auto node = root.find("choice")) {
    node->as_choice({"exhaustive", "random", "genetic"});
  }
  if (const auto node = root.find("size")) {
    node->as_quantity(Measure::data);
  }
  if (const auto node = root.find("bandwidth")) {
    node->as_quantity(Measure::bandwidth);
  }
  if (const auto node = root.find("energy")) {
    node->as_quantity(Measure::energy);
  }
  if (const auto node = root.find("time")) {
    node->as_quantity(Measure::time);
  }
  if (const auto node = root.find("map")) {
    if (const auto banks = node->find("banks")) {
      banks->as_integer(1, 64);
      node->at("size").as_integer(1, 64);
    }
    node->find("size");
    node->finish();
  }
  if (const auto node = root.find("list")) {
    for (const SpecNode& item : node->items()) {
      const std::string name = item.as_string();
      if (name != "inputs" && name != "weights" && name != "outputs") {
        item.fail_unknown("tensor kind", name, {"inputs", "weights", "outputs"});
      }
    }
  }
  root.finish();
}

}  // namespace tessera::test
