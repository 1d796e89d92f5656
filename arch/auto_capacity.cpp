#include "arch/auto_capacity.hpp"

#include <vector>

namespace tessera {
namespace {

bool is_auto(const SpecNode& item) {
  const auto capacity = item.find("capacity");
  return capacity && capacity->is_scalar() && !capacity->is_null() &&
         capacity->as_string() == "auto";
}

}  // namespace

std::size_t count_sizes(const SpecNode& item) {
  if (!item.is_map() || !item.has("memory")) {
    return 0;
  }
  const bool automatic = item.has("capacity") && is_auto(item);
  const auto sizes = item.has("sizes") ? item.find("sizes") : std::nullopt;
  if (!automatic) {
    if (sizes) {
      sizes->fail(
          "`sizes` are those that `capacity: auto` chooses from; write that, or no `sizes`");
    }
    return 0;
  }
  if (!sizes) {
    item.at("capacity")
        .fail(
            "`capacity: auto` needs the sizes to choose from beside it, such as "
            "`sizes: [16 KiB, 32 KiB, 64 KiB]`");
  }
  const std::vector<SpecNode> all = sizes->items();
  if (all.empty()) {
    sizes->fail("expected at least one size, such as [16 KiB, 32 KiB, 64 KiB]");
  }
  double before = 0;
  const bool words = all.front().as_quantity(Measure::data).in_words;
  for (const SpecNode& node : all) {
    const Quantity size = node.as_quantity(Measure::data);
    if (size.in_words != words) {
      node.fail("expected sizes of one kind: all in words, or none");
    }
    if (!(size.value > before)) {
      node.fail("expected sizes above 0 that ascend, the smallest first, none of them twice");
    }
    before = size.value;
  }
  return all.size();
}

std::optional<SpecNode> capacity_node(const SpecNode& item, std::size_t size) {
  const auto capacity = item.find("capacity");
  if (capacity && is_auto(item)) {
    return item.at("sizes").items()[size];
  }
  return capacity;
}

}  // namespace tessera
