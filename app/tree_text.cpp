#include "app/tree_text.hpp"

#include <string>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/numbers.hpp"

namespace tessera {

std::vector<std::string> tree_texts(const TreeStatistics& tree) {
  return {fmt::format("{} normal forms, {} nodes; cut: {} by the bound, {} too large",
                      grouped(tree.forms), grouped(tree.nodes), grouped(tree.cut_by_bound),
                      grouped(tree.cut_by_size))};
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
