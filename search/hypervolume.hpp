#pragma once

#include <vector>

namespace tessera {

/// The volume of what the points dominate below `reference`, each point and the reference one value
/// an objective, smaller is better. Points that are not below the reference in every objective
/// count nothing. Exact; by slices along the last objective, so time grows with the number of
/// points to the power of the objectives less one.
double hypervolume(std::vector<std::vector<double>> points, const std::vector<double>& reference);

}  // namespace tessera
