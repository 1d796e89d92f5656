#include "model/window_links.hpp"

#include <algorithm>
#include <functional>
#include <map>

#include "model/checked.hpp"

namespace tessera {
namespace {

/// Takes `hole` out of runs[0 .. count); a run may become two.
template <std::size_t kMost>
void subtract(std::array<Interval, kMost>& runs, std::size_t& count, const Interval& hole) {
  std::size_t kept = 0;
  std::array<Interval, kMost> left;
  for (std::size_t i = 0; i < count; ++i) {
    for (const Interval& part : difference(runs[i], hole)) {
      if (!part.empty()) {
        left[kept++] = part;
      }
    }
  }
  runs = left;
  count = kept;
}

bool covers(const Interval& all, const Interval& part) {
  return part.empty() || (all.first <= part.first && part.last <= all.last);
}

/// Sorts runs and joins those that touch.
void join(std::vector<Interval>& runs) {
  std::sort(runs.begin(), runs.end(),
            [](const Interval& a, const Interval& b) { return a.first < b.first; });
  std::size_t kept = 0;
  for (const Interval& run : runs) {
    if (kept > 0 && run.first <= runs[kept - 1].last + 1) {
      runs[kept - 1].last = std::max(runs[kept - 1].last, run.last);
    } else {
      runs[kept++] = run;
    }
  }
  runs.resize(kept);
}

std::array<std::int64_t, 4> entering_key(const LinkedInstance& i) {
  return {i.enters[0].first, i.enters[0].last, i.enters[1].first, i.enters[1].last};
}

std::int64_t size_of(const std::vector<Interval>& runs) {
  std::int64_t size = 0;
  for (const Interval& run : runs) {
    size += run.size();
  }
  return size;
}

/// What a server sends for instances of one group that need something.
std::int64_t served(LinkedInstance* first, LinkedInstance* last, Sharing sharing,
                    std::vector<Interval>& scratch) {
  if (sharing == Sharing::word) {
    scratch.clear();
    for (; first != last; ++first) {
      scratch.insert(scratch.end(), first->needs.begin(), first->needs.end());
    }
    return union_size(scratch);
  }
  std::int64_t words = 0;
  for (auto* i = first; i != last; ++i) {
    const bool again =
        std::any_of(first, i, [&](const LinkedInstance& other) { return other.needs == i->needs; });
    words += again ? 0 : size_of(i->needs);
  }
  return words;
}

/// Calls visit(count, words) for each run of alike steps.
template <class Visit>
void sum_steps(const std::vector<WindowTerm>& terms, const Nest& nest, const Boundary& boundary,
               Sharing sharing, WindowScratch& scratch, Visit&& visit) {
  LinkedWalk walk(terms, nest, boundary, scratch);
  walk.for_each([&](std::int64_t count, std::vector<LinkedInstance>& instances) {
    std::sort(instances.begin(), instances.end(),
              [](const LinkedInstance& a, const LinkedInstance& b) { return a.group < b.group; });
    LinkedWords words;
    LinkedInstance* const end = instances.data() + instances.size();
    for (LinkedInstance* first = instances.data(); first != end;) {
      LinkedInstance* const last = std::find_if(
          first, end, [&](const LinkedInstance& i) { return i.group != first->group; });
      words.served += served(first, last, sharing, scratch.intervals);
      first = last;
    }
    for (const LinkedInstance& i : instances) {
      words.passed += i.enters[0].size() + i.enters[1].size() - size_of(i.needs);
    }
    visit(count, words);
  });
}

}  // namespace

LinkedWalk::LinkedWalk(const std::vector<WindowTerm>& terms, const Nest& nest,
                       const Boundary& boundary, WindowScratch& scratch)
    : terms_(terms),
      walk_(terms, nest, boundary, WindowWalk::Neighbours{}, scratch),
      by_tile_(boundary.linked == Sharing::tile) {
  find_chains(nest, boundary);
}

bool LinkedWalk::Chain::step(std::size_t& number, bool next) const {
  for (const Link& link : links) {
    const std::size_t value = number / link.stride % link.bound;
    if (next ? value + 1 < link.bound : value > 0) {
      number += next ? link.stride : 0 - link.stride;
      return true;
    }
    number += next ? 0 - value * link.stride : (link.bound - 1) * link.stride;  // carry
  }
  return false;
}

void LinkedWalk::find_chains(const Nest& nest, const Boundary& boundary) {
  // The innermost loops of each axis, as far as they are of one dimension: the last ones in the
  // order of the mapping.
  std::array<std::vector<const Digit*>, kMaxAxes> innermost;
  std::array<bool, kMaxAxes> ended{};
  const auto spatial = nest.spatial();
  for (std::size_t i = spatial.size(); i-- > 0;) {
    const Digit& digit = nest.digit(spatial[i]);
    if (digit.level != boundary.links || ended[digit.axis]) {
      continue;
    }
    std::vector<const Digit*>& run = innermost[digit.axis];
    if (!run.empty() && run.front()->dimension != digit.dimension) {
      ended[digit.axis] = true;
    } else {
      run.push_back(&digit);
    }
  }
  for (std::size_t t = 0; t < terms_.size(); ++t) {
    const auto digits = nest.digits(terms_[t].dimension);
    std::size_t stride = 1;
    const auto lies_between = [&](const Digit& digit) {
      return !digit.temporal() && digit.level >= boundary.server && digit.level < boundary.level;
    };
    const auto number = [&](std::vector<std::int64_t>& keys, const auto& counts) {
      keys.assign(1, 0);
      for (const Digit& digit : digits) {
        if (!lies_between(digit)) {
          continue;
        }
        std::vector<std::int64_t> longer;
        for (const std::int64_t key : keys) {
          for (std::int64_t v = 0; v < digit.bound; ++v) {
            longer.push_back(counts(digit) ? key * digit.bound + v : key);
          }
        }
        keys = std::move(longer);
      }
    };
    number(keys_[t].group, [&](const Digit& digit) { return boundary.apart.contains(digit); });
    number(keys_[t].linked, [&](const Digit& digit) {
      return digit.level < boundary.links || boundary.apart.contains(digit);
    });
    std::vector<std::pair<const Digit*, Chain::Link>> strides;
    for (std::size_t i = digits.size(); i-- > 0;) {
      const Digit& digit = digits[i];
      if (!lies_between(digit)) {
        continue;
      }
      const auto bound = static_cast<std::size_t>(digit.bound);
      strides.push_back({&digit, {.stride = stride, .bound = bound}});
      stride *= bound;
    }
    for (const auto& run : innermost) {
      Chain chain{.term = t, .links = {}};
      for (const Digit* digit : run) {
        for (const auto& [of, link] : strides) {
          if (of == digit) {
            chain.links.push_back(link);
          }
        }
      }
      if (!chain.links.empty()) {
        chains_.push_back(std::move(chain));
      }
    }
    sizes_[t] = stride;
  }
}

void LinkedWalk::list_instances() {
  instances_.clear();
  std::array<std::size_t, kMaxDimensions> at{};
  for (bool more = true; more;) {
    add_instance(at);
    more = false;
    for (std::size_t t = terms_.size(); t-- > 0 && !more;) {
      more = ++at[t] < walk_.pieces(t).size();
      at[t] = more ? at[t] : 0;
    }
  }
  std::sort(instances_.begin(), instances_.end(),
            [&](const LinkedInstance& a, const LinkedInstance& b) {
              return a.linked != b.linked ? a.linked < b.linked
                                          : by_tile_ && entering_key(a) < entering_key(b);
            });
  LinkedInstance* const end = instances_.data() + instances_.size();
  for (LinkedInstance* first = instances_.data(); first != end;) {
    LinkedInstance* const last = std::find_if(first, end, [&](const LinkedInstance& i) {
      return i.linked != first->linked || (by_tile_ && entering_key(i) != entering_key(*first));
    });
    find_needs(first, last);
    first = last;
  }
}

/// Of what enters instances that share, that is needed of which some have it from no neighbour.
void LinkedWalk::find_needs(LinkedInstance* first, LinkedInstance* last) {
  const bool all_whole = std::all_of(first, last, [](const LinkedInstance& i) { return i.whole; });
  joined_.clear();
  for (auto* i = first; i != last && !by_tile_; ++i) {
    joined_.insert(joined_.end(), i->lacks.data(), i->lacks.data() + i->lack_count);
  }
  join(joined_);
  for (; first != last; ++first) {
    for (const Interval& run : first->enters) {
      if (by_tile_ && !all_whole && !run.empty()) {
        first->needs.push_back(run);
      }
      for (const Interval& lacking : joined_) {
        const Interval both{std::max(run.first, lacking.first), std::min(run.last, lacking.last)};
        if (!both.empty()) {
          first->needs.push_back(both);
        }
      }
    }
  }
}

/// What the instance at `at` held at the step before; false if nothing, or if there is none.
bool LinkedWalk::held_before(const std::array<std::size_t, kMaxDimensions>& at,
                             Interval& before) const {
  before = {0, 0};
  for (std::size_t t = 0; t < terms_.size(); ++t) {
    if (at[t] >= walk_.pieces(t).size()) {
      return false;
    }
    const WindowPiece& piece = walk_.pieces(t)[at[t]];
    const Interval& part = t == walk_.swept() ? piece.other : piece.held;
    if (part.empty()) {
      return false;
    }
    before = add_scaled(before, part, terms_[t].coefficient);
  }
  return true;
}

void LinkedWalk::add_instance(const std::array<std::size_t, kMaxDimensions>& at) {
  Interval held{0, 0};
  LinkedInstance instance;
  for (std::size_t t = 0; t < terms_.size(); ++t) {
    const WindowPiece& piece = walk_.pieces(t)[at[t]];
    if (piece.held.empty()) {
      return;  // no work any more
    }
    held = add_scaled(held, piece.held, terms_[t].coefficient);
    // No more keys than combinations.
    instance.group = instance.group * static_cast<std::int64_t>(sizes_[t]) + keys_[t].group[at[t]];
    instance.linked =
        instance.linked * static_cast<std::int64_t>(sizes_[t]) + keys_[t].linked[at[t]];
    instance.number = instance.number * sizes_[t] + at[t];
  }
  Interval before;
  if (!held_before(at, before)) {
    instance.enters = {held, Interval{}};
  } else {
    instance.enters = difference(held, before);
  }
  if (instance.enters[0].empty()) {
    return;
  }
  for (const Interval& run : instance.enters) {
    if (!run.empty()) {
      instance.lacks[instance.lack_count++] = run;
    }
  }
  for (const Chain& chain : chains_) {
    for (const bool next : {false, true}) {
      auto neighbour = at;
      if (!chain.step(neighbour[chain.term], next)) {
        continue;
      }
      if (held_before(neighbour, before)) {
        subtract(instance.lacks, instance.lack_count, before);
        instance.whole = instance.whole ||
                         (covers(before, instance.enters[0]) && covers(before, instance.enters[1]));
      }
    }
  }
  instances_.push_back(instance);
}

LinkedWords linked_entering(const std::vector<WindowTerm>& terms, const Nest& nest,
                            const Boundary& boundary, Sharing sharing, WindowScratch& scratch) {
  LinkedWords sum;
  sum_steps(terms, nest, boundary, sharing, scratch,
            [&](std::int64_t count, const LinkedWords& words) {
              sum.served = checked_add(sum.served, checked_mul(words.served, count));
              sum.passed = checked_add(sum.passed, checked_mul(words.passed, count));
            });
  return sum;
}

std::vector<WindowSteps> linked_steps(const std::vector<WindowTerm>& terms, const Nest& nest,
                                      const Boundary& boundary, Sharing sharing,
                                      std::int64_t LinkedWords::*which, WindowScratch& scratch) {
  std::map<std::int64_t, std::int64_t, std::greater<>> times_by_words;
  sum_steps(terms, nest, boundary, sharing, scratch,
            [&](std::int64_t count, const LinkedWords& words) {
              if (words.*which > 0) {
                std::int64_t& total = times_by_words[words.*which];
                total = checked_add(total, count);
              }
            });
  std::vector<WindowSteps> steps;
  for (const auto& [words, times] : times_by_words) {
    steps.push_back({.words = words, .times = times});
  }
  return steps;
}

}  // namespace tessera
