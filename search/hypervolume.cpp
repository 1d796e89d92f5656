#include "search/hypervolume.hpp"

#include <algorithm>

namespace tessera {
namespace {

using Point = std::vector<double>;

/// The volume in the first `width` objectives.
double volume(std::vector<const Point*> points, const Point& reference, std::size_t width) {
  if (points.empty()) {
    return 0;
  }
  const std::size_t last = width - 1;
  std::sort(points.begin(), points.end(), [&](const Point* a, const Point* b) {
    return (*a)[last] != (*b)[last] ? (*a)[last] < (*b)[last] : *a < *b;
  });
  if (width == 1) {
    return reference[0] - (*points.front())[0];
  }
  double sum = 0;
  if (width == 2) {
    double least = reference[0];
    for (const Point* point : points) {
      if ((*point)[0] < least) {
        sum += (least - (*point)[0]) * (reference[1] - (*point)[1]);
        least = (*point)[0];
      }
    }
    return sum;
  }
  std::vector<const Point*> below;
  for (std::size_t i = 0; i < points.size(); ++i) {
    below.push_back(points[i]);
    const double end = i + 1 < points.size() ? (*points[i + 1])[last] : reference[last];
    const double height = end - (*points[i])[last];
    if (height > 0) {
      sum += height * volume(below, reference, last);
    }
  }
  return sum;
}

}  // namespace

double hypervolume(std::vector<std::vector<double>> points, const std::vector<double>& reference) {
  std::vector<const Point*> inside;
  for (const Point& point : points) {
    bool below = true;
    for (std::size_t i = 0; i < reference.size(); ++i) {
      below = below && point[i] < reference[i];
    }
    if (below) {
      inside.push_back(&point);
    }
  }
  return reference.empty() ? 0 : volume(std::move(inside), reference, reference.size());
}

}  // namespace tessera
