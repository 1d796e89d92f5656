#include "arch/estimator_use.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include <fmt/format.h>

#include "arch/element_spec.hpp"
#include "spec/path_beside.hpp"

namespace tessera {
namespace {

constexpr double kDefaultSeconds = 10;
constexpr double kMostSeconds = 3600;

/// What an item of the costs is called in an answer, and what brings its value to base units.
struct AnswerKey {
  std::string_view item;
  std::string_view key;
  std::string_view unit;
  Measure measure;
};

constexpr std::array<AnswerKey, 5> kAnswerKeys = {{{"read", "read_pJ", "pJ", Measure::energy},
                                                   {"write", "write_pJ", "pJ", Measure::energy},
                                                   {"energy", "energy_pJ", "pJ", Measure::energy},
                                                   {"leakage", "leakage_mW", "mW", Measure::power},
                                                   {"area", "area_mm2", "mm2", Measure::area}}};

std::vector<std::string> items_of(const Element& element) {
  if (std::holds_alternative<Memory>(element)) {
    return {"read", "write", "leakage", "area"};
  }
  return std::holds_alternative<Fanout>(element)
             ? std::vector<std::string>{"energy", "area"}
             : std::vector<std::string>{"energy", "leakage", "area"};
}

SpecNode program_node(const SpecNode& estimator) {
  return estimator.is_map() ? estimator.at("program") : estimator;
}

std::string program_path(const SpecNode& node) {
  const std::string name = node.as_string();
  if (name.find('/') == std::string::npos) {
    node.fail(
        fmt::format("expected the path of a program, from the folder of this file, such as "
                    "'./{}'",
                    name));
  }
  return path_beside(node.file(), name);
}

double seconds_of(const SpecNode& estimator) {
  const auto limit = estimator.is_map() ? estimator.find("time") : std::nullopt;
  if (!limit) {
    return kDefaultSeconds;
  }
  const double seconds = limit->as_quantity(Measure::time).value;
  if (!(seconds > 0 && seconds <= kMostSeconds)) {
    limit->fail(fmt::format("expected a time above 0 and up to {} s, such as `2 s`", kMostSeconds));
  }
  return seconds;
}

using Attributes = std::vector<std::pair<std::string, std::variant<double, std::string>>>;

/// What the element's own keys say.
Attributes own_attributes(const Element& element) {
  Attributes attributes;
  const auto add = [&](std::string name, std::int64_t value) {
    attributes.emplace_back(std::move(name), static_cast<double>(value));
  };
  if (const auto* memory = std::get_if<Memory>(&element)) {
    if (memory->capacity) {
      add(memory->capacity->unit == Capacity::Unit::bits ? "capacity_bits" : "capacity_words",
          memory->capacity->amount);
    }
    if (memory->width) {
      add("width_bits", *memory->width);
    }
    if (memory->block) {
      add("block_words", *memory->block);
    }
  } else if (const auto* fanout = std::get_if<Fanout>(&element)) {
    for (const Axis& axis : fanout->axes) {
      add("size_" + axis.name, axis.size);
    }
  }
  return attributes;
}

/// A plain number is passed as one, all else as the text that it is.
std::variant<double, std::string> value_of(const SpecNode& node) {
  const std::string text = node.as_string();
  double number = 0;
  const auto end = std::from_chars(text.data(), text.data() + text.size(), number);
  if (end.ec == std::errc() && end.ptr == text.data() + text.size() && std::isfinite(number)) {
    return number;
  }
  return text;
}

void add_given(const SpecNode& item, Attributes& attributes) {
  const auto given = item.find("attributes");
  if (!given) {
    return;
  }
  for (const SpecNode::Entry& entry : given->entries()) {
    const bool taken = std::any_of(attributes.begin(), attributes.end(),
                                   [&](const auto& one) { return one.first == entry.name; });
    if (taken) {
      entry.key.fail(
          fmt::format("'{}' comes from the element itself; choose another name", entry.name));
    }
    attributes.emplace_back(entry.name, value_of(entry.value));
  }
}

/// The answer's costs as those of the element; what is wrong with it is told at `place`.
std::vector<ComponentClass::Estimate> read_answer(const EstimatorAnswer& answer,
                                                  const Element& element,
                                                  const std::vector<std::string>& needed,
                                                  const SpecNode& place) {
  const std::vector<std::string> items = items_of(element);
  std::vector<std::string> known;
  for (const AnswerKey& key : kAnswerKeys) {
    if (std::find(items.begin(), items.end(), key.item) != items.end()) {
      known.emplace_back(key.key);
    }
  }
  std::vector<ComponentClass::Estimate> estimates;
  for (const auto& [name, value] : answer.costs) {
    const auto* key = std::find_if(kAnswerKeys.begin(), kAnswerKeys.end(),
                                   [&](const AnswerKey& one) { return one.key == name; });
    if (key == kAnswerKeys.end() || std::find(known.begin(), known.end(), name) == known.end()) {
      place.fail_unknown("cost in the estimator's answer", name, known);
    }
    if (!(value >= 0 && std::isfinite(value))) {
      place.fail(fmt::format("the estimator answers {} for `{}`; expected 0 or more", value, name));
    }
    estimates.push_back({std::string(key->item),
                         six_digits(value * find_unit_value(key->unit)->scale),
                         type_of(key->measure), "", answer.source, answer.error});
  }
  for (const AnswerKey& key : kAnswerKeys) {
    const bool asked = std::find(needed.begin(), needed.end(), key.item) != needed.end();
    if (asked && !answer.costs.contains(std::string(key.key))) {
      place.fail(fmt::format("the estimator's answer lacks `{}`", key.key));
    }
  }
  return estimates;
}

}  // namespace

bool claim_estimator(const SpecNode& item) {
  const auto attributes = item.find("attributes");
  const auto estimator = item.find("estimator");
  if (!estimator) {
    if (attributes) {
      attributes->fail(
          "`attributes` are for a program of your own, and there is no `estimator` here; those of "
          "a class stand beside it");
    }
    return false;
  }
  if (item.has("class")) {
    estimator->fail("expected either a `class` or an `estimator`, got both; remove one of the two");
  }
  if (estimator->is_map()) {
    check_keys(*estimator, {"program", "time"}, {});
  }
  return true;
}

std::vector<ComponentClass::Estimate> ask_estimator(const SpecNode& item, const Element& element,
                                                    const std::vector<std::string>& needed,
                                                    const Technology& technology, double clock_hz,
                                                    const Estimator& estimator) {
  const SpecNode node = item.at("estimator");
  const SpecNode place = program_node(node);
  EstimatorQuestion question{
      .program = program_path(place),
      .seconds = seconds_of(node),
      .sort = std::holds_alternative<Memory>(element)   ? "memory"
              : std::holds_alternative<Fanout>(element) ? "fanout"
                                                        : "compute",
      .element = std::visit([](const auto& one) { return one.name; }, element),
      .technology = technology.text,
      .node_nm = technology.node_nm,
      .voltage = technology.voltage,
      .devices = technology.devices,
      .clock_hz = clock_hz,
      .attributes = own_attributes(element)};
  add_given(item, question.attributes);
  if (!estimator) {
    place.fail("programs are not run here; give the costs themselves");
  }
  const auto answer = estimator(question);
  if (const auto* fault = std::get_if<std::string>(&answer)) {
    place.fail(*fault);
  }
  return read_answer(std::get<EstimatorAnswer>(answer), element, needed, place);
}

}  // namespace tessera
