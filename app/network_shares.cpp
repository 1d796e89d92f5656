#include "app/network_shares.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace tessera {

double by_item(double value, const NetworkRun& run) {
  return value / static_cast<double>(run.tasks.batch);
}

std::string choices_text(const std::vector<NetworkChoice>& choices) {
  std::string text;
  for (const NetworkChoice& choice : choices) {
    text += fmt::format("{}{}", text.empty() ? "" : "+", choice.point + 1);
    if (choices.size() > 1 && choice.count > 1) {
      text += fmt::format("x{}", choice.count);
    }
  }
  return text;
}

std::int64_t executions_of(const Network& network) {
  std::int64_t sum = 0;
  for (const Layer& layer : network.layers) {
    sum += layer.repeat;
  }
  return sum;
}

std::vector<LayerShare> shares_of(const NetworkReport& report, const NetworkRun& run,
                                  const NetworkPoint& point) {
  std::vector<std::vector<NetworkChoice>> left = point.choices;
  std::vector<LayerShare> shares;
  for (std::size_t l = 0; l < report.network.layers.size(); ++l) {
    std::int64_t needed = report.network.layers[l].repeat;
    LayerShare& share = shares.emplace_back();
    for (std::size_t task = 0; task < left.size(); ++task) {
      if (!run.tasks.serves(task, l)) {
        continue;
      }
      std::vector<NetworkChoice> used;
      for (NetworkChoice& choice : left[task]) {
        const std::int64_t count = std::min(needed, choice.count);
        if (count == 0) {
          continue;
        }
        choice.count -= count;
        needed -= count;
        used.push_back({choice.point, count});
        const Evaluation& e = run.results[task].evaluations[choice.point];
        share.operations += e.operations * count;
        share.cycles += e.cycles * count;
        share.dram_words += e.dram_words * count;
        share.energy_pj += e.energy_pj * static_cast<double>(count);
        if (share.bottleneck.empty()) {
          share.bottleneck = report.architecture.name_of(e.bottleneck);
        }
      }
      if (!used.empty()) {
        share.choices.emplace_back(task, std::move(used));
      }
    }
  }
  return shares;
}

std::size_t best_point(const NetworkFront& front) {
  const auto least = std::min_element(front.points.begin(), front.points.end(),
                                      [](const NetworkPoint& a, const NetworkPoint& b) {
                                        return a.total.edp_js() < b.total.edp_js();
                                      });
  return static_cast<std::size_t>(least - front.points.begin());
}

}  // namespace tessera
