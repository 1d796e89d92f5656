// Timeloop's architectures as trees: `subtree` inside `subtree`, each with `local` components. The
// number of instances stands in the names (`PE[0..15]`), their arrangement in `meshX`.

#include <fmt/format.h>

#include "app/timeloop/architecture_parts.hpp"
#include "app/timeloop/reading.hpp"

namespace tessera {
namespace {

constexpr std::int64_t kMost = INT32_MAX;

struct Mesh {
  std::int64_t x = 1;
  std::int64_t y = 1;
};

class SubtreeReader {
 public:
  explicit SubtreeReader(ArchitectureParts& into) : into_(into) {}

  void read(const SpecNode& node, std::vector<SpecNode> attributes, std::int64_t instances,
            bool is_root) {
    std::string container;
    if (const auto name = node.find("name")) {
      const RangedName ranged = as_ranged_name(*name);
      if (ranged.count > kMost / instances) {
        name->fail(fmt::format("more than {} instances", kMost));
      }
      instances *= ranged.count;
      container = ranged.name;
      if (into_.name == "architecture") {
        into_.name = ranged.name;
      }
    }
    if (const auto own = node.find("attributes"); own && !own->is_null()) {
      attributes.insert(attributes.begin(), *own);
      into_.containers.push_back(*own);
    }
    if (const auto local = node.find("local")) {
      // Memories nest in their order; a compute unit is inside them all, wherever it stands.
      for (const bool compute : {false, true}) {
        for (const SpecNode& item : local->items()) {
          if ((sort_of_item(item) == ComponentSort::compute) == compute) {
            read_component(item, attributes, instances, container);
          }
        }
      }
    }
    const auto subtree = node.find("subtree");
    node.finish();
    if (!subtree) {
      return;
    }
    const std::vector<SpecNode> items = as_list(*subtree);
    if (items.size() > 1) {
      items[1].fail("a tree with several branches is not supported; levels have to form a chain");
    }
    if (is_root && items.empty()) {
      subtree->fail("expected the outermost container");
    }
    for (const SpecNode& item : items) {
      read(item, attributes, instances, false);
    }
  }

 private:
  static ComponentSort sort_of_item(const SpecNode& item) {
    const SpecNode node = item.at("class");
    return sort_of(TimeloopComponent{.node = item,
                                     .name = {},
                                     .class_node = node,
                                     .class_name = node.as_string(),
                                     .attributes = TimeloopAttributes({})});
  }

  void read_component(const SpecNode& node, std::vector<SpecNode> attributes,
                      std::int64_t instances, const std::string& container) {
    const SpecNode name_node = node.at("name");
    const RangedName name = as_ranged_name(name_node);
    if (name.count > kMost / instances) {
      name_node.fail(fmt::format("more than {} instances", kMost));
    }
    instances *= name.count;
    const SpecNode class_node = node.at("class");
    if (const auto own = node.find("attributes"); own && !own->is_null()) {
      attributes.insert(attributes.begin(), *own);
    }
    for (const std::string_view key : {"subclass", "required_actions", "enabled", "area_share"}) {
      node.find(key);  // Accelergy's
    }
    node.finish();
    TimeloopComponent component{.node = name_node,
                                .name = name.name,
                                .class_node = class_node,
                                .class_name = class_node.as_string(),
                                .attributes = TimeloopAttributes(std::move(attributes))};
    if (sort_of(component) == ComponentSort::network) {  // no level, so no mesh
      into_.parts.push_back(std::move(component));
      return;
    }
    const Mesh mesh = read_mesh(component, instances);
    add_fanout(component, mesh, name.count > 1 || container == container_before_ ? "" : container);
    container_before_ = container;
    mesh_ = mesh;
    into_.parts.push_back(std::move(component));
  }

  /// What the next dimension of the mesh is where one is given.
  static Mesh read_mesh(const TimeloopComponent& component, std::int64_t instances) {
    const auto x = component.attributes.find("meshX");
    const auto y = component.attributes.find("meshY");
    Mesh mesh{.x = x ? as_whole(*x, 1, kMost) : 0, .y = y ? as_whole(*y, 1, kMost) : 0};
    if (mesh.x == 0) {
      mesh.x = y ? instances / mesh.y : instances;
    }
    if (mesh.y == 0) {
      mesh.y = instances / mesh.x;
    }
    if (mesh.x * mesh.y != instances) {
      (x   ? *x
       : y ? *y
           : component.node)
          .fail(fmt::format("{} has {} instances, which are no mesh of {} x {}", component.name,
                            instances, mesh.x, mesh.y));
    }
    return mesh;
  }

  void add_fanout(const TimeloopComponent& inner, const Mesh& mesh, const std::string& container) {
    if (mesh.x % mesh_.x != 0 || mesh.y % mesh_.y != 0) {
      inner.node.fail(fmt::format(
          "{} forms a mesh of {} x {} below one of {} x {}, of which it is no multiple; give meshX",
          inner.name, mesh.x, mesh.y, mesh_.x, mesh_.y));
    }
    FanoutPart fanout{.node = inner.node,
                      .name = container.empty() ? inner.name + "_array" : container,
                      .x = mesh.x / mesh_.x,
                      .y = mesh.y / mesh_.y};
    if (const auto* outer = outer_dummy()) {
      // The front end writes a container's fanout as a storage `inter_<container>_spatial` above
      // it.
      constexpr std::string_view kPrefix = "inter_";
      constexpr std::string_view kSuffix = "_spatial";
      if (outer->starts_with(kPrefix) && outer->ends_with(kSuffix) &&
          outer->size() > kPrefix.size() + kSuffix.size()) {
        fanout.name =
            outer->substr(kPrefix.size(), outer->size() - kPrefix.size() - kSuffix.size());
      }
    }
    if (fanout.x > 1 || fanout.y > 1) {
      into_.parts.push_back(std::move(fanout));
    }
  }

  const std::string* outer_dummy() const {
    const auto* outer =
        into_.parts.empty() ? nullptr : std::get_if<TimeloopComponent>(&into_.parts.back());
    return outer != nullptr && outer->class_name == "dummy_storage" ? &outer->name : nullptr;
  }

  ArchitectureParts& into_;
  Mesh mesh_;
  std::string container_before_;
};

}  // namespace

ArchitectureParts read_subtrees(const SpecNode& architecture, const std::vector<SpecNode>& outer) {
  ArchitectureParts parts;
  SubtreeReader(parts).read(architecture, outer, 1, true);
  return parts;
}

}  // namespace tessera
