#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "app/network_report.hpp"

namespace tessera {

// What the reports of a network have in common.

/// What one layer needs in one point of the front, all its executions together.
struct LayerShare {
  /// By task that executions of the layer use (of several by what they keep on chip): the points.
  std::vector<std::pair<std::size_t, std::vector<NetworkChoice>>> choices;
  std::int64_t operations = 0;
  std::int64_t cycles = 0;
  std::int64_t dram_words = 0;
  double energy_pj = 0;
  std::string bottleneck;  ///< of its first choice
};

/// The shares of the layers, in their order. The executions of a task are dealt out to its layers
/// in their order, those with the lower points first.
std::vector<LayerShare> shares_of(const NetworkReport& report, const NetworkRun& run,
                                  const NetworkPoint& point);

/// Points are numbered from 1: `2` where it is used every time, `1x3+4` for point 1 three times and
/// point 4 once.
std::string choices_text(const std::vector<NetworkChoice>& choices);
/// A figure of the whole batch, of one item.
double by_item(double value, const NetworkRun& run);
std::int64_t executions_of(const Network& network);

}  // namespace tessera
