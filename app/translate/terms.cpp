#include "app/translate/terms.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include <fmt/format.h>

#include "app/errors.hpp"
#include "spec/node.hpp"
#include "spec/units.hpp"

namespace tessera {

namespace {

[[noreturn]] void fail_option(std::string_view option, std::string_view expected,
                              std::string_view got) {
  throw UsageError(fmt::format("--{}: expected {}, got '{}'", option, expected, got));
}

/// A number without a sign, and what stands behind it (without spaces between).
std::optional<std::pair<double, std::string_view>> leading_number(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || !std::isfinite(value) || value < 0 || std::signbit(value)) {
    return std::nullopt;
  }
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  return std::pair(value, text);
}

double read_rate(const std::string& text) {
  const auto number = leading_number(text);
  static constexpr std::string_view kUnits[] = {"",         "/s",  "items/s", "item/s",
                                                "frames/s", "fps", "frame/s", "inferences/s"};
  if (!number || number->first <= 0 ||
      std::find(std::begin(kUnits), std::end(kUnits), number->second) == std::end(kUnits)) {
    fail_option("rate", "items a second above 0, such as `30/s` or `30 frames/s`", text);
  }
  return number->first;
}

/// From 0 (excluded) to 1, also in per cent.
double read_share(std::string_view option, const std::string& text) {
  const auto number = leading_number(text);
  const double value = !number                  ? -1
                       : number->second == "%"  ? number->first / 100
                       : number->second.empty() ? number->first
                                                : -1;
  if (value <= 0 || value > 1) {
    fail_option(option, "a share above 0 and up to 1, such as `0.85` or `85%`", text);
  }
  return value;
}

double read_factor(std::string_view option, const std::string& text, double least,
                   std::string_view expected) {
  const auto number = leading_number(text);
  if (!number || !number->second.empty() || number->first < least) {
    fail_option(option, expected, text);
  }
  return number->first;
}

/// The entry of that name. Throws a UsageError that names the option, the nearest name and where
/// all are.
template <class Entry>
const Entry& find_named(std::string_view option, std::string_view what, const std::string& name,
                        const std::vector<Entry>& known) {
  std::vector<std::string> names;
  for (const Entry& entry : known) {
    if (entry.name == name) {
      return entry;
    }
    names.push_back(entry.name);
  }
  const auto near = nearest_name(name, names);
  throw UsageError(fmt::format("--{}: unknown {} '{}'{}\n`tessera translate --figures` shows all.",
                               option, what, name,
                               near ? fmt::format(" (did you mean '{}'?)", *near) : ""));
}

/// The items of a list; throws for empty and double ones.
std::vector<std::string> items_of(const OptionValues& values, std::string_view option) {
  std::vector<std::string> items = values.list(option);
  for (auto item = items.begin(); item != items.end(); ++item) {
    item->erase(0, item->find_first_not_of(' '));
    if (item->empty()) {
      fail_option(option, "names with commas between", values.text(option));
    }
    if (std::find(items.begin(), item, *item) != item) {
      throw UsageError(fmt::format("--{}: '{}' is given twice", option, *item));
    }
  }
  return items;
}

std::vector<PowerBudget> read_budgets(const OptionValues& values) {
  const std::vector<PowerBudget> known = known_power_budgets();
  if (values.text("power") == "all") {
    return known;
  }
  std::vector<PowerBudget> budgets;
  for (const std::string& item : items_of(values, "power")) {
    const auto quantity = parse_quantity(item, Measure::power);
    if (quantity && quantity->value > 0 && quantity->per.empty()) {
      budgets.push_back({item, quantity->value, ""});
    } else if (leading_number(item)) {
      fail_option("power", "names of budgets, or powers above 0 such as `250mW`", item);
    } else {
      budgets.push_back(find_named("power", "budget", item, known));
    }
  }
  return budgets;
}

Battery read_battery(const std::string& text) {
  if (const auto number = leading_number(text)) {
    const double scale = number->second == "Wh"    ? 1
                         : number->second == "mWh" ? 1e-3
                         : number->second == "kWh" ? 1e3
                                                   : 0;
    if (scale == 0 || number->first <= 0) {
      fail_option("battery", "a name, or a charge above 0 in mWh, Wh or kWh", text);
    }
    return {"battery", number->first * scale, "", ""};
  }
  return find_named("battery", "battery", text, known_batteries());
}

std::vector<Region> read_regions(const OptionValues& values) {
  const std::vector<Region> known = known_regions();
  if (values.text("regions") == "all") {
    return known;
  }
  std::vector<Region> regions;
  for (const std::string& item : items_of(values, "regions")) {
    const std::size_t equals = item.find('=');
    if (equals == std::string::npos) {
      regions.push_back(find_named("regions", "region", item, known));
      continue;
    }
    const auto number = leading_number(std::string_view(item).substr(equals + 1));
    if (equals == 0 || !number || !(number->second.empty() || number->second == "g/kWh")) {
      fail_option("regions", "a name and its g/kWh, such as `mine=120`", item);
    }
    regions.push_back({item.substr(0, equals), number->first, std::nullopt, ""});
  }
  return regions;
}

}  // namespace

