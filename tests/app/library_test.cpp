#include "app/library.hpp"

#include <cmath>
#include <map>
#include <set>

#include "app/options.hpp"
#include "app/workspace.hpp"
#include "tests/catch_compat.hpp"

using namespace tessera;

TEST_CASE("no two entries of the library share a name, whatever they are") {
  std::set<std::string_view> names;
  for (const LibraryEntry& entry : library()) {
    INFO(entry.name);
    CHECK(names.insert(entry.name).second);
  }
}

TEST_CASE("every entry of the library is read and bears its file's name") {
  for (const LibraryEntry& entry : library()) {
    INFO(entry.name);
    const Workspace workspace = Workspace::load({std::string(entry.name)}, {});
    if (entry.kind == "problem") {
      REQUIRE(workspace.problem.has_value());
      CHECK(workspace.problem->name == entry.name);
    } else if (entry.kind == "network") {
      REQUIRE(workspace.network.has_value());
      CHECK(workspace.network->name == entry.name);
      CHECK(!workspace.network->first_without_batch());
    } else {
      REQUIRE(workspace.architecture.has_value());
      CHECK(workspace.architecture->name == entry.name);
    }
  }
}

TEST_CASE("the networks of the library have the operations that are published") {
  // The figures of the sources that problems/workloads/README.md names, each for the network's own
  // batch.
  const std::map<std::string, std::int64_t> published = {
      {"alexnet", 724'406'816},             // stanford-mast/nn_dataflow
      {"vgg16", 15'470'264'320},            // nn_dataflow
      {"googlenet", 1'582'671'872},         // nn_dataflow
      {"resnet18", 1'814'073'344},          // timeloop-accelergy-exercises
      {"resnet50-v1", 3'857'973'248},       // nn_dataflow
      {"mobilenet-v3-large", 216'589'760},  // timeloop-accelergy-exercises
  };
  for (const auto& [name, operations] : published) {
    INFO(name);
    const Workspace workspace = Workspace::load({name}, {});
    CHECK(workspace.network->operations(workspace.network->batch) == operations);
  }
  const auto rounded_to = [](const std::string& name, double unit) {
    const Workspace workspace = Workspace::load({name}, {});
    return std::llround(
        static_cast<double>(workspace.network->operations(workspace.network->batch)) / unit);
  };
  CHECK(rounded_to("resnet50", 1e7) == 409);        // torchvision: 4.09 G
  CHECK(rounded_to("mobilenet-v1", 1e6) == 569);    // Howard et al. 2017: 569 M
  CHECK(rounded_to("mobilenet-v2", 1e7) == 30);     // Sandler et al. 2018: 300 M
  CHECK(rounded_to("efficientnet-b0", 1e7) == 39);  // Tan and Le 2019: 0.39 G
  CHECK(rounded_to("vit-b16", 1e7) == 1756);        // torchvision: 17.56 G
}

TEST_CASE("a batch multiplies the operations of every network of the library") {
  for (const LibraryEntry& entry : library()) {
    if (entry.kind == "network") {
      INFO(entry.name);
      const Network network = *Workspace::load({std::string(entry.name)}, {}).network;
      CHECK(network.operations(7) == 7 * network.operations(1));
    }
  }
}
