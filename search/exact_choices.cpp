// The loops of one dimension: an ordered factorization over blocks and axes, and for each spatial
// loop of a dimension where that matters its place among the temporal ones: outside, inside or
// between two of them. Where the dimension is split, a spatial loop may also cut the loop of a
// block in two: then each of the parts is over 1 and a spatial loop stands at every cut, since
// parts that touch are one loop.
//
// With remainders, loops that touch are not always one loop of a mapping: 2 and 2 beside a spatial
// 2 cover 5, and none of them can be lowered, but 4 could be lowered to 3. What a hold between them
// kept apart stays a legal mapping when the hold has moved (mapper/normal_form.cpp), so a bound
// here may be the product of several loops that stand next to each other. All their prime factors
// being loops of their own, none of those can be lowered; `whole` says of a single bound whether it
// can. Of the outermost loop, steps beyond the last index do not exist, so there only bounds that
// cannot be lowered are different from one another.

#include "search/exact_choices.hpp"

#include <algorithm>
#include <set>

namespace tessera {
namespace {

class Lister {
 public:
  Lister(const ChoiceRules& rules, const std::vector<SpatialSlot>& axes, std::size_t blocks)
      : rules_(rules), axes_(axes), parts_(blocks, 1) {
    list_.slots = axes.size();
    list_.blocks = blocks;
    row_.assign(list_.width(), 1);
    for (std::size_t s = 0; s < axes.size(); ++s) {
      if (axes[s].allowed.contains(rules.dimension)) {
        taken_.push_back(s);
      }
    }
  }

  ChoiceList run() {
    if (!parts_.empty() || !taken_.empty()) {
      cut(0, rules_.split ? std::min(taken_.size(), kLoopParts - 1) : 0);
    }
    return std::move(list_);
  }

 private:
  /// Cuts blocks from `block` on, up to `left` times, in all ways.
  void cut(std::size_t block, std::size_t left) {
    if (block == parts_.size()) {
      factorize();
      return;
    }
    for (std::size_t cuts = 0; cuts <= left; ++cuts) {
      parts_[block] = 1 + cuts;
      cut(block + 1, left - cuts);
    }
    parts_[block] = 1;
  }

  void factorize() {
    std::size_t temporal = 0;
    for (const std::size_t parts : parts_) {
      temporal += parts;
    }
    rules_.factorizations->for_each(temporal + taken_.size(),
                                    [&](std::span<const std::int64_t> bounds) {
                                      if (take(bounds)) {
                                        place(0);
                                      }
                                      return true;
                                    });
    if (rules_.joined != nullptr) {
      rules_.joined->for_each(temporal + taken_.size(), temporal,
                              [&](std::span<const std::int64_t> bounds) {
                                if (take(bounds)) {
                                  place(0);
                                }
                              });
    }
  }

  /// Whether the outermost loop of the row cannot be lowered. (Single loops never can.)
  bool outermost_is_whole() const {
    std::int64_t product = 1;
    std::int64_t outermost = 0;
    for (std::size_t i = 2 * axes_.size(); i < row_.size(); ++i) {
      product *= row_[i];
      outermost = outermost == 0 && row_[i] > 1 ? row_[i] : outermost;
    }
    for (std::size_t s = 0; s < axes_.size(); ++s) {
      product *= row_[s];
      if (row_[s] > 1 && row_[axes_.size() + s] == 0) {
        return true;
      }
    }
    return outermost == 0 || rules_.joined->whole(outermost, product);
  }

