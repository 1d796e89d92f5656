#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "app/sweep/spec_value.hpp"
#include "problems/network.hpp"

namespace tessera {

/// What the names of tensors that are varied end with: `Weights.bits`.
inline constexpr std::string_view kBits = ".bits";

/// The parts of a name with dots.
std::vector<std::string> split_path(std::string_view path);

/// The element of the hierarchy of an architecture that has this name; null if there is none.
SpecValue* find_element(SpecValue& architecture, const std::string& name);
std::vector<std::string> element_names(SpecValue& architecture);

/// Where a name such as `GlobalBuffer.capacity`, `PEs.X` or `clock` points to; null if its element
/// is not there, and, with `make`, made if only its key is not.
SpecValue* find_place(SpecValue& architecture, const std::string& name, bool make);

/// The bits of the tensors of that name, or of that kind, in all layers; how many there are.
std::size_t set_bits(Network& network, std::string_view tensor, int bits);
/// Throws SpecError, without a place.
int bits_of(const std::string& text);

}  // namespace tessera
