#include "app/translate/figures.hpp"

#include <map>
#include <set>
#include <string_view>

#include "app/translate/figure_files.hpp"
#include "spec/node.hpp"

namespace tessera {

namespace {

constexpr double kMost = 1e30;

/// Reads the entries of a file of figures and gives each the text of its source.
class FigureReader {
 public:
  explicit FigureReader(std::string_view kind) : kind_(kind), document_(parse(kind)) {
    const SpecNode node = document_.root().at(kind_);
    for (const SpecNode::Entry& entry : node.at("sources").entries()) {
      sources_[entry.name] = entry.value.as_string();
    }
    entries_ = node.at("entries").items();
    node.finish();
  }

  const std::vector<SpecNode>& entries() const { return entries_; }

  std::string name(const SpecNode& entry) {
    const SpecNode node = entry.at("name");
    std::string name = node.as_string();
    if (!names_.insert(name).second) {
      node.fail("this name is given twice");
    }
    return name;
  }

  std::string source(const SpecNode& entry) const {
    const SpecNode node = entry.at("source");
    const auto found = sources_.find(node.as_string());
    if (found == sources_.end()) {
      std::vector<std::string> known;
      for (const auto& [key, text] : sources_) {
        known.push_back(key);
      }
      node.fail_unknown("source", node.as_string(), known);
    }
    return found->second;
  }

  static double number(const SpecNode& entry, std::string_view key) {
    return entry.at(key).as_number(0, kMost);
  }
  static std::optional<double> optional(const SpecNode& entry, std::string_view key) {
    const auto node = entry.find(key);
    return node ? std::optional(node->as_number(0, kMost)) : std::nullopt;
  }
  static std::string text(const SpecNode& entry, std::string_view key) {
    const auto node = entry.find(key);
    return node ? node->as_string() : "";
  }

 private:
  static SpecDocument parse(std::string_view kind) {
    for (const FigureFile& file : figure_files()) {
      if (file.kind == kind) {
        return SpecDocument::parse(std::string(file.name) + ".yaml", std::string(file.text));
      }
    }
    return SpecDocument::parse(std::string(kind) + ".yaml", "");  // reading it says what is missing
  }

  std::string kind_;
  SpecDocument document_;
  std::map<std::string, std::string> sources_;
  std::vector<SpecNode> entries_;
  std::set<std::string> names_;
};

}  // namespace

std::string_view to_string(Training::Kind kind) {
  switch (kind) {
    case Training::Kind::measured:
      return "measured";
    case Training::Kind::estimated:
      return "estimated";
    case Training::Kind::corrected:
      return "corrected";
    case Training::Kind::own:
      return "yours";
  }
  return "";
}

std::vector<Region> known_regions() {
  FigureReader reader("regions");
  std::vector<Region> regions;
  for (const SpecNode& entry : reader.entries()) {
    constexpr int kFirstYear = 1990;
    constexpr int kLastYear = 2100;
    regions.push_back({reader.name(entry), FigureReader::number(entry, "grams"),
                       static_cast<int>(entry.at("year").as_integer(kFirstYear, kLastYear)),
                       reader.source(entry)});
    entry.finish();
  }
  return regions;
}

std::vector<Battery> known_batteries() {
  FigureReader reader("batteries");
  std::vector<Battery> batteries;
  for (const SpecNode& entry : reader.entries()) {
    batteries.push_back({reader.name(entry), FigureReader::number(entry, "watt_hours"),
                         entry.at("basis").as_string(), reader.source(entry)});
    entry.finish();
  }
  return batteries;
}

std::vector<PowerBudget> known_power_budgets() {
  FigureReader reader("budgets");
  std::vector<PowerBudget> budgets;
  for (const SpecNode& entry : reader.entries()) {
    budgets.push_back(
        {reader.name(entry), FigureReader::number(entry, "watts"), reader.source(entry)});
    entry.finish();
  }
  return budgets;
}

std::vector<Training> known_trainings() {
  FigureReader reader("trainings");
  std::vector<Training> trainings;
  for (const SpecNode& entry : reader.entries()) {
    Training training;
    training.name = reader.name(entry);
    constexpr Training::Kind kKinds[] = {Training::Kind::measured, Training::Kind::estimated,
                                         Training::Kind::corrected};
    training.kind = kKinds[entry.at("kind").as_choice({"measured", "estimated", "corrected"})];
    training.parameters = FigureReader::optional(entry, "parameters");
    training.tokens = FigureReader::optional(entry, "tokens");
    training.operations = FigureReader::optional(entry, "operations");
    training.chip = FigureReader::text(entry, "chip");
    training.chips = FigureReader::optional(entry, "chips");
    training.days = FigureReader::optional(entry, "days");
    training.chip_hours = FigureReader::optional(entry, "chip_hours");
    training.teraflops = FigureReader::optional(entry, "teraflops");
    training.chip_watts = FigureReader::optional(entry, "chip_watts");
    training.pue = FigureReader::optional(entry, "pue");
    training.megawatt_hours = FigureReader::optional(entry, "megawatt_hours");
    training.tonnes = FigureReader::optional(entry, "tonnes");
    training.grams = FigureReader::optional(entry, "grams");
    training.chip_years = FigureReader::optional(entry, "chip_years");
    training.replaced_by = FigureReader::text(entry, "replaced_by");
    training.note = FigureReader::text(entry, "note");
    training.source = reader.source(entry);
    entry.finish();
    trainings.push_back(std::move(training));
  }
  return trainings;
}

std::optional<double> operations_of(const Training& training) {
  if (training.operations) {
    return training.operations;
  }
  constexpr double kOperationsEach = 6;  // a parameter and a token
  return training.parameters && training.tokens
             ? std::optional(kOperationsEach * *training.parameters * *training.tokens)
             : std::nullopt;
}

std::optional<double> recomputed_megawatt_hours(const Training& training) {
  constexpr double kHoursADay = 24;
  std::optional<double> hours = training.chip_hours;
  if (!hours && training.chips && training.days) {
    hours = *training.chips * *training.days * kHoursADay;
  }
  return hours && training.chip_watts && training.pue
             ? std::optional(*hours * *training.chip_watts * *training.pue / 1e6)
             : std::nullopt;
}

std::optional<double> recomputed_tonnes(const Training& training) {
  const std::optional<double> energy =
      training.megawatt_hours ? training.megawatt_hours : recomputed_megawatt_hours(training);
  return energy && training.grams ? std::optional(*energy * *training.grams / 1e3) : std::nullopt;
}

std::optional<double> recomputed_chip_years(const Training& training) {
  constexpr double kSecondsAYear = 365.25 * 86400;
  const std::optional<double> operations = operations_of(training);
  return operations && training.teraflops
             ? std::optional(*operations / (*training.teraflops * 1e12) / kSecondsAYear)
             : std::nullopt;
}

}  // namespace tessera
