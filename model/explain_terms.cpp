#include "model/explain_terms.hpp"

#include "model/checked.hpp"

namespace tessera {

Formula number(Meaning meaning, std::int64_t value) {
  Formula leaf;
  leaf.meaning = meaning;
  leaf.value = value;
  return leaf;
}

Formula of_dimension(Meaning meaning, std::size_t dimension, std::int64_t value) {
  Formula leaf = number(meaning, value);
  leaf.dimension = DimensionId(dimension);
  return leaf;
}

Formula of_rank(Meaning meaning, std::size_t rank, std::int64_t value) {
  Formula leaf = number(meaning, value);
  leaf.rank = rank;
  return leaf;
}

Formula product(std::vector<Formula> factors, Meaning meaning) {
  if (factors.empty()) {
    return number(meaning, 1);
  }
  if (factors.size() == 1) {
    return std::move(factors.front());
  }
  Formula whole;
  whole.form = Formula::Form::product;
  whole.value = 1;
  for (const Formula& factor : factors) {
    whole.value = checked_mul(whole.value, factor.value);
  }
  whole.parts = std::move(factors);
  return whole;
}

Formula sum(std::vector<Formula> parts) {
  Formula whole;
  whole.form = Formula::Form::sum;
  for (const Formula& part : parts) {
    whole.value = checked_add(whole.value, part.value);
  }
  whole.parts = std::move(parts);
  return whole;
}

Formula sum_of(const std::vector<WindowSteps>& steps, std::size_t rank) {
  std::vector<Formula> parts;
  for (const WindowSteps& step : steps) {
    std::vector<Formula> factors{number(Meaning::times, step.times),
                                 of_rank(Meaning::sized, rank, step.words)};
    parts.push_back(product(std::move(factors), Meaning::sized));
  }
  return sum(std::move(parts));
}

std::int64_t arithmetic(const Formula& formula) {
  switch (formula.form) {
    case Formula::Form::number:
      return formula.value;
    case Formula::Form::difference:
      return arithmetic(formula.parts[0]) - arithmetic(formula.parts[1]);
    case Formula::Form::product:
    case Formula::Form::sum:
      break;
  }
  const bool multiplies = formula.form == Formula::Form::product;
  std::int64_t result = multiplies ? 1 : 0;
  for (const Formula& part : formula.parts) {
    result =
        multiplies ? checked_mul(result, arithmetic(part)) : checked_add(result, arithmetic(part));
  }
  return result;
}

}  // namespace tessera
