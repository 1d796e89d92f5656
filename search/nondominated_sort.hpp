#pragma once

#include <cstddef>
#include <vector>

namespace tessera {

/// The order of preference of NSGA-II (Deb, Pratap, Agarwal, Meyarivan, IEEE TEC 2002) among the
/// value vectors, smaller is better: indices, best first. First by rank (0: dominated by none; r:
/// dominated by one of rank r - 1 and none of a higher rank), then by crowding distance, the least
/// crowded first, then by values. Of equal vectors all but the one of least index come after
/// everything else, so that one mapping's twins do not fill a population.
std::vector<std::size_t> nondominated_order(const std::vector<const std::vector<double>*>& values);

}  // namespace tessera
