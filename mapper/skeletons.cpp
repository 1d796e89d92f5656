// Lists what may hold what, and in which order.
//
// First the bypass choices: for each tensor the memories that hold it. `keep` and `bypass` of the
// architecture and of the constraints decide where they speak; the outermost memory holds every
// tensor unless told otherwise; elsewhere both ways are tried. A tensor held nowhere is no choice.
// Then the orders of the holds that follow the outermost ones, by the rule of the space.
#include <algorithm>
#include <functional>
#include <string>

#include "mapper/mapspace.hpp"

namespace tessera {
namespace {

using Chain = std::vector<LevelId>;  // the memories of one tensor, outermost first

class Lister {
 public:
  Lister(const Problem& problem, const Architecture& architecture, const Constraints& constraints,
         Space space, std::size_t most)
      : problem_(problem),
        architecture_(architecture),
        constraints_(constraints),
        space_(space),
        most_(most) {
    for (std::size_t i = 0; i < architecture.hierarchy.size(); ++i) {
      if (architecture.memory(LevelId(i)) != nullptr) {
        memories_.push_back(LevelId(i));
      }
    }
    chains_.resize(problem.tensors.size());
  }

  std::vector<Skeleton> list() {
    // Seen before the recursion, which would meet a dead end once for every choice of the others.
    for (std::size_t t = 0; t < problem_.tensors.size(); ++t) {
      bool held = false;
      for (const LevelId memory : memories_) {
        const auto [must, must_not] = rule(TensorId(t), memory);
        if (must && must_not) {
          return {};
        }
        held = held || !must_not;
      }
      if (!held) {
        return {};
      }
    }
    choose_chain(TensorId(0), 0);
    return std::move(skeletons_);
  }

 private:
  void choose_chain(TensorId tensor, std::size_t place) {
    if (tensor.index() == problem_.tensors.size()) {
      order_holds();
      return;
    }
    Chain& chain = chains_[tensor.index()];
    if (place == memories_.size()) {
      if (!chain.empty()) {
        choose_chain(TensorId(tensor.index() + 1), 0);
      }
      return;
    }
    const LevelId memory = memories_[place];
    const auto [must, must_not] = rule(tensor, memory);
    const bool outermost = place == 0;
    if (!must_not) {
      chain.push_back(memory);
      choose_chain(tensor, place + 1);
      chain.pop_back();
    }
    if (!must && (must_not || !outermost)) {
      choose_chain(tensor, place + 1);
    }
  }

  std::pair<bool, bool> rule(TensorId tensor, LevelId memory) const {
    const Memory& element = *architecture_.memory(memory);
    const TensorKind kind = problem_.at(tensor).kind;
    bool must = element.keep.contains(kind);
    bool must_not = element.bypass.contains(kind);
    for (const MemoryConstraint& constraint : constraints_.memories) {
      if (constraint.memory == memory) {
        must = must || constraint.keep.contains(tensor);
        must_not = must_not || constraint.bypass.contains(tensor);
      }
    }
    return {must, must_not};
  }

  void order_holds() {
    Skeleton skeleton;
    if (space_ == Space::even) {
      order_even(skeleton);
      return;
    }
    for (const LevelId memory : memories_) {
      TensorSet first;
      for (std::size_t t = 0; t < chains_.size(); ++t) {
        if (chains_[t].front() == memory) {
          first.insert(TensorId(t));
        }
      }
      if (!first.empty()) {
        skeleton.top.push_back({memory, first});
      }
    }
    std::vector<std::size_t> next(chains_.size(), 1);
    if (space_ == Space::free) {
      interleave(skeleton, next);
    } else {
      order_memories(skeleton, 0, TensorSet{});
    }
  }

  /// Where one tensor of a memory must precede all loops, so must all that stands at its place.
  void order_even(Skeleton& skeleton) {
    LevelId last_top = memories_.front();
    for (const Chain& chain : chains_) {
      last_top = std::max(last_top, chain.front());
    }
    for (const LevelId memory : memories_) {
      TensorSet held;
      for (std::size_t t = 0; t < chains_.size(); ++t) {
        if (std::find(chains_[t].begin(), chains_[t].end(), memory) != chains_[t].end()) {
          held.insert(TensorId(t));
        }
      }
      if (!held.empty()) {
        (memory <= last_top ? skeleton.top : skeleton.holds).push_back({memory, held});
      }
    }
    add(skeleton);
  }

