#include "search/exact_outer.hpp"

#include <algorithm>
#include <limits>

#include "search/exact_dominance.hpp"

namespace tessera {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// The flows and rooms of a form, in terms of columns.
struct Outline {
  std::vector<std::uint16_t> columns;  ///< components
  std::vector<Flow> flows;
  std::vector<Room> rooms;

  explicit Outline(const TermTable& terms) : flows(terms.outer()), rooms(terms.rooms()) {
    for (Flow& flow : flows) {
      translate(flow);
    }
    for (Room& room : rooms) {
      for (Flow& tile : room.tiles) {
        translate(tile);
      }
    }
  }

  std::vector<double> numbers() const {
    std::vector<double> all;
    const auto add = [&](const std::vector<Flow>& list) {
      for (const Flow& flow : list) {
        all.insert(all.end(), {static_cast<double>(flow.words), static_cast<double>(flow.visits),
                               flow.scale, flow.less});
      }
      all.push_back(-1);
    };
    add(flows);
    for (const Room& room : rooms) {
      add(room.tiles);
      all.push_back(room.available);
    }
    return all;
  }

 private:
  void translate(Flow& flow) {
    flow.words = column_of(flow.words);
    if (flow.visits >= 0) {
      flow.visits = static_cast<std::int16_t>(column_of(static_cast<std::uint16_t>(flow.visits)));
    }
  }
  std::uint16_t column_of(std::uint16_t component) {
    const auto at = std::find(columns.begin(), columns.end(), component);
    if (at == columns.end()) {
      columns.push_back(component);
      return static_cast<std::uint16_t>(columns.size() - 1);
    }
    return static_cast<std::uint16_t>(at - columns.begin());
  }
};

/// Branch and bound over the options of all groups, one group after the other.
class Search {
 public:
  Search(const Outline& outline, std::vector<const std::vector<double>*> groups, std::uint64_t most)
      : outline_(outline), groups_(std::move(groups)), width_(outline.columns.size()), left_(most) {
    rest_.assign((groups_.size() + 1) * width_, 1.0);
    for (std::size_t g = groups_.size(); g-- > 0;) {
      for (std::size_t c = 0; c < width_; ++c) {
        double least = kInfinity;
        for (std::size_t i = c; i < groups_[g]->size(); i += width_) {
          least = std::min(least, (*groups_[g])[i]);
        }
        rest_[g * width_ + c] = least * rest_[(g + 1) * width_ + c];
      }
    }
    children_.resize(groups_.size());
    chosen_.assign((groups_.size() + 1) * width_, 1.0);
    values_.resize(width_);
  }

  double run() {
    branch(0);
    return left_ == 0 ? 0 : best_;
  }

 private:
  struct Child {
    double bound;
    std::size_t row;
  };

  void branch(std::size_t group) {
    if (group == groups_.size()) {
      return;
    }
    const std::vector<double>& options = *groups_[group];
    const double* so_far = chosen_.data() + group * width_;
    const double* rest = rest_.data() + (group + 1) * width_;
    std::vector<Child>& children = children_[group];
    children.clear();
    for (std::size_t row = 0; row * width_ < options.size() && left_ > 0; ++row) {
      --left_;
      for (std::size_t c = 0; c < width_; ++c) {
        values_[c] = so_far[c] * options[row * width_ + c] * rest[c];
      }
      if (std::all_of(outline_.rooms.begin(), outline_.rooms.end(), [&](const Room& room) {
            return sum_of(room.tiles, values_.data()) <= room.available;
          })) {
        const double bound = sum_of(outline_.flows, values_.data());
        if (bound < best_) {
          children.push_back({bound, row});
        }
      }
    }
    std::sort(children.begin(), children.end(), [](const Child& a, const Child& b) {
      return a.bound != b.bound ? a.bound < b.bound : a.row < b.row;
    });
    if (group + 1 == groups_.size()) {
      best_ = children.empty() ? best_ : children.front().bound;
      return;
    }
    for (std::size_t i = 0; i < children.size() && children[i].bound < best_; ++i) {
      for (std::size_t c = 0; c < width_; ++c) {
        chosen_[(group + 1) * width_ + c] = so_far[c] * options[children[i].row * width_ + c];
      }
      branch(group + 1);
    }
  }

