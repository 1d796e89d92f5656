#include "app/distribution_report.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/numbers.hpp"
#include "app/text_table.hpp"

namespace tessera {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::array<double, 7> kShares = {0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99};
constexpr std::size_t kBins = 16;
constexpr std::size_t kLongestBar = 40;

/// A value of an objective for reading, with its unit.
std::string value_text(const Objective& objective, double value) {
  constexpr int kDigits = 4;
  switch (objective) {
    case Objective::energy:
      return with_si_prefix(value * 1e-12, "J", kDigits);
    case Objective::power:
      return with_si_prefix(value, "W", kDigits);
    case Objective::latency:
    case Objective::dram_words:
      return value < 1e15 ? grouped(static_cast<std::uint64_t>(value)) : rounded(value, kDigits);
    case Objective::area:
    case Objective::edp:
    case Objective::formula:
      break;
  }
  return rounded(value, kDigits);
}

std::string name_text(const Objective& objective) {
  switch (objective) {
    case Objective::latency:
      return "latency (cycles)";
    case Objective::area:
      return "area (mm2)";
    case Objective::edp:
      return "edp (J*s)";
    case Objective::energy:
    case Objective::power:
    case Objective::dram_words:
    case Objective::formula:
      break;
  }
  return std::string(to_string(objective));
}

bool empty(const SearchResult& result) {
  return result.distributions.empty() || result.distributions.front().count() == 0;
}

std::string histogram_text(const Objective& objective, const Distribution& values) {
  using Align = TextTable::Align;
  const std::vector<Distribution::Bin> bins = values.histogram(kBins);
  std::uint64_t most = 0;
  for (const Distribution::Bin& bin : bins) {
    most = std::max(most, bin.count);
  }
  TextTable table({{fmt::format("{} from", name_text(objective))},
                   {"below"},
                   {"mappings"},
                   {"share"},
                   {"", Align::left}});
  for (const Distribution::Bin& bin : bins) {
    const double part = static_cast<double>(bin.count) / static_cast<double>(most);
    auto length = static_cast<std::size_t>(part * static_cast<double>(kLongestBar) + 0.5);
    length = bin.count > 0 ? std::max<std::size_t>(length, 1) : 0;
    table.add({value_text(objective, bin.from), value_text(objective, bin.to), grouped(bin.count),
               percent(static_cast<double>(bin.count) / static_cast<double>(values.count())),
               std::string(length, '#')});
  }
  return table.text();
}

}  // namespace

nlohmann::ordered_json distributions_json(const SearchOptions& options,
                                          const SearchResult& result) {
  if (empty(result)) {
    return nullptr;
  }
  Json all = Json::array();
  for (std::size_t o = 0; o < result.distributions.size(); ++o) {
    const Distribution& values = result.distributions[o];
    Json quantiles = Json::object();
    for (const double share : kShares) {
      quantiles[rounded(share, 2)] = values.quantile(share);
    }
    Json histogram = Json::array();
    for (const Distribution::Bin& bin : values.histogram(kBins)) {
      histogram.push_back({{"from", bin.from}, {"to", bin.to}, {"count", bin.count}});
    }
    all.push_back({{"objective", to_string(options.objectives[o])},
                   {"count", values.count()},
                   {"least", values.least()},
                   {"greatest", values.greatest()},
                   {"quantiles", quantiles},
                   {"histogram", histogram}});
  }
  return all;
}

std::string distributions_text(const SearchOptions& options, const SearchResult& result) {
  if (empty(result)) {
    return "";
  }
  std::vector<TextTable::Column> columns = {{"objective", TextTable::Align::left}, {"least"}};
  for (const double share : kShares) {
    columns.push_back({percent(share)});
  }
  columns.push_back({"greatest"});
  TextTable table(std::move(columns));
  std::string histograms;
  for (std::size_t o = 0; o < result.distributions.size(); ++o) {
    const Objective& objective = options.objectives[o];
    const Distribution& values = result.distributions[o];
    std::vector<std::string> cells = {name_text(objective), value_text(objective, values.least())};
    for (const double share : kShares) {
      cells.push_back(value_text(objective, values.quantile(share)));
    }
    cells.push_back(value_text(objective, values.greatest()));
    table.add(std::move(cells));
    histograms += fmt::format("\n{}", histogram_text(objective, values));
  }
  return fmt::format(
             "The space, as {} legal mappings of {} uniform draws show it: the value that a share "
             "of them does not pass (to 0.4 %).\n",
             grouped(result.feasible), grouped(result.evaluated)) +
         table.text() + histograms;
}

}  // namespace tessera
