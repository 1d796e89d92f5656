// kWh = runs x energy a run / 3.6e6 x PUE / efficiency of the supply; kgCO2e = kWh x g/kWh / 1000;
// hours of a battery = Wh x usable share / average power. Average power at r items/s of e joules
// and t seconds each, idling at w watts in between: r e + (1 - r t) w.
#include "app/translate/translation.hpp"

#include <algorithm>

namespace tessera {

namespace {

constexpr double kJoulesAKilowattHour = 3.6e6;
constexpr double kSecondsAnHour = 3600;
constexpr double kMillion = 1e6;

}  // namespace

Translation translate(const ResultPoint& point, const Terms& terms) {
  const double energy = point.energy_per_item_j();
  Translation result;
  result.reaches = point.items_per_s() >= terms.rate;
  result.rate = std::min(terms.rate, point.items_per_s());
  result.busy = result.reaches ? terms.rate / point.items_per_s() : 1;
  result.running_w = point.energy_j / point.latency_s;
  result.average_w = result.rate * energy + (1 - result.busy) * terms.idle_w;
  const double charge_wh = terms.battery.watt_hours * terms.usable;
  if (result.average_w > 0) {
    result.battery_hours = charge_wh / result.average_w;
    result.items_a_charge = *result.battery_hours * kSecondsAnHour * result.rate;
  }
  result.kwh_per_million =
      result.average_w / result.rate * kMillion / kJoulesAKilowattHour * terms.pue / terms.supply;
  for (const Region& region : terms.regions) {
    result.kilograms_per_million.push_back(result.kwh_per_million * region.grams / 1000);
  }
  return result;
}

std::optional<double> rate_within(const ResultPoint& point, double idle_w, double watts) {
  const double time = point.latency_s / point.batch;
  const double each = point.energy_per_item_j() - idle_w * time;  // more than idling takes
  if (idle_w > watts) {
    return std::nullopt;
  }
  return each <= 0 ? point.items_per_s() : std::min(point.items_per_s(), (watts - idle_w) / each);
}

std::size_t chosen_point(const std::vector<ResultPoint>& points, const Terms& terms) {
  const auto before = [&](const ResultPoint& a, const ResultPoint& b) {
    const Translation of_a = translate(a, terms);
    const Translation of_b = translate(b, terms);
    if (of_a.reaches != of_b.reaches) {
      return of_a.reaches;
    }
    return of_a.reaches ? of_a.average_w < of_b.average_w : of_a.rate > of_b.rate;
  };
  return static_cast<std::size_t>(std::min_element(points.begin(), points.end(), before) -
                                  points.begin());
}

std::optional<double> megawatt_hours_on(const ResultPoint& point, const Terms& terms,
                                        const Training& training) {
  const std::optional<double> operations = operations_of(training);
  if (!operations || !point.energy_per_operation_j) {
    return std::nullopt;
  }
  constexpr double kPerMultiplyAccumulate = 2;
  return *operations / kPerMultiplyAccumulate * *point.energy_per_operation_j /
         kJoulesAKilowattHour / 1000 * terms.pue / terms.supply;
}

}  // namespace tessera
