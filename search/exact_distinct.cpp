#include "search/exact_distinct.hpp"

#include <algorithm>

namespace tessera {

DistinctColumns::DistinctColumns(const GroupColumns& columns) : group_(columns) {
  const std::size_t components = columns.terms().components().size();
  for (std::size_t nth = 0; nth < columns.dimensions().size(); ++nth) {
    remainders_ = remainders_ || !columns.table(nth).all_perfect();
  }
  needs_model_ =
      remainders_ && std::any_of(columns.windows().begin(), columns.windows().end(),
                                 [](const GroupColumns::Window& window) { return !window.whole; });
  all_closed_ = std::all_of(columns.windows().begin(), columns.windows().end(),
                            [](const GroupColumns::Window& window) { return window.closed; });
  needs_model_ = needs_model_ || !all_closed_;
  // Windows come in the order of their components.
  for (std::size_t i = 0, w = 0; i <= components; ++i) {
    windows_begin_.push_back(w);
    while (w < columns.windows().size() && columns.windows()[w].component == i) {
      ++w;
    }
  }
  std::vector<std::size_t> constants;
  std::vector<std::size_t> first(components);  // by component: the first that is the same
  for (std::size_t i = 0; i < components; ++i) {
    first[i] = i;
    for (std::size_t j = 0; j < i && first[i] == i; ++j) {
      first[i] = first[j] == j && same(i, j) ? j : i;
    }
    if (first[i] == i) {
      (constant(i) ? constants : components_).push_back(i);
    }
  }
  varying_ = components_.size();
  components_.insert(components_.end(), constants.begin(), constants.end());
  columns_.resize(components);
  for (std::size_t i = 0; i < components; ++i) {
    const auto at = std::find(components_.begin(), components_.end(), first[i]);
    columns_[i] = static_cast<std::uint16_t>(at - components_.begin());
  }
  closed_.assign(components_.size(), 1);
  whole_.assign(components_.size(), 1);
  for (std::size_t w = 0; w < columns.windows().size(); ++w) {
    const GroupColumns::Window& window = columns.windows()[w];
    if (first[window.component] != window.component) {
      continue;
    }
    const std::size_t column = columns_[window.component];
    closed_[column] = closed_[column] != 0 && window.closed ? 1 : 0;
    whole_[column] = whole_[column] != 0 && window.whole ? 1 : 0;
    if (counted_.empty() || counted_.back() != column) {
      counted_.push_back(column);
    }
    if (window.closed) {
      windows_.emplace_back(columns, window);
      window_columns_.push_back(column);
      sources_.push_back(w);
    }
  }
}

std::size_t DistinctColumns::end_of_rank(std::size_t begin) const {
  std::size_t end = begin + 1;
  while (end < windows_.size() && windows_[end].alternative()) {
    ++end;
  }
  return end;
}

std::span<const GroupColumns::Window> DistinctColumns::windows_of(std::size_t component) const {
  return group_.windows().subspan(windows_begin_[component],
                                  windows_begin_[component + 1] - windows_begin_[component]);
}

/// Whether two components are equal in all options.
bool DistinctColumns::same(std::size_t a, std::size_t b) const {
  for (std::size_t nth = 0; nth < group_.dimensions().size(); ++nth) {
    if (group_.factors(a, nth) != group_.factors(b, nth)) {
      return false;
    }
  }
  const auto of_a = windows_of(a);
  const auto of_b = windows_of(b);
  if (of_a.empty() && of_b.empty()) {
    return true;
  }
  // What the model counts is not looked into.
  return !needs_model_ && std::equal(of_a.begin(), of_a.end(), of_b.begin(), of_b.end(),
                                     [](const GroupColumns::Window& x,
                                        const GroupColumns::Window& y) { return x.same_count(y); });
}

bool DistinctColumns::constant(std::size_t component) const {
  for (std::size_t nth = 0; nth < group_.dimensions().size(); ++nth) {
    if (!group_.constant(component, nth)) {
      return false;
    }
  }
  return windows_of(component).empty();
}

}  // namespace tessera
