#include "arch/architecture.hpp"

namespace tessera {

std::int64_t Fanout::instances() const {
  std::int64_t product = 1;
  for (const Axis& axis : axes) {
    product *= axis.size;
  }
  return product;
}

std::optional<LevelId> Architecture::find(std::string_view element_name) const {
  for (std::size_t i = 0; i < hierarchy.size(); ++i) {
    if (name_of(LevelId(i)) == element_name) {
      return LevelId(i);
    }
  }
  return std::nullopt;
}

const std::string& Architecture::name_of(LevelId level) const {
  return std::visit([](const auto& element) -> const std::string& { return element.name; },
                    hierarchy[level.index()]);
}

std::int64_t Architecture::instances(LevelId level) const {
  std::int64_t product = 1;
  for (std::size_t i = 0; i < level.index(); ++i) {
    if (const auto* outer = std::get_if<Fanout>(&hierarchy[i])) {
      product *= outer->instances();
    }
  }
  return product;
}

}  // namespace tessera
