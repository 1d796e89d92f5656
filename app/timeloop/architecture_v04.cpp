// Timeloop's architectures as lists: `nodes` with the tags !Container, !Component, !Parallel, each
// node inside those before it. `spatial` makes several of a node and of all after it.

#include <fmt/format.h>

#include "app/timeloop/architecture_parts.hpp"
#include "app/timeloop/reading.hpp"

namespace tessera {
namespace {

constexpr std::int64_t kMost = INT32_MAX;

class NodeReader {
 public:
  NodeReader(ArchitectureParts& into, std::vector<SpecNode> attributes)
      : into_(into), attributes_(std::move(attributes)) {}

  void read(const SpecNode& list, bool parallel) {
    for (const SpecNode& node : list.items()) {
      read_node(node, parallel);
    }
  }

 private:
  void read_node(const SpecNode& node, bool parallel) {
    const std::string& tag = node.tag();
    if (tag == "!Nothing") {
      return;
    }
    if (tag == "!Parallel" || tag == "!Hierarchical" || tag == "!Pipelined") {
      const auto nodes = node.find("nodes");
      node.finish();
      if (nodes) {
        read(*nodes, tag == "!Parallel");
      }
      return;
    }
    if (tag != "!Container" && tag != "!Component") {
      node.fail(tag.empty()
                    ? "expected a tag before this node: !Component, !Container, !Parallel, "
                      "!Hierarchical or !Nothing"
                    : fmt::format("unknown tag '{}' (known: !Component, !Container, !Parallel, "
                                  "!Hierarchical, !Nothing)",
                                  tag));
    }
    if (tag == "!Container") {
      read_container(node, parallel);
    } else {
      read_component(node, parallel);
    }
  }

  void read_container(const SpecNode& node, bool parallel) {
    const SpecNode name_node = node.at("name");
    const RangedName name = as_ranged_name(name_node);
    if (into_.name == "architecture") {
      into_.name = name.name;
    }
    if (name.count > 1) {
      name_node.fail("expected a name without a range; `spatial` says how many there are");
    }
    if (parallel) {
      name_node.fail("a container inside !Parallel is not supported");
    }
    if (const auto own = node.find("attributes"); own && !own->is_null()) {
      attributes_.insert(attributes_.begin(), *own);
      into_.containers.push_back(*own);
    }
    if (const auto networks = node.find("networks")) {
      networks->fail("networks of their own are not supported");
    }
    read_spatial(node, name_node, name.name);
    read_rest(node, name.name, parallel);
  }

  void read_component(const SpecNode& node, bool parallel) {
    const SpecNode name_node = node.at("name");
    const RangedName name = as_ranged_name(name_node);
    if (name.count > 1) {
      name_node.fail("expected a name without a range; `spatial` says how many there are");
    }
    const SpecNode class_node = node.at("class");
    std::vector<SpecNode> attributes = attributes_;
    if (const auto own = node.find("attributes"); own && !own->is_null()) {
      attributes.insert(attributes.begin(), *own);
    }
    bool enabled = true;
    if (const auto flag = node.find("enabled")) {
      enabled = as_flag(*flag);
    }
    for (const std::string_view key : {"subclass", "required_actions", "area_share"}) {
      node.find(key);  // Accelergy's
    }
    if (enabled) {
      const bool spatial = read_spatial(node, name_node, "inter_" + name.name + "_spatial");
      if (spatial && parallel) {
        name_node.fail("a component with a fanout inside !Parallel is not supported");
      }
      into_.parts.push_back(
          TimeloopComponent{.node = name_node,
                            .name = name.name,
                            .class_node = class_node,
                            .class_name = class_node.as_string(),
                            .attributes = TimeloopAttributes(std::move(attributes))});
    } else {
      node.find("spatial");
    }
    read_rest(node, name.name, parallel);
  }

  bool read_spatial(const SpecNode& node, const SpecNode& name_node, const std::string& fanout) {
    const auto spatial = node.find("spatial");
    if (!spatial || spatial->is_null()) {
      return false;
    }
    const auto x = spatial->find("meshX");
    const auto y = spatial->find("meshY");
    spatial->finish();
    FanoutPart part{.node = name_node,
                    .name = fanout,
                    .x = x ? as_whole(*x, 1, kMost) : 1,
                    .y = y ? as_whole(*y, 1, kMost) : 1};
    if (part.x == 1 && part.y == 1) {
      return false;
    }
    into_.parts.push_back(std::move(part));
    return true;
  }

  void read_rest(const SpecNode& node, const std::string& name, bool parallel) {
    if (const auto constraints = node.find("constraints"); constraints && !constraints->is_null()) {
      into_.constraints.push_back({.target = name, .node = *constraints, .parallel = parallel});
    }
    if (const auto sparse = find_key(node, "sparse_optimizations"); sparse && !sparse->is_null()) {
      sparse->fail(
          "sparse optimizations are not modelled; remove them to evaluate the dense machine");
    }
    node.finish();
  }

  ArchitectureParts& into_;
  std::vector<SpecNode> attributes_;  ///< of the containers so far, inner before outer
};

}  // namespace

ArchitectureParts read_nodes(const SpecNode& architecture, const std::vector<SpecNode>& outer) {
  ArchitectureParts parts;
  const SpecNode nodes = architecture.at("nodes");
  architecture.finish();
  NodeReader(parts, outer).read(nodes, false);
  return parts;
}

}  // namespace tessera
