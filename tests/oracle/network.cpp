#include "tests/oracle/network.hpp"

#include <set>
#include <string>

namespace tessera::oracle {

std::vector<Place> places_of(const Nest& nest, const Fanout& fanout, std::size_t level) {
  std::vector<Place> places;
  for (const auto& values : nest.instance_values) {
    Place place;
    for (std::size_t d = 0; d < nest.digits.size(); ++d) {
      const Digit& digit = nest.digits[d];
      if (digit.fanout != level) {
        continue;
      }
      std::int64_t& along = fanout.axes[digit.axis].name == "Y" ? place.second : place.first;
      along = along * digit.bound + values[d];
    }
    places.push_back(place);
  }
  return places;
}

MeshWays::MeshWays(const Fanout& fanout) {
  for (const Axis& axis : fanout.axes) {
    if (axis.name == "Y") {
      rows_ = axis.size;
    }
  }
}

std::int64_t MeshWays::half_hops(const std::vector<Place>& places) {
  const auto known = known_.find(places);
  if (known != known_.end()) {
    return known->second;
  }
  const std::int64_t hops = hops_from((rows_ - 1) / 2, places) + hops_from(rows_ / 2, places);
  known_.emplace(places, hops);
  return hops;
}

/// The word walks from (0, entry) along the row to each place's column, then up or down to it; a
/// hop that it has made for another place is not made again.
std::int64_t MeshWays::hops_from(std::int64_t entry, const std::vector<Place>& places) const {
  std::set<std::pair<Place, Place>> made;
  for (const Place& place : places) {
    Place at{0, entry};
    while (at != place) {
      Place next = at;
      if (at.first != place.first) {
        ++next.first;
      } else {
        next.second += place.second > at.second ? 1 : -1;
      }
      made.emplace(at, next);
      at = next;
    }
  }
  return static_cast<std::int64_t>(made.size());
}

}  // namespace tessera::oracle
