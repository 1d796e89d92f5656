// What one word that moves counts for in energy, ports and DRAM words; and, once all is known,
// which components costs depend on, what fills which memory, and which further bounds may be of
// use.

#include <algorithm>
#include <iterator>
#include <limits>
#include <utility>

#include "search/exact_term_builder.hpp"

namespace tessera {

Room& TermTable::Builder::room_of(LevelId memory) {
  rooms_index_.resize(architecture_.hierarchy.size(), -1);
  auto& at = rooms_index_[memory.index()];
  if (at < 0) {
    at = static_cast<int>(table_.rooms_.size());
    table_.rooms_.emplace_back();
  }
  return table_.rooms_[static_cast<std::size_t>(at)];
}

void TermTable::Builder::use(const Tensor& tensor, const Use& wanted, bool outermost) {
  const Memory& memory = *architecture_.memory(wanted.memory);
  const TensorWord word = memory.stored(tensor.word());
  const auto bits = static_cast<double>(word.bits);
  const double final_less =
      wanted.may_be_final ? static_cast<double>(word.bits - word.final_bits) : 0;
  if (memory.energy) {
    const double pj = wanted.write ? memory.energy->write_pj : memory.energy->read_pj;
    double per_word = pj;
    double less = 0;
    if (memory.energy->basis == EnergyBasis::bit) {
      per_word = pj * bits;
      less = pj * final_less;
    } else if (memory.energy->basis == EnergyBasis::access) {
      per_word = pj * access_share(memory, word.bits);
      less = wanted.may_be_final ? per_word - pj * access_share(memory, word.final_bits) : 0;
      if (per_word != 0 && rounds(memory, word)) {
        compare_instances(wanted);
      }
    }
    if (per_word != 0) {
      table_.energy_.push_back(flow(wanted, per_word, less));
    }
  }
  if (outermost) {
    table_.dram_.push_back(flow(wanted, 1, 0));
  }
  const auto to_port = [&](const std::optional<Bandwidth>& bandwidth, std::size_t which) {
    if (!bandwidth) {
      return;
    }
    Port& port = port_of(wanted.memory, which);
    port.cycles_per_unit =
        (bandwidth->per_cycle() ? 1.0 : architecture_.clock_hz) / bandwidth->amount;
    const Use share = per_instance(wanted);
    if (bandwidth->in_words()) {
      port.flows.push_back(flow(share, 1, 0));
    } else if (bandwidth->in_accesses()) {
      const double part = access_share(memory, word.bits);
      const double final_part = access_share(memory, word.final_bits);
      port.flows.push_back(flow(share, part, wanted.may_be_final ? part - final_part : 0));
    } else {
      port.flows.push_back(flow(share, bits, final_less));
    }
  };
  to_port(memory.ports.shared, 0);
  to_port(wanted.write ? memory.ports.write : memory.ports.read, wanted.write ? 2 : 1);
}

double TermTable::Builder::access_share(const Memory& memory, std::int64_t bits) {
  const WordPacking packing = memory.packing(bits);
  return static_cast<double>(packing.accesses_per_word) /
         static_cast<double>(packing.words_per_access);
}

bool TermTable::Builder::rounds(const Memory& memory, const TensorWord& word) {
  return memory.packing(word.bits).words_per_access > 1 ||
         memory.packing(word.final_bits).words_per_access > 1;
}

TermTable::Builder::Use TermTable::Builder::per_instance(Use use) const {
  if (architecture_.instances(use.memory) > 1) {
    use.words.per_instance = static_cast<std::int8_t>(use.memory.value);
  }
  return use;
}

void TermTable::Builder::compare_instances(const Use& use) {
  if (architecture_.instances(use.memory) > 1) {
    flow(per_instance(use), 1, 0);
    component(
        {.kind = Component::Kind::used, .server = static_cast<std::int8_t>(use.memory.value)});
  }
}

Flow TermTable::Builder::flow(const Use& use, double unit, double less) {
  Flow result;
  result.words = component(use.words);
  compare_with(use.has_visits ? use.visits : use.words, use.weaker);
  if (use.has_visits) {
    result.visits = static_cast<std::int16_t>(component(use.visits));
    result.scale = use.times * unit;
    result.less = use.minus * unit + less;
  } else {
    result.scale = unit;
  }
  return result;
}

TermTable::Port& TermTable::Builder::port_of(LevelId memory, std::size_t which) {
  constexpr std::size_t kMostPorts = 4;  // of a fanout: one for all and one a kind
  ports_index_.resize(architecture_.hierarchy.size() * kMostPorts, -1);
  auto& at = ports_index_[memory.index() * kMostPorts + which];
  if (at < 0) {
    at = static_cast<int>(table_.ports_.size());
    table_.ports_.emplace_back();
  }
  return table_.ports_[static_cast<std::size_t>(at)];
}

void TermTable::Builder::merge(std::vector<Flow>& flows) {
  std::vector<Flow> merged;
  for (const Flow& flow : flows) {
    const auto same = std::find_if(merged.begin(), merged.end(), [&](const Flow& other) {
      return other.words == flow.words && other.visits == flow.visits;
    });
    if (same == merged.end()) {
      merged.push_back(flow);
    } else {
      same->scale += flow.scale;
      same->less += flow.less;
    }
  }
  flows = std::move(merged);
}

void TermTable::Builder::find_read() {
  table_.read_.assign(table_.components_.size(), false);
  table_.read_[table_.steps_] = true;
  const auto mark = [&](const std::vector<Flow>& flows) {
    for (const Flow& flow : flows) {
      table_.read_[flow.words] = true;
      if (flow.visits >= 0) {
        table_.read_[static_cast<std::size_t>(flow.visits)] = true;
      }
    }
  };
  mark(table_.energy_);
  mark(table_.dram_);
  for (const Port& port : table_.ports_) {
    mark(port.flows);
  }
  for (const Room& room : table_.rooms_) {
    mark(room.tiles);
  }
}

void TermTable::Builder::split_outer() {
  const auto of_outermost = [&](const Flow& flow) {
    return std::any_of(table_.dram_.begin(), table_.dram_.end(), [&](const Flow& other) {
      return other.words == flow.words && other.visits == flow.visits;
    });
  };
  std::copy_if(table_.energy_.begin(), table_.energy_.end(), std::back_inserter(table_.outer_),
               of_outermost);
  std::erase_if(table_.energy_, of_outermost);
}

void TermTable::Builder::find_fillings() {
  const auto memory_of = [&](const Flow& flow) {
    const std::int8_t child = table_.components_[flow.words].child;
    return child < 0 ? std::numeric_limits<int>::max()
                     : int{form_.holds[static_cast<std::size_t>(child)].memory.value};
  };
  std::vector<Flow>& flows = table_.energy_;
  std::stable_sort(flows.begin(), flows.end(),
                   [&](const Flow& a, const Flow& b) { return memory_of(a) < memory_of(b); });
  for (std::size_t i = 0; i < flows.size(); ++i) {
    if (table_.components_[flows[i].words].child < 0) {
      break;
    }
    const LevelId memory(static_cast<std::size_t>(memory_of(flows[i])));
    if (table_.fillings_.empty() || table_.fillings_.back().memory != memory) {
      table_.fillings_.push_back({.memory = memory, .begin = i, .end = i, .least_pj = 0});
    }
    table_.fillings_.back().end = i + 1;
  }
}

void TermTable::Builder::add_lifts() {
  std::vector<bool> costs(table_.components_.size(), false);
  for (const Flow& flow : table_.energy_) {
    costs[moving(flow)] = true;
  }
  std::vector<std::uint16_t> outer;
  for (const Flow& flow : table_.outer_) {
    costs[moving(flow)] = true;
    if (std::find(outer.begin(), outer.end(), moving(flow)) == outer.end()) {
      outer.push_back(moving(flow));
    }
  }
  for (std::size_t i = 0; i < costs.size(); ++i) {
    if (costs[i]) {
      add_lifts(static_cast<std::uint16_t>(i), -1);
    }
  }
  for (std::size_t i = 0; i < outer.size(); ++i) {
    for (std::size_t j = i + 1; j < outer.size(); ++j) {
      add_lifts(outer[i], static_cast<std::int16_t>(outer[j]));
    }
  }
}

std::uint16_t TermTable::Builder::moving(const Flow& flow) {
  return flow.visits < 0 ? flow.words : static_cast<std::uint16_t>(flow.visits);
}

void TermTable::Builder::add_lifts(std::uint16_t target, std::int16_t second) {
  for (const Room& room : table_.rooms_) {
    for (const Flow& tile : room.tiles) {
      table_.lifts_.push_back({.target = target,
                               .second = second,
                               .tile = tile.words,
                               .per_word = tile.scale / room.available});
    }
  }
}

}  // namespace tessera
