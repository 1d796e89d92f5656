#include "tests/published/scored_case.hpp"

#include <filesystem>
#include <stdexcept>

#include <fmt/format.h>

#include "app/workspace.hpp"
#include "model/evaluate.hpp"

namespace tessera::published {

ScoredCase::ScoredCase(const std::string& architecture, const std::string& folder,
                       const std::string& name) {
  const std::filesystem::path path =
      std::filesystem::path(TESSERA_TEST_DATA) / "published" / folder / (name + ".yaml");
  const Workspace workspace = Workspace::load({architecture, path.string()}, {});
  problem_ = workspace.need_problem();
  architecture_ = workspace.need_architecture();
  evaluation_ = evaluate(problem_, architecture_, workspace.need_mapping());
  if (!evaluation_.feasible()) {
    throw std::runtime_error(fmt::format("{}: does not fit {}", path.string(), architecture));
  }
}

const LevelResult& ScoredCase::level(std::string_view name) const {
  const auto found = architecture_.find(name);
  if (!found) {
    throw std::runtime_error(fmt::format("no element '{}' in {}", name, architecture_.name));
  }
  return evaluation_.levels[found->index()];
}

const TensorTraffic& ScoredCase::traffic(std::string_view memory, std::string_view tensor) const {
  const auto found = problem_.find_tensor(tensor);
  if (!found) {
    throw std::runtime_error(fmt::format("no tensor '{}' in {}", tensor, problem_.name));
  }
  return level(memory).tensors[found->index()];
}

std::int64_t ScoredCase::words(std::string_view memory, std::string_view tensor) const {
  const TensorTraffic& moved = traffic(memory, tensor);
  return moved.reads + moved.fills + moved.updates + moved.drains;
}

std::int64_t ScoredCase::words(std::string_view memory) const {
  std::int64_t sum = 0;
  for (const char* tensor : {"Inputs", "Weights", "Outputs"}) {
    sum += words(memory, tensor);
  }
  return sum;
}

std::int64_t ScoredCase::delivered(std::string_view fanout) const {
  std::int64_t sum = 0;
  for (const std::int64_t words : level(fanout).words) {
    sum += words;
  }
  return sum;
}

}  // namespace tessera::published
