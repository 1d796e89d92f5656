#include "search/chain_sum.hpp"

#include <algorithm>
#include <utility>

namespace tessera {

ChainSum::ChainSum(std::size_t values, std::size_t most) : count_(values), most_(most) {
  states_[0].push_back({});
}

bool ChainSum::add(const LayerFronts& fronts) {
  std::array<std::vector<Values>, 2> next;
  std::array<std::vector<Origin>, 2> origins;
  double thinned = 0;
  for (const bool output : {false, true}) {
    std::vector<ShiftedPoints> lists;
    std::vector<Choice> choices;
    for (const bool input : {false, true}) {
      const std::vector<Values>& front = fronts[input][output];
      for (std::uint32_t point = 0; point < front.size(); ++point) {
        lists.push_back({&states_[input], front[point]});
        choices.push_back({input, output, point});
      }
    }
    auto merged = merge_undominated(count_, most_, lists);
    if (!merged) {
      return false;
    }
    if (merged->size() > most_) {
      thinned = std::max(thinned, thin(*merged, most_));
    }
    for (const MergedPoint& point : *merged) {
      next[output].push_back(point.values);
      origins[output].push_back({point.place, choices[point.list]});
    }
  }
  slack_ = (1 + slack_) * (1 + thinned) - 1;
  states_ = std::move(next);
  stages_.push_back(std::move(origins));
  return true;
}

std::vector<ChainSum::Choice> ChainSum::choices(std::size_t point) const {
  std::vector<Choice> chosen(stages_.size());
  bool state = false;
  for (std::size_t stage = stages_.size(); stage-- > 0;) {
    const Origin& origin = stages_[stage][state][point];
    chosen[stage] = origin.choice;
    state = origin.choice.input_kept;
    point = origin.parent;
  }
  return chosen;
}

}  // namespace tessera
