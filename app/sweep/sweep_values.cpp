#include "app/sweep/sweep_values.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

#include <fmt/format.h>

#include "app/numbers.hpp"
#include "spec/number.hpp"

namespace tessera {

namespace {

std::string trimmed(std::string_view text) {
  const std::size_t first = std::min(text.find_first_not_of(' '), text.size());
  const std::size_t last = text.find_last_not_of(' ');
  return std::string(last == std::string_view::npos ? "" : text.substr(first, last + 1 - first));
}

/// A number and the unit behind it, if any.
struct Amount {
  double number = 0;
  std::string unit;
};

Amount amount_of(const SpecNode& node, const std::string& text) {
  const auto number = read_leading_number(text);
  if (!number) {
    node.fail(fmt::format("expected a number, with or without a unit, got '{}'", text));
  }
  return {number->value, trimmed(std::string_view(text).substr(number->length))};
}

struct Range {
  std::string from;
  std::string to;
  std::string step;   ///< added, or
  std::string times;  ///< multiplied; one of the two
};

std::vector<SweepValue> range_values(const SpecNode& node, const Range& range) {
  const Amount from = amount_of(node, range.from);
  const Amount to = amount_of(node, range.to);
  const bool adds = range.times.empty();
  const Amount step = amount_of(node, adds ? range.step : range.times);
  if (from.unit != to.unit || (adds && step.unit != from.unit)) {
    node.fail(fmt::format("expected the same unit at both ends{} of the range, got '{}' and '{}'",
                          adds ? " and in the step" : "", from.unit,
                          from.unit != to.unit ? to.unit : step.unit));
  }
  if (!adds && !step.unit.empty()) {
    node.fail(fmt::format("expected a factor without a unit, got '{}'", range.times));
  }
  if (to.number < from.number || (adds ? step.number <= 0 : step.number <= 1 || from.number <= 0)) {
    node.fail(adds ? "expected a range that rises, by a step above 0"
                   : "expected a range from above 0 that rises, by a factor above 1");
  }
  std::vector<SweepValue> values;
  constexpr double kRounding = 1e-9;
  for (std::size_t i = 0;; ++i) {
    const auto count = static_cast<double>(i);
    const double value =
        adds ? from.number + count * step.number : from.number * std::pow(step.number, count);
    if (value > to.number * (1 + kRounding)) {
      return values;
    }
    if (values.size() == kMaxSweepValues) {
      node.fail(fmt::format("more than {} values are not supported", kMaxSweepValues));
    }
    constexpr int kDigits = 12;
    const double near = std::round(value);
    const bool whole = std::abs(value - near) <= std::abs(near) * 1e-12 && std::abs(near) < 1e15;
    values.push_back(
        {fmt::format("{}{}{}", whole ? fmt::format("{:.0f}", near) : rounded(value, kDigits),
                     from.unit.empty() ? "" : " ", from.unit),
         node});
  }
}

/// `4..32 step 4` or `32 KiB..512 KiB times 2`.
std::optional<Range> range_text(const SpecNode& node, const std::string& text) {
  const std::size_t dots = text.find("..");
  if (dots == std::string::npos) {
    return std::nullopt;
  }
  for (const std::string_view word : {" step ", " times "}) {
    const std::size_t at = text.find(word, dots);
    if (at != std::string::npos) {
      Range range{trimmed(text.substr(0, dots)), trimmed(text.substr(dots + 2, at - dots - 2)), "",
                  ""};
      (word == " step " ? range.step : range.times) = trimmed(text.substr(at + word.size()));
      return range;
    }
  }
  node.fail("expected a range such as `4..32 step 4` or `32 KiB..512 KiB times 2`");
}

std::vector<SweepValue> range_of(const SpecNode& node) {
  const auto from = node.find("from");
  const auto to = node.find("to");
  const auto step = node.find("step");
  const auto times = node.find("times");
  node.finish();
  if (!from || !to || bool(step) == bool(times)) {
    node.fail("expected `from`, `to`, and `step` or `times`, such as `{from: 8, to: 32, step: 8}`");
  }
  return range_values(node, {from->as_string(), to->as_string(), step ? step->as_string() : "",
                             times ? times->as_string() : ""});
}

}  // namespace

std::vector<SweepValue> parse_sweep_values(const SpecNode& node) {
  if (node.is_map()) {
    return range_of(node);
  }
  if (!node.is_sequence()) {
    const std::string text = node.as_string();
    const auto range = range_text(node, text);
    return range ? range_values(node, *range) : std::vector<SweepValue>{{text, node}};
  }
  std::vector<SweepValue> values;
  for (const SpecNode& item : node.items()) {
    const std::string text = item.as_string();
    if (std::any_of(values.begin(), values.end(),
                    [&](const SweepValue& value) { return value.text == text; })) {
      item.fail(fmt::format("'{}' is given twice", text));
    }
    values.push_back({text, item});
  }
  if (values.empty()) {
    node.fail("expected at least one value, got an empty list");
  }
  return values;
}

}  // namespace tessera
