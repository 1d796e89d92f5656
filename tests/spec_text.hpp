#pragma once

#include <string>

#include "arch/architecture_spec.hpp"
#include "mapper/constraints_spec.hpp"
#include "mapper/mapping_spec.hpp"
#include "problems/network_spec.hpp"
#include "problems/problem_spec.hpp"
#include "spec/node.hpp"

namespace tessera::test {

// Each reads the one section that a test is about from a text; faults are in "test.yaml".

inline Problem read_problem(const std::string& text) {
  const SpecDocument document = SpecDocument::parse("test.yaml", text);
  return parse_problem(document.root().at("problem"));
}

/// The only problem that it can name is `known`, a matrix product.
inline Network parse_network_alone(const SpecNode& node) {
  return parse_network(node, [](const SpecNode& name) {
    if (name.as_string() != "known") {
      name.fail_unknown("problem of the library", name.as_string(), {"known"});
    }
    return read_problem(
        "problem: {name: known, dimensions: {M: 2, N: 3, K: 5}, operation: 'C[M,N] += A[M,K] * "
        "B[K,N]'}");
  });
}

inline Network read_network(const std::string& text) {
  const SpecDocument document = SpecDocument::parse("test.yaml", text);
  return parse_network_alone(document.root().at("network"));
}

inline Architecture read_architecture(const std::string& text) {
  const SpecDocument document = SpecDocument::parse("test.yaml", text);
  return parse_architecture(document.root().at("architecture"));
}

inline Mapping read_mapping(const std::string& text, const Problem& problem,
                            const Architecture& architecture) {
  const SpecDocument document = SpecDocument::parse("test.yaml", text);
  return parse_mapping(document.root().at("mapping"), problem, architecture);
}

inline Constraints read_constraints(const std::string& text, const Problem& problem,
                                    const Architecture& architecture) {
  const SpecDocument document = SpecDocument::parse("test.yaml", text);
  return parse_constraints(document.root().at("constraints"), problem, architecture);
}

/// The text of the error that `read` throws; empty if it throws none.
template <class Read>
std::string error_of(Read read) {
  try {
    read();
  } catch (const SpecError& error) {
    return error.what();
  }
  return "";
}

}  // namespace tessera::test