  void interleave(Skeleton& skeleton, std::vector<std::size_t>& next) {
    bool complete = true;
    for (std::size_t t = 0; t < chains_.size(); ++t) {
      if (next[t] == chains_[t].size()) {
        continue;
      }
      complete = false;
      skeleton.holds.push_back(single(chains_[t][next[t]], t));
      ++next[t];
      interleave(skeleton, next);
      --next[t];
      skeleton.holds.pop_back();
    }
    if (complete) {
      add(skeleton);
    }
  }

  void order_memories(Skeleton& skeleton, std::size_t place, TensorSet done) {
    if (place == memories_.size()) {
      add(skeleton);
      return;
    }
    bool complete = true;
    for (std::size_t t = 0; t < chains_.size(); ++t) {
      const Chain& chain = chains_[t];
      if (done.contains(TensorId(t)) ||
          std::find(chain.begin() + 1, chain.end(), memories_[place]) == chain.end()) {
        continue;
      }
      complete = false;
      skeleton.holds.push_back(single(memories_[place], t));
      TensorSet with = done;
      with.insert(TensorId(t));
      order_memories(skeleton, place, with);
      skeleton.holds.pop_back();
    }
    if (complete) {
      order_memories(skeleton, place + 1, TensorSet{});
    }
  }

  static Hold single(LevelId memory, std::size_t tensor) {
    Hold hold{memory, {}};
    hold.tensors.insert(TensorId(tensor));
    return hold;
  }

  void add(Skeleton skeleton) {
    if (skeletons_.size() == most_) {
      throw MapspaceError("the holds can be ordered in more than " + std::to_string(most_) +
                          " ways: use the space 'hierarchical' or 'even', or say with keep and "
                          "bypass what the memories hold");
    }
    skeleton.needs_loop.assign(skeleton.slots(), false);
    for (std::size_t i = 0; i + 1 < skeleton.holds.size(); ++i) {
      const Hold& outer = skeleton.holds[i];
      const Hold& inner = skeleton.holds[i + 1];
      skeleton.needs_loop[i + 1] =
          std::pair(outer.memory, outer.tensors.bits) > std::pair(inner.memory, inner.tensors.bits);
    }
    DimensionSet every;
    for (std::size_t d = 0; d < problem_.dimensions.size(); ++d) {
      every.insert(DimensionId(d));
    }
    skeleton.allowed.assign(skeleton.slots(), every);
    for (const MemoryConstraint& constraint : constraints_.memories) {
      rule_loops(skeleton, constraint);
    }
    skeletons_.push_back(std::move(skeleton));
  }

  /// Rules on loops hold in the slots from each hold in the memory to its tensor's next one. A
  /// product of 1 keeps the dimension out of them.
  void rule_loops(Skeleton& skeleton, const MemoryConstraint& constraint) const {
    std::vector<std::size_t> speaks(skeleton.slots(), 0);  // by slot: for how many tensors
    std::size_t held = 0;
    for (std::size_t t = 0; t < chains_.size(); ++t) {
      const auto& chain = chains_[t];
      if (std::find(chain.begin(), chain.end(), constraint.memory) == chain.end()) {
        continue;
      }
      ++held;
      bool inside = false;
      const auto meet = [&](const Hold& hold) {
        if (hold.tensors.contains(TensorId(t))) {
          inside = hold.memory == constraint.memory;
        }
      };
      std::for_each(skeleton.top.begin(), skeleton.top.end(), meet);
      for (std::size_t slot = 0; slot < skeleton.slots(); ++slot) {
        if (slot > 0) {
          meet(skeleton.holds[slot - 1]);
        }
        speaks[slot] += inside ? 1 : 0;
      }
    }
    for (const auto& [dimension, product] : constraint.loops) {
      FixedLoops fixed{dimension, product, {}, {}};
      for (std::size_t slot = 0; slot < skeleton.slots(); ++slot) {
        if (speaks[slot] > 0) {
          fixed.ruled.push_back(slot);
          if (product == 1) {
            skeleton.allowed[slot].erase(dimension);
          } else if (speaks[slot] == held) {
            fixed.choices.push_back(slot);
          }
        }
      }
      if (product > 1 && held > 0) {
        skeleton.fixed.push_back(std::move(fixed));
      }
    }
  }

  const Problem& problem_;
  const Architecture& architecture_;
  const Constraints& constraints_;
  Space space_;
  std::size_t most_;
  std::vector<LevelId> memories_;
  std::vector<Chain> chains_;
  std::vector<Skeleton> skeletons_;
};

}  // namespace

std::vector<Skeleton> list_skeletons(const Problem& problem, const Architecture& architecture,
                                     const Constraints& constraints, Space space,
                                     std::size_t most) {
  return Lister(problem, architecture, constraints, space, most).list();
}

}  // namespace tessera