  /// Writes the bounds into the row; false if a cut loop has a part of 1, an axis is too short, or
  /// a rule on spatial loops is broken.
  bool take(std::span<const std::int64_t> bounds) {
    std::fill(row_.begin(), row_.end(), 1);
    cuts_.clear();
    loops_ = 0;
    std::size_t next = 0;
    for (std::size_t b = 0; b < parts_.size(); ++b) {
      for (std::size_t part = 0; part < parts_[b]; ++part) {
        const std::int64_t bound = bounds[next++];
        if (bound == 1 && parts_[b] > 1) {
          return false;
        }
        if (part > 0) {
          cuts_.push_back(loops_);
        }
        loops_ += bound > 1 ? 1 : 0;
        row_[2 * axes_.size() + b * kLoopParts + part] = bound;
      }
    }
    for (const std::size_t s : taken_) {
      row_[s] = bounds[next++];
      if (row_[s] > axes_[s].size) {
        return false;
      }
    }
    if (!std::all_of(rules_.spatial.begin(), rules_.spatial.end(), [&](const SpatialRule& rule) {
          return rule.met({row_.data(), axes_.size()});
        })) {
      return false;
    }
    for (std::size_t s = 0; s < axes_.size(); ++s) {
      gap(s) = loops_;
    }
    return true;
  }

  /// Chooses the place of each spatial loop; where the place does not matter, innermost.
  void place(std::size_t i) {
    if (i == taken_.size()) {
      const bool all = std::all_of(cuts_.begin(), cuts_.end(), [&](std::int64_t at) {
        return std::any_of(taken_.begin(), taken_.end(),
                           [&](std::size_t s) { return row_[s] > 1 && gap(s) == at; });
      });
      if (all && (rules_.joined == nullptr || outermost_is_whole())) {
        list_.numbers.insert(list_.numbers.end(), row_.begin(), row_.end());
      }
      return;
    }
    const std::size_t s = taken_[i];
    const bool moves = rules_.placed && row_[s] > 1;
    for (std::int64_t at = moves ? 0 : loops_; at <= loops_; ++at) {
      gap(s) = at;
      place(i + 1);
    }
  }

  std::int64_t& gap(std::size_t slot) { return row_[axes_.size() + slot]; }

  const ChoiceRules& rules_;
  const std::vector<SpatialSlot>& axes_;
  ChoiceList list_;
  std::vector<std::size_t> taken_;  // slots that the dimension may use
  std::vector<std::size_t> parts_;  // by block
  std::vector<std::int64_t> cuts_;  // temporal loops outside each cut
  std::vector<std::int64_t> row_;
  std::int64_t loops_ = 0;
};

}  // namespace

JoinedBounds::JoinedBounds(const Factorizations& factorizations) : bound_(factorizations.bound()) {
  std::set<std::int64_t> products;
  for (std::size_t i = 0; i < factorizations.multisets(); ++i) {
    std::int64_t product = 1;
    for (const std::int64_t factor : factorizations.multiset(i)) {
      product *= factor;
    }
    products.insert(product);
  }
  for (const std::int64_t product : products) {
    products_.push_back({product, divisors_of(product)});
  }
}

double JoinedBounds::count_at_most(std::size_t slots) const {
  double count = 0;
  for (const Product& product : products_) {
    double ways = 1;
    std::int64_t rest = product.value;
    for (const std::int64_t divisor : product.divisors) {
      // Of a prime, `times` of them in `slots` slots: a binomial coefficient.
      for (std::size_t times = 1; divisor > 1 && rest % divisor == 0; ++times) {
        rest /= divisor;
        ways *= static_cast<double>(slots + times - 1) / static_cast<double>(times);
      }
    }
    count += ways;
  }
  return count;
}

bool SpatialRule::met(std::span<const std::int64_t> spatial) const {
  std::int64_t product = 1;
  for (const std::size_t slot : slots) {
    product *= spatial[slot];
  }
  switch (relation) {
    case FactorRelation::equal:
      return product == factor;
    case FactorRelation::at_most:
      return product <= factor;
    case FactorRelation::at_least:
      return product >= factor;
  }
  return false;
}

ChoiceList list_choices(const ChoiceRules& rules, const std::vector<SpatialSlot>& axes,
                        std::size_t blocks) {
  return Lister(rules, axes, blocks).run();
}

}  // namespace tessera
