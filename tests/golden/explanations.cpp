#include "tests/golden/explanations.hpp"

#include <cmath>
#include <fstream>
#include <set>
#include <sstream>
#include <vector>

#include <fmt/format.h>

#include "tests/catch_compat.hpp"

namespace tessera::golden {

namespace {

bool is_derived(const std::string& quantity) {
  return quantity == "energy_pJ" || quantity.ends_with("cycles") || quantity == "utilization_pct";
}

}  // namespace

std::string Explanations::Tally::text() const {
  return fmt::format("{} equal, {} explained ({:.2f} % equal)", equal, explained,
                     100 * static_cast<double>(equal) / static_cast<double>(equal + explained));
}

Explanations::Explanations(const std::filesystem::path& path) {
  std::ifstream stream(path);
  REQUIRE(stream.is_open());
  std::string line;
  std::set<std::string> rules;
  bool heading = true;
  while (std::getline(stream, line)) {
    if (line.empty() || line[0] == '#') {
      std::istringstream words(line);
      std::string sign, rule;
      words >> sign >> rule;
      rules.insert(rule);
      continue;
    }
    if (heading) {
      REQUIRE(line == "case,where,tensor,quantity,rule,timeloop,tessera");
      heading = false;
      continue;
    }
    std::vector<std::string> cells;
    std::istringstream parts(line);
    for (std::string cell; std::getline(parts, cell, ',');) {
      cells.push_back(cell);
    }
    INFO(line);
    REQUIRE(cells.size() == 7);
    REQUIRE(rules.contains(cells[4]));
    const std::string key = fmt::format("{},{},{},{}", cells[0], cells[1], cells[2], cells[3]);
    const bool is_new = lines_
                            .emplace(key, Line{.rule = cells[4],
                                               .theirs = std::stod(cells[5]),
                                               .ours = std::stod(cells[6])})
                            .second;
    REQUIRE(is_new);
  }
}

void Explanations::judge(const std::string& name, const Comparison& comparison) {
  const std::string key =
      fmt::format("{},{},{},{}", name, comparison.where, comparison.tensor, comparison.quantity);
  const auto found = lines_.find(key);
  Tally& tally = is_derived(comparison.quantity) ? derived_ : counts_;
  if (comparison.equal && found == lines_.end()) {
    ++tally.equal;
    return;
  }
  if (!comparison.equal && found != lines_.end() && found->second.theirs == comparison.theirs &&
      std::abs(found->second.ours - comparison.ours) <= 1e-6 * std::abs(comparison.ours)) {
    found->second.met = true;
    ++tally.explained;
    return;
  }
  unexplained_ += fmt::format("{},RULE,{},{}\n", key, comparison.theirs, comparison.ours);
}

std::string Explanations::faults() const {
  std::string text = unexplained_;
  for (const auto& [key, line] : lines_) {
    if (!line.met) {
      text += fmt::format("# explained, but not met: {}\n", key);
    }
  }
  return text;
}

}  // namespace tessera::golden