double read_quantity(std::string_view option, const std::string& text, Measure measure,
                     bool over_0) {
  const auto quantity = parse_quantity(text, measure);
  if (!quantity || !quantity->per.empty() || (over_0 && quantity->value <= 0)) {
    fail_option(option, fmt::format("{}{}", describe(measure), over_0 ? " above 0" : ""), text);
  }
  return quantity->value;
}

std::vector<Option> term_options() {
  return {
      {.name = "rate",
       .argument = "N",
       .fallback = "30/s",
       .help =
           "Items (images, frames, sequences) a second that are wanted: `30/s`, `30 frames/s`."},
      {.name = "power",
       .argument = "LIST",
       .fallback = "all",
       .help = "Budgets of power, by name or in watts: `handheld,250mW`. all: every one that is "
               "known."},
      {.name = "idle",
       .argument = "POWER",
       .fallback = "0 W",
       .help = "What the machine takes while it waits for the next item."},
      {.name = "battery",
       .argument = "NAME",
       .fallback = "phone",
       .help = "A battery by name, or its charge: `15Wh`."},
      {.name = "usable",
       .argument = "SHARE",
       .fallback = "85%",
       .help = "How much of the battery's charge there is for this."},
      {.name = "regions",
       .argument = "LIST",
       .fallback = "World,France,Germany,USA,China,India",
       .help = "Whose electricity: names, or one of your own in g/kWh: `Norway,mine=120`; or all."},
      {.name = "supply",
       .argument = "SHARE",
       .fallback = "100%",
       .help = "Efficiency of what feeds the machine from the grid (0.85 to 0.95 are usual)."},
      {.name = "pue",
       .argument = "FACTOR",
       .fallback = "1",
       .help =
           "Energy of the whole building by that of its machines (1.1 to 1.6 in data centres)."}};
}

Terms terms_from(const OptionValues& values) {
  Terms terms;
  terms.rate = read_rate(values.text("rate"));
  terms.budgets = read_budgets(values);
  terms.battery = read_battery(values.text("battery"));
  terms.usable = read_share("usable", values.text("usable"));
  terms.idle_w = read_quantity("idle", values.text("idle"), Measure::power, false);
  terms.pue = read_factor("pue", values.text("pue"), 1, "a factor from 1 on, such as `1.1`");
  terms.supply = read_share("supply", values.text("supply"));
  terms.regions = read_regions(values);
  return terms;
}

std::vector<Training> trainings_from(const OptionValues& values) {
  const std::vector<Training> known = known_trainings();
  std::vector<std::string> names;
  if (values.given("training") && values.text("training") == "all") {
    for (const Training& training : known) {
      names.push_back(training.name);
    }
  } else if (values.given("training")) {
    names = items_of(values, "training");
  }
  std::vector<Training> trainings;
  const auto add = [&](const Training& training) {
    if (std::none_of(trainings.begin(), trainings.end(),
                     [&](const Training& other) { return other.name == training.name; })) {
      trainings.push_back(training);
    }
  };
  for (const std::string& name : names) {
    const Training& training = find_named("training", "training", name, known);
    add(training);
    if (!training.replaced_by.empty()) {
      add(find_named("training", "training", training.replaced_by, known));
    }
  }
  if (values.given("parameters") != values.given("tokens")) {
    throw UsageError("--parameters and --tokens together make a training: give both");
  }
  if (values.given("parameters")) {
    Training own;
    own.name = "yours";
    own.kind = Training::Kind::own;
    constexpr double kLeast = 1;
    own.parameters = read_factor("parameters", values.text("parameters"), kLeast,
                                 "a number from 1 on, such as `7e9`");
    own.tokens =
        read_factor("tokens", values.text("tokens"), kLeast, "a number from 1 on, such as `2e12`");
    trainings.push_back(std::move(own));
  }
  return trainings;
}

Terms default_terms() {
  OptionValues values;
  values.fill_from(term_options());
  return terms_from(values);
}

}  // namespace tessera
