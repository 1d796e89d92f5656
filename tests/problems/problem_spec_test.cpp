#include "problems/problem_spec.hpp"

#include "problems/operation.hpp"
#include "tests/catch_compat.hpp"
#include "tests/problems/random_problem.hpp"
#include "tests/spec_text.hpp"

namespace tessera {
namespace {

using test::error_of;
using test::read_problem;

Problem read_operation(const std::string& operation) {
  return read_problem("problem:\n  dimensions: {K: 4, P: 6, R: 3}\n  operation: " + operation +
                      "\n");
}

/// The column of the caret in the last line of an error's text.
std::size_t caret_column(const std::string& text) {
  return text.find('^') - text.rfind('\n', text.find('^')) - 1;
}

TEST_CASE("The convolution of the design reads as written", "[problems]") {
  const Problem problem = read_problem(R"(
problem:
  name: resnet50.conv3_x.3x3
  dimensions: {N: 1, K: 128, C: 128, P: 28, Q: 28, R: 3, S: 3}
  # one assignment says tensors, roles and projections; coefficients are allowed
  operation: Outputs[N,K,P,Q] += Inputs[N, C, P + R, Q + S] * Weights[K,C,R,S]
  bits: {Inputs: 8, Weights: 8, Outputs: 24, Outputs.final: 8}   # a word's last drain is final
  density: {Weights: 0.4}                         # optional
)");
  CHECK(problem.name == "resnet50.conv3_x.3x3");
  CHECK(problem.operations() == 128 * 128 * 28 * 28 * 9);
  REQUIRE(problem.tensors.size() == 3);
  const Tensor& outputs = problem.at(kOutput);
  CHECK(outputs.name == "Outputs");
  CHECK(outputs.role == TensorRole::output);
  CHECK(outputs.kind == TensorKind::outputs);
  CHECK(outputs.bits == 24);
  CHECK(outputs.final_bits == 8);
  const Tensor& inputs = problem.tensors[1];
  CHECK(inputs.kind == TensorKind::inputs);
  CHECK(inputs.final_bits == 8);
  const Rank window = {{*problem.find_dimension("P"), 1}, {*problem.find_dimension("R"), 1}};
  CHECK(inputs.projection.ranks[2] == window);
  const Tensor& weights = problem.tensors[2];
  CHECK(weights.kind == TensorKind::weights);
  CHECK(weights.density == 0.4);
}

TEST_CASE("Coefficients stand on either side, carry signs and add up", "[problems]") {
  const DimensionId p(1);
  const DimensionId r(2);
  const auto index = [](const std::string& text) {
    return read_operation("Out[K] += In[" + text + "] * W[K,P,R]").tensors[1].projection.ranks[0];
  };
  CHECK(index("2*P + R") == Rank{{p, 2}, {r, 1}});
  CHECK(index("P*2 + 3 * R") == Rank{{p, 2}, {r, 3}});
  CHECK(index("P - R") == Rank{{p, 1}, {r, -1}});
  CHECK(index("-2*P+R") == Rank{{p, -2}, {r, 1}});
  CHECK(index("+P + R + P") == Rank{{p, 2}, {r, 1}});
}

TEST_CASE("A scalar has empty brackets and a single operand is an input", "[problems]") {
  const Problem problem =
      read_problem("problem:\n  dimensions: {M: 8}\n  operation: Sum[] += Values[M]\n");
  CHECK(problem.name == "problem");
  CHECK(problem.at(kOutput).projection.ranks.empty());
  CHECK(problem.tensors[1].kind == TensorKind::inputs);
  CHECK(problem.tensors[1].bits == 16);
}

TEST_CASE("Kinds may be given, and one number of bits is for all tensors", "[problems]") {
  const Problem problem = read_problem(
      "problem:\n  dimensions: {M: 8, N: 4, K: 2}\n  operation: C[M,N] += A[M,K] * B[K,N]\n"
      "  bits: 8\n  kinds: {A: weights, B: inputs}\n");
  CHECK(problem.tensors[1].kind == TensorKind::weights);
  CHECK(problem.tensors[2].kind == TensorKind::inputs);
  CHECK(problem.at(kOutput).bits == 8);
  CHECK(problem.at(kOutput).final_bits == 8);
}

TEST_CASE("The caret stands at the very character of the operation", "[problems]") {
  const std::string prefix = "  operation: ";
  const auto caret_after = [&](const std::string& good, const std::string& bad) {
    const std::string text = error_of([&] { read_operation(good + bad); });
    INFO(good + bad << "\n" << text);
    REQUIRE(!text.empty());
    // The line is shown as it stands in the file.
    CHECK(caret_column(text) - text.find(prefix, text.find('\n')) + text.find('\n') + 1 ==
          prefix.size() + good.size());
  };
  caret_after("Out[K] ", "= In[P]");
  caret_after("Out[K] += In[P, ", "Z]");
  caret_after("Out[K] += In[P, ", "0*R]");
  caret_after("Out[K] += In[P, ", "2 + R]");
  caret_after("Out[K] += In[P, 2", "R]");
  caret_after("Out[K] += In[P, R", "; K]");
  caret_after("Out[K] += In[P", "");
  caret_after("Out[K] += In[P, R] ", "/ W[K]");
  caret_after("Out[K] += In[P, R] * ", "Out[K]");
  caret_after("Out[K] += In[P, P*", "R]");
  caret_after("Out[K] += In[P, R + ", "P]");
  caret_after("Out[K] += In[", "P - P + R]");
  caret_after("Out[K] += ", "weights[P, R]");
  caret_after("Out[K] += In", "(P, R)");
  caret_after("Out[K] += In[P, R] *", "");
}

TEST_CASE("What does not fit in 63 bits is refused", "[problems]") {
  const std::string huge = "1099511627776";
  CHECK_THAT(error_of([&] {
               read_problem("problem:\n  dimensions: {A: " + huge + ", B: " + huge +
                            "}\n  operation: X[A] += Y[B]\n");
             }),
             ContainsText("problem.dimensions.B: the product of the bounds"));
  CHECK_THAT(error_of([&] {
               read_problem("problem:\n  dimensions: {A: " + huge +
                            ", B: 4}\n  operation: X[] += Y[2147483648*A + B] * Z[]\n");
             }),
             ContainsText("Y spans more than 2^63 - 1 words"));
}

TEST_CASE("A tensor slides along dimensions that share a rank, bounds of 1 apart", "[problems]") {
  const Problem problem = read_problem(
      "problem:\n  dimensions: {C: 2, P: 6, R: 3, S: 1, Q: 4}\n"
      "  operation: O[C,P,Q] += I[C,P+2*R,Q+S] * W[C,R,S]\n");
  const DimensionSet sliding = sliding_dimensions(problem, TensorId(1));
  CHECK(problem.tensors[1].name == "I");
  for (std::size_t d = 0; d < problem.dimensions.size(); ++d) {
    const std::string& name = problem.dimensions[d].name;
    CHECK(sliding.contains(DimensionId(d)) == (name == "P" || name == "R"));
  }
  CHECK(sliding_dimensions(problem, kOutput).empty());
  CHECK(count_sliding_tensors(problem) == 1);
}

TEST_CASE("Any problem reads back as it was written", "[problems]") {
  test::RandomSource random(1);
  for (int i = 0; i < 2000; ++i) {
    const Problem problem = test::random_problem(random);
    const std::string text = to_yaml(problem);
    INFO(text);
    const Problem again = read_problem(text);
    REQUIRE(again == problem);
    REQUIRE(to_yaml(again) == text);
  }
}

}  // namespace
}  // namespace tessera
