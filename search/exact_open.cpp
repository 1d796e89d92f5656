#include "search/exact_open.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "search/chunk_runner.hpp"

namespace tessera {

std::vector<ObjectiveBounds> bounds_of(std::span<const ExactJob> jobs) {
  std::vector<ObjectiveBounds> bounds;
  bounds.reserve(jobs.size());
  for (const ExactJob& job : jobs) {
    bounds.push_back(job.bound);
  }
  return bounds;
}

ObjectiveBounds nothing_open() {
  ObjectiveBounds bounds;
  bounds.fill(std::numeric_limits<double>::infinity());
  return bounds;
}

void raise(const ObjectiveBounds& known, ObjectiveBounds& bound) {
  for (std::size_t o = 0; o < bound.size(); ++o) {
    bound[o] = std::max(bound[o], known[o]);
  }
}

Certificate open_certificate(const std::vector<ObjectiveBounds>& open_bounds,
                             const ParetoFront& front) {
  std::vector<double> least = least_values(front);
  for (std::size_t o = 0; o < least.size(); ++o) {
    for (const ObjectiveBounds& bound : open_bounds) {
      least[o] = std::min(least[o], bound[o]);
    }
  }
  return bounded_by(std::move(least), front);
}

}  // namespace tessera