  const Outline& outline_;
  std::vector<const std::vector<double>*> groups_;
  std::size_t width_;
  std::vector<double> rest_;    ///< by group: product of the least of it and all further ones
  std::vector<double> chosen_;  ///< by group: product of what was chosen before
  std::vector<double> values_;
  std::vector<std::vector<Child>> children_;
  std::uint64_t left_;  ///< rows that may still be looked at
  double best_ = kInfinity;
};

/// The trie's columns of some components, each once, without those in which all options are alike.
std::vector<std::uint16_t> told_apart(const OptionTrie& trie,
                                      const std::vector<std::uint16_t>& components) {
  std::vector<std::uint16_t> columns;
  for (const std::uint16_t component : components) {
    const std::uint16_t column = trie.columns[component];
    if (std::find(columns.begin(), columns.end(), column) == columns.end()) {
      columns.push_back(column);
    }
  }
  std::erase_if(columns, [&](std::uint16_t column) {
    std::size_t i = column;
    while (i < trie.least.size() && trie.least[i] == trie.least[column]) {
      i += trie.width;
    }
    return i >= trie.least.size();
  });
  return columns;
}

/// Those rows of a trie's leaves that no other beats in some columns, of equal ones one, in the
/// order of these columns.
std::vector<const double*> unbeaten(const OptionTrie& trie,
                                    const std::vector<std::uint16_t>& columns) {
  std::vector<const double*> kept;
  VectorList vectors;
  vectors.reset(columns.size());
  std::vector<double> vector(columns.size());
  const auto beaten_by = [&](const double* row) {
    std::transform(columns.begin(), columns.end(), vector.begin(),
                   [&](std::uint16_t column) { return row[column]; });
    return vectors.find_at_most(vector.data(), [](std::size_t) { return true; });
  };
  for (std::size_t i = trie.width; i < trie.least.size(); i += trie.width) {  // after the root's
    const double* row = trie.least.data() + i;
    const std::size_t better = beaten_by(row);
    if (better == vectors.size()) {
      kept.push_back(row);
      vectors.add(vector.data());
    } else {  // it is likely to beat others, too
      vectors.exchange(better, better / 2);
      std::swap(kept[better], kept[better / 2]);
    }
  }
  // What came before a row that beats it is still there.
  std::sort(kept.begin(), kept.end(), [&](const double* a, const double* b) {
    for (const std::uint16_t column : columns) {
      if (a[column] != b[column]) {
        return a[column] < b[column];
      }
    }
    return false;
  });
  std::vector<const double*> best;
  vectors.reset(columns.size());
  for (const double* row : kept) {
    if (beaten_by(row) == vectors.size()) {
      best.push_back(row);
      vectors.add(vector.data());
    }
  }
  return best;
}

}  // namespace

double OuterMinimum::of(const TermTable& terms, const std::vector<const OptionTrie*>& tries) {
  if (terms.outer().empty() || tries.empty()) {
    return 0;
  }
  const Outline outline(terms);
  std::vector<std::size_t> groups;
  std::vector<const Rows*> rows;
  for (const OptionTrie* trie : tries) {
    groups.push_back(reduced(*trie, outline.columns));
    rows.push_back(rows_[groups.back()]);
  }
  const auto [at, is_new] = found_.try_emplace({std::move(groups), outline.numbers()}, 0.0);
  if (is_new) {
    at->second = Search(outline, std::move(rows), most_).run();
  }
  return at->second;
}

/// The options of a trie that no other beats in the components' columns, without repetition.
std::size_t OuterMinimum::reduced(const OptionTrie& trie, const Columns& components) {
  const auto [at, is_new] = reduced_.try_emplace({&trie, components}, 0);
  if (!is_new) {
    return at->second;
  }
  const Columns columns = told_apart(trie, components);
  const std::vector<const double*> best = unbeaten(trie, columns);
  Rows kept;
  for (const double* row : best) {
    for (const std::uint16_t component : components) {
      kept.push_back(row[trie.columns[component]]);
    }
  }
  const auto [number, added] = numbers_.try_emplace(std::move(kept), rows_.size());
  if (added) {
    rows_.push_back(&number->first);
  }
  at->second = number->second;
  return at->second;
}

}  // namespace tessera
