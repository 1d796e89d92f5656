#pragma once

#include <optional>
#include <string>
#include <vector>

namespace tessera {

// What results are translated with. All of it is data (app/translate/data), each with its source.

struct Region {
  std::string name;
  double grams = 0;         ///< CO2 equivalent a kWh, life-cycle
  std::optional<int> year;  ///< of the mean; none for what the user gave
  std::string source;
};

struct Battery {
  std::string name;
  double watt_hours = 0;
  std::string basis;
  std::string source;
};

struct PowerBudget {
  std::string name;
  double watts = 0;
  std::string source;
};

/// A training run as published. What is not known of it is absent.
struct Training {
  enum class Kind { measured, estimated, corrected, own };
  std::string name;
  Kind kind = Kind::measured;
  std::optional<double> parameters;
  std::optional<double> tokens;
  std::optional<double> operations;  ///< FLOP: a multiply-accumulate is two
  std::string chip;
  std::optional<double> chips;
  std::optional<double> days;
  std::optional<double> chip_hours;
  std::optional<double> teraflops;   ///< of a chip, a second
  std::optional<double> chip_watts;  ///< with its share of the server
  std::optional<double> pue;
  std::optional<double> megawatt_hours;
  std::optional<double> tonnes;  ///< CO2 equivalent, gross
  std::optional<double> grams;   ///< CO2 equivalent a kWh of the grid used
  std::optional<double> chip_years;
  std::string replaced_by;  ///< the training that corrects this one
  std::string note;
  std::string source;
};

std::string_view to_string(Training::Kind kind);

std::vector<Region> known_regions();
std::vector<Battery> known_batteries();
std::vector<PowerBudget> known_power_budgets();
std::vector<Training> known_trainings();

/// Operations (FLOP) of a training: as published, else 6 x parameters x tokens (forward 2, backward
/// 4 for each parameter and token). Absent where neither is known.
std::optional<double> operations_of(const Training& training);
/// MWh at the meter from chips, hours, watts and PUE, where all are known: to check what is
/// published.
std::optional<double> recomputed_megawatt_hours(const Training& training);
/// Tonnes from the energy (published, else recomputed) and the grid, where both are known.
std::optional<double> recomputed_tonnes(const Training& training);
/// Years of one chip from operations and the chip's rate, where both are known.
std::optional<double> recomputed_chip_years(const Training& training);

}  // namespace tessera
