#include "search/certificate.hpp"

#include <algorithm>

#include "search/chunk_runner.hpp"

namespace tessera {

Certificate bounded_by(std::vector<double> least, const ParetoFront& front) {
  if (front.empty() ||
      std::none_of(least.begin(), least.end(), [](double bound) { return bound > 0; })) {
    return {};
  }
  const std::vector<double> best = least_values(front);
  Certificate certificate{.kind = Certificate::Kind::bound, .gap = 0, .least = std::move(least)};
  for (std::size_t o = 0; o < best.size(); ++o) {
    certificate.least[o] = std::min(certificate.least[o], best[o]);
    if (best[o] > 0) {
      certificate.gap = std::max(certificate.gap, (best[o] - certificate.least[o]) / best[o]);
    }
  }
  return certificate;
}

Certificate proven(const ParetoFront& front) {
  return {.kind = Certificate::Kind::exact, .gap = 0, .least = least_values(front)};
}

}  // namespace tessera
