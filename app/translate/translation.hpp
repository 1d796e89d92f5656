#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/translate/figures.hpp"

namespace tessera {

/// What a result says of one design: the energy and the time of one run, which computes `batch`
/// items.
struct ResultPoint {
  std::string architecture;
  std::string workload;
  std::size_t number = 0;  ///< in its file, from 1
  double batch = 1;
  bool batch_known = false;  ///< the result says so; else 1 was taken
  double energy_j = 0;
  double latency_s = 0;
  std::optional<double> energy_per_operation_j;

  double energy_per_item_j() const { return energy_j / batch; }
  double items_per_s() const { return batch / latency_s; }
};

/// In what circumstances a design is used.
struct Terms {
  double rate = 0;  ///< items a second that are wanted
  std::vector<PowerBudget> budgets;
  Battery battery;
  double usable = 1;  ///< share of the battery's charge
  double idle_w = 0;  ///< what the machine takes while it has nothing to do
  double pue = 1;     ///< energy of the whole building / of the machine
  double supply = 1;  ///< efficiency of what feeds the machine
  std::vector<Region> regions;
};

/// A point in those terms. A machine that reaches the rate works at that rate and idles in between;
/// one that does not works all the time.
struct Translation {
  bool reaches = false;
  double rate = 0;       ///< items a second that it delivers
  double busy = 0;       ///< share of the time in which it computes
  double running_w = 0;  ///< while it computes
  double average_w = 0;
  std::optional<double> battery_hours;  ///< absent where nothing is used
  std::optional<double> items_a_charge;
  double kwh_per_million = 0;                 ///< items; from the grid, with supply and PUE
  std::vector<double> kilograms_per_million;  ///< CO2 equivalent, by region
};

Translation translate(const ResultPoint& point, const Terms& terms);

/// The most items a second within an average power; none where idling alone takes more.
std::optional<double> rate_within(const ResultPoint& point, double idle_w, double watts);

/// The point of the least average power of those that reach the rate; the fastest where none does.
/// The first of equal ones; there must be one.
std::size_t chosen_point(const std::vector<ResultPoint>& points, const Terms& terms);

/// MWh from the grid that a training would take at the point's energy an operation; absent where
/// that, or the training's operations, is unknown. A multiply-accumulate is two operations (FLOP).
std::optional<double> megawatt_hours_on(const ResultPoint& point, const Terms& terms,
                                        const Training& training);

}  // namespace tessera
