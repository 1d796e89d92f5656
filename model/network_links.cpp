// Hops of what is sent where neighbours pass words on (model/window_links.hpp): only what is needed
// goes its way. What is passed on takes one hop each, which the evaluator adds.

#include <algorithm>

#include "model/checked.hpp"
#include "model/network.hpp"

namespace tessera {

void HopCounter::add_linked_window(const Window& window, const Boundary& boundary,
                                   Sharing sharing) {
  clear_ways();
  const std::size_t terms = window.terms().size();
  terms_size_.clear();
  for (std::size_t t = 0; t < terms; ++t) {
    const std::size_t end = t + 1 < terms ? first_place_[t + 1] : places_.at.size();
    terms_size_.push_back(end - first_place_[t]);
  }
  LinkedWalk walk(window.terms(), nest_, boundary, scratch_);
  walk.for_each([&](std::int64_t count, std::vector<LinkedInstance>& instances) {
    add_linked_step(instances, sharing, count);
  });
  multiply_ways();
}

HopCounter::Place HopCounter::place_of(const LinkedInstance& instance) const {
  Place sum;
  std::size_t rest = instance.number;
  for (std::size_t t = terms_size_.size(); t-- > 0;) {
    const Place& part = places_.at[first_place_[t] + rest % terms_size_[t]];
    rest /= terms_size_[t];
    sum.x += part.x;
    sum.y += part.y;
  }
  return sum;
}

void HopCounter::add_linked_step(std::vector<LinkedInstance>& instances, Sharing sharing,
                                 std::int64_t count) {
  const auto before = [](const Interval& a, const Interval& b) {
    return a.first != b.first ? a.first < b.first : a.last < b.last;
  };
  std::sort(instances.begin(), instances.end(),
            [&](const LinkedInstance& a, const LinkedInstance& b) {
              return a.group != b.group
                         ? a.group < b.group
                         : sharing == Sharing::tile &&
                               std::lexicographical_compare(a.needs.begin(), a.needs.end(),
                                                            b.needs.begin(), b.needs.end(), before);
            });
  for (auto first = instances.begin(); first != instances.end();) {
    const auto last = std::find_if(first, instances.end(), [&](const LinkedInstance& i) {
      return i.group != first->group || (sharing == Sharing::tile && i.needs != first->needs);
    });
    if (sharing == Sharing::tile) {
      members_.clear();
      std::int64_t words = 0;
      for (const Interval& run : first->needs) {
        words += run.size();
      }
      for (auto i = first; i != last; ++i) {
        members_.push_back(place_of(*i));
      }
      if (words > 0) {
        add_group(members_, checked_mul(count, words));
      }
    } else {
      add_needed_words({first, last}, count);
    }
    first = last;
  }
}

void HopCounter::add_needed_words(std::span<const LinkedInstance> group, std::int64_t count) {
  runs_.clear();
  for (const LinkedInstance& instance : group) {
    const Place place = place_of(instance);
    for (const Interval& run : instance.needs) {
      runs_.push_back({run, place});
    }
  }
  add_runs(count);
}

}  // namespace tessera
