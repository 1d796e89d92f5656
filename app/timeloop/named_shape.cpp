#include "app/timeloop/named_shape.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace tessera {
namespace {

/// Shapes that come with Timeloop and are meant where a problem gives a name for its shape: facts
/// of its folder problem-shapes.
struct NamedShape {
  std::string_view name;
  std::string_view other_name;
  std::string_view text;
};
constexpr NamedShape kNamedShapes[] = {
    {"cnn-layer", "cnn_layer", R"(
name: CNN-Layer
dimensions: [R, S, P, Q, C, K, N]
coefficients:
- {name: Wstride, default: 1}
- {name: Hstride, default: 1}
- {name: Wdilation, default: 1}
- {name: Hdilation, default: 1}
data_spaces:
- {name: Weights, projection: [[[C]], [[K]], [[R]], [[S]]]}
- name: Inputs
  projection: [[[N]], [[C]], [[R, Wdilation], [P, Wstride]], [[S, Hdilation], [Q, Hstride]]]
- {name: Outputs, projection: [[[N]], [[K]], [[Q]], [[P]]], read_write: True}
)"},
    {"gemm-ABZ", "gemm_ABZ", R"(
name: gemm-ABZ
dimensions: [M, N, K]
data_spaces:
- {name: A, projection: [[[M]], [[K]]]}
- {name: B, projection: [[[N]], [[K]]]}
- {name: Z, projection: [[[M]], [[N]]], read_write: True}
)"},
};

}  // namespace

SpecDocument named_shape(const SpecNode& node) {
  std::string name = node.as_string();
  if (name.ends_with(".yaml")) {
    name.resize(name.size() - 5);
  }
  std::vector<std::string> known;
  for (const NamedShape& shape : kNamedShapes) {
    if (name == shape.name || name == shape.other_name) {
      return SpecDocument::parse(std::string(shape.name), std::string(shape.text));
    }
    known.emplace_back(shape.name);
  }
  node.fail_unknown("shape", name, known);
}

}  // namespace tessera
