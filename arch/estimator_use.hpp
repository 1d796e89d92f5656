#pragma once

#include <string>
#include <vector>

#include "arch/architecture.hpp"
#include "arch/component_class.hpp"
#include "arch/estimator.hpp"
#include "arch/technology.hpp"
#include "spec/node.hpp"

namespace tessera {

/// Whether the element names a program. Marks its keys as known, so that the element's own reader
/// takes them, and refuses `attributes` without one and a class beside one. Throws SpecError.
bool claim_estimator(const SpecNode& item);

/// The costs of an element whose spec names a program. `needed` are the items that it must answer.
/// Throws SpecError at the key `estimator` where the program fails or answers what cannot be.
std::vector<ComponentClass::Estimate> ask_estimator(const SpecNode& item, const Element& element,
                                                    const std::vector<std::string>& needed,
                                                    const Technology& technology, double clock_hz,
                                                    const Estimator& estimator);

}  // namespace tessera
