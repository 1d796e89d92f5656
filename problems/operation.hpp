#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "problems/problem.hpp"
#include "spec/node.hpp"

namespace tessera {

/// Reads an assignment such as `Outputs[N,K,P,Q] += Inputs[N, C, 2*P + R, Q + S] *
/// Weights[K,C,R,S]` over `dimensions`. The tensors come in the order written, the output first,
/// with their default kinds; bits and densities are the caller's. A SpecError points at the
/// character at fault.
///
///   assignment = tensor "+=" tensor { "*" tensor }
///   tensor     = name "[" [ index { "," index } ] "]"
///   index      = [ "+" | "-" ] term { ( "+" | "-" ) term }
///   term       = name | integer "*" name | name "*" integer
std::vector<Tensor> parse_operation(const SpecNode& node, const std::vector<Dimension>& dimensions);

/// The assignment of `problem`, as `parse_operation` reads it.
std::string operation_text(const Problem& problem);

/// The kind of tensor `index` of `count` unless the problem says otherwise: the output `outputs`,
/// the last of several operands `weights`, the other operands `inputs`.
TensorKind default_kind(std::size_t index, std::size_t count);

/// A letter or `_`, then letters, digits and `_`: what a dimension or a tensor may be called, so
/// that it can stand in an operation; not `null`, which is no name in YAML.
bool is_identifier(std::string_view text);

}  // namespace tessera
