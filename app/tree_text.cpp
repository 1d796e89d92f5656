#include "app/tree_text.hpp"

#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "app/numbers.hpp"

namespace tessera {
namespace {

/// `; dropped: 12 beaten`, without what never happened.
std::string ended(std::string_view how,
                  const std::vector<std::pair<std::uint64_t, std::string_view>>& counts) {
  std::vector<std::string> texts;
  for (const auto& [count, what] : counts) {
    if (count > 0) {
      texts.push_back(fmt::format("{} {}", grouped(count), what));
    }
  }
  return texts.empty() ? "" : fmt::format("; {}: {}", how, fmt::join(texts, ", "));
}

}  // namespace

std::vector<std::string> tree_texts(const TreeStatistics& tree) {
  std::vector<std::string> lines = {
      grouped(tree.forms) + " normal forms" +
      ended("dropped", {{tree.mirror_images, "more that mirror these"},
                        {tree.forms_by_bound, "by their bound"},
                        {tree.forms_without_options, "without options"},
                        {tree.forms_by_sweeps, "that differ only in what sweeps"}})};
  if (tree.options > 0) {
    lines.push_back(grouped(tree.options) + " options of dimension groups" +
                    ended("dropped", {{tree.options_cut, "too large or dear"},
                                      {tree.options_beaten, "beaten by others"}}));
  }
  lines.push_back(
      grouped(tree.nodes) + " nodes" +
      ended("cut", {{tree.cut_by_bound, "by the bound"}, {tree.cut_by_size, "too large"}}));
  return lines;
}

nlohmann::ordered_json tree_json(const std::optional<TreeStatistics>& tree) {
  nlohmann::ordered_json json;  // null
  if (tree) {
    for (const auto& [name, count] : TreeStatistics::counts()) {
      json[std::string(name)] = (*tree).*count;
    }
  }
  return json;
}

}  // namespace tessera
