#include "app/formula_text.hpp"

#include <cstdlib>

#include <fmt/format.h>

#include "app/numbers.hpp"

namespace tessera {

namespace {

class Writer {
 public:
  Writer(const Problem& problem, const Architecture& architecture, TensorId tensor)
      : problem_(problem), architecture_(architecture), tensor_(tensor) {}

  std::string whole(const Formula& formula) const {
    switch (formula.form) {
      case Formula::Form::number:
        return leaf(formula);
      case Formula::Form::product:
        return joined(formula, " x ");
      case Formula::Form::sum:
        return joined(formula, " + ");
      case Formula::Form::difference:
        return fmt::format("{} - first visits {}", part(formula.parts[0]), part(formula.parts[1]));
    }
    return "";
  }

 private:
  std::string joined(const Formula& formula, std::string_view sign) const {
    std::string text;
    for (const Formula& each : formula.parts) {
      text += text.empty() ? "" : sign;
      // A product in a sum needs no parentheses.
      text += formula.form == Formula::Form::sum && each.form == Formula::Form::product
                  ? whole(each)
                  : part(each);
    }
    return formula.form == Formula::Form::sum ? named_sum(formula, text) : text;
  }

  /// The steps of a sweep carry the name of their rank: `[P+R] (3 first + 27 x 1 new)`.
  std::string named_sum(const Formula& formula, const std::string& text) const {
    return fmt::format("{} ({})", rank(formula), text);
  }

  std::string part(const Formula& formula) const {
    return formula.form == Formula::Form::product || formula.form == Formula::Form::difference
               ? fmt::format("({})", whole(formula))
               : whole(formula);
  }

  std::string rank(const Formula& formula) const {
    const Formula* leaf = &formula;
    while (!leaf->parts.empty()) {
      leaf = &leaf->parts.back();
    }
    return rank_text(problem_, tensor_, leaf->rank);
  }

  std::string axis_text(const Formula& formula) const {
    if (!formula.axis) {
      return "";
    }
    const Fanout& fanout = *architecture_.fanout(formula.axis->fanout);
    return fmt::format(" on {}.{}", fanout.name, fanout.axes[formula.axis->axis].name);
  }

  std::string leaf(const Formula& formula) const {
    const std::string value = grouped(formula.value);
    const auto dimension = [&] { return problem_.at(formula.dimension).name; };
    switch (formula.meaning) {
      case Meaning::tile:
        return fmt::format("tile {}", value);
      case Meaning::extent:
        return fmt::format("{} {}", rank(formula), value);
      case Meaning::indices:
        return fmt::format("all {} {}", dimension(), value);
      case Meaning::places:
        return fmt::format("all {} {}", rank(formula), value);
      case Meaning::shared_places:
        return fmt::format("{} {} together", rank(formula), value);
      case Meaning::first:
        return fmt::format("{} first", value);
      case Meaning::fresh:
        return fmt::format("{} new", value);
      case Meaning::sized:
      case Meaning::times:
        return value;
      case Meaning::loop:
      case Meaning::steps:
      case Meaning::used:
        return fmt::format("{} {}", dimension(), value);
      case Meaning::again:
        return fmt::format("{} {} again", dimension(), value);
      case Meaning::spread:
        return fmt::format("{} {}{}", dimension(), value, axis_text(formula));
      case Meaning::copies:
        return fmt::format("{} {} copies{}", dimension(), value, axis_text(formula));
      case Meaning::operations:
        return fmt::format("operations {}", value);
      case Meaning::updates:
        return fmt::format("updates {}", value);
      case Meaning::drains:
        return fmt::format("drains {}", value);
      case Meaning::composed:
        break;
    }
    return value;
  }

  const Problem& problem_;
  const Architecture& architecture_;
  TensorId tensor_;
};

}  // namespace

std::string rank_text(const Problem& problem, TensorId tensor, std::size_t rank) {
  std::string text;
  int terms = 0;
  for (const Term& term : problem.at(tensor).projection.ranks[rank]) {
    const Dimension& dimension = problem.at(term.dimension);
    if (dimension.bound == 1) {
      continue;
    }
    ++terms;
    text += term.coefficient < 0 ? "-" : text.empty() ? "" : "+";
    const std::int64_t size = std::abs(term.coefficient);
    text += size == 1 ? dimension.name : fmt::format("{}*{}", size, dimension.name);
  }
  if (terms == 1) {
    // Alone in its rank only the dimension matters, not its stride.
    for (const Term& term : problem.at(tensor).projection.ranks[rank]) {
      if (problem.at(term.dimension).bound > 1) {
        return problem.at(term.dimension).name;
      }
    }
  }
  return fmt::format("[{}]", text);
}

std::string formula_text(const Problem& problem, const Architecture& architecture, TensorId tensor,
                         const Formula& formula) {
  return Writer(problem, architecture, tensor).whole(formula);
}

}  // namespace tessera
