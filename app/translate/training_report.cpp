#include "app/translate/training_report.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/numbers.hpp"
#include "app/text_table.hpp"

namespace tessera {

namespace {

using Json = nlohmann::ordered_json;
using Align = TextTable::Align;

std::string mega(std::optional<double> megawatt_hours) {
  constexpr double kWattHours = 1e6;
  return megawatt_hours ? with_si_prefix(*megawatt_hours * kWattHours, "Wh", 4) : "-";
}

std::string tonnes(std::optional<double> value) {
  return value ? rounded(*value, 4) + " t" : "-";
}

std::string years(std::optional<double> value) {
  return value ? rounded(*value, 3) : "-";
}

Json or_null(std::optional<double> value) {
  return value ? Json(*value) : Json(nullptr);
}

std::string place_of(const ResultPoint& point) {
  return fmt::format("point {}{}", point.number,
                     point.architecture.empty() ? "" : " of " + point.architecture);
}

}  // namespace

std::string trainings_text(const TranslationReport& report, const ResultPoint* point) {
  std::vector<TextTable::Column> columns = {{"training", Align::left},
                                            {"figure", Align::left},
                                            {"FLOP"},
                                            {"chip years"},
                                            {"recomputed"},
                                            {"energy"},
                                            {"recomputed"},
                                            {"CO2e"},
                                            {"recomputed"}};
  const bool here = point != nullptr && point->energy_per_operation_j.has_value();
  if (here) {
    columns.push_back({"energy here"});
    for (const Region& region : report.terms.regions) {
      columns.push_back({"CO2e " + region.name});
    }
  }
  TextTable table(std::move(columns));
  std::string notes;
  for (const Training& training : report.trainings) {
    const auto operations = operations_of(training);
    std::vector<std::string> cells = {training.name,
                                      std::string(to_string(training.kind)),
                                      operations ? rounded(*operations, 4) : "-",
                                      years(training.chip_years),
                                      years(recomputed_chip_years(training)),
                                      mega(training.megawatt_hours),
                                      mega(recomputed_megawatt_hours(training)),
                                      tonnes(training.tonnes),
                                      tonnes(recomputed_tonnes(training))};
    if (here) {
      const auto energy = megawatt_hours_on(*point, report.terms, training);
      cells.push_back(mega(energy));
      for (const Region& region : report.terms.regions) {
        cells.push_back(
            tonnes(energy ? std::optional(*energy * region.grams / 1000) : std::nullopt));
      }
    }
    table.add(std::move(cells));
    if (!training.note.empty() || !training.replaced_by.empty()) {
      notes += fmt::format("  {}: {}{}{}\n", training.name, training.note,
                           training.note.empty() || training.replaced_by.empty() ? "" : "; ",
                           training.replaced_by.empty()
                               ? ""
                               : fmt::format("do not cite it without {}", training.replaced_by));
    }
  }
  std::string out = "Trainings, as published and recomputed from operations, chips and hours:\n";
  out += table.text() + notes;
  if (here) {
    out += fmt::format(
        "  here: FLOP / 2 x {} an operation of {}, x PUE / supply: what these operations alone\n"
        "  would take if all of them cost as much as those of this workload; no measurement.\n",
        with_si_prefix(*point->energy_per_operation_j, "J", 4), place_of(*point));
  }
  if (point == nullptr) {
    out += "  With a result before --training: what the operations would take on that machine.\n";
  }
  return out;
}

Json trainings_json(const TranslationReport& report, const ResultPoint* point) {
  Json list = Json::array();
  for (const Training& training : report.trainings) {
    Json json = {{"name", training.name},
                 {"figure", to_string(training.kind)},
                 {"operations_flop", or_null(operations_of(training))},
                 {"chip_years", or_null(training.chip_years)},
                 {"recomputed_chip_years", or_null(recomputed_chip_years(training))},
                 {"energy_MWh", or_null(training.megawatt_hours)},
                 {"recomputed_energy_MWh", or_null(recomputed_megawatt_hours(training))},
                 {"tCO2e", or_null(training.tonnes)},
                 {"recomputed_tCO2e", or_null(recomputed_tonnes(training))},
                 {"replaced_by", training.replaced_by},
                 {"note", training.note},
                 {"source", training.source}};
    if (point != nullptr) {
      const auto energy = megawatt_hours_on(*point, report.terms, training);
      json["energy_here_MWh"] = or_null(energy);
      for (const Region& region : report.terms.regions) {
        json["tCO2e_here"][region.name] =
            or_null(energy ? std::optional(*energy * region.grams / 1000) : std::nullopt);
      }
    }
    list.push_back(std::move(json));
  }
  return list;
}

}  // namespace tessera
