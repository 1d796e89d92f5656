// Which products the costs of a normal form are made of; the closed forms themselves are the
// model's (model/traffic.hpp), asked for one dimension group at a time.
//
// An input moves, from its hold in m to the child below: the child's fills E (entering, not shared)
// and m's reads R (entering, shared). The output moves updates U = D * v at m, where D counts
// distinct (instance of m, word) and v >= 1 how often each is visited, and reads U - D = D * (v -
// 1); at the child, drains d * w and fills d * (w - 1), in the same way. Kept apart like that, all
// is monotone: costs rise with D and with v.
//
// Where the model's figure depends on which fanouts a mapping really uses (fanouts with multicast
// `word` and `tile` in series) or rounds up (accesses, cycles), the term is a lower bound; all else
// is exact. So TermCost is a lower bound of the model's cost of any mapping of the form in which no
// hold could move (mapper/normal_form.cpp).
//
// Options of a group are compared by their components, so there an equal bound is not enough: where
// a term is a lower bound because of unequal fanouts or final values, the table also has the
// components that decide what the model's figure is (the same words under each weaker sharing; the
// distinct words that instances deliver). Where accesses are rounded up for each instance, it has
// the instances that work and what each of them moves; where the first and last tiles take time of
// their own, their sizes. An option that is at most another in all of these costs no more.

#include "search/exact_term_builder.hpp"

#include <algorithm>
#include <utility>

#include "arch/tile_room.hpp"

namespace tessera {

void TermTable::Builder::build() {
  table_.steps_ = component({.kind = Component::Kind::steps});
  for (std::size_t s = 0; s < axes_.size(); ++s) {
    table_.axes_.push_back(
        {component({.kind = Component::Kind::axis, .server = static_cast<std::int8_t>(s)}),
         static_cast<double>(axes_[s].size)});
  }
  for (std::size_t level = 0; level < architecture_.hierarchy.size(); ++level) {
    add_static(LevelId(level));
  }
  for (std::size_t t = 0; t < problem_.tensors.size(); ++t) {
    add_tensor(TensorId(t));
  }
  std::erase_if(table_.rooms_, [](const Room& room) { return room.tiles.empty(); });
  std::erase_if(table_.ports_, [](const Port& port) { return port.flows.empty(); });
  merge(table_.energy_);
  merge(table_.dram_);
  for (Port& port : table_.ports_) {
    merge(port.flows);
  }
  find_read();
  split_outer();
  find_fillings();
  add_lifts();
}

std::uint16_t TermTable::Builder::component(const Component& wanted) {
  const auto found = std::find(table_.components_.begin(), table_.components_.end(), wanted);
  if (found != table_.components_.end()) {
    return static_cast<std::uint16_t>(found - table_.components_.begin());
  }
  table_.components_.push_back(wanted);
  return static_cast<std::uint16_t>(table_.components_.size() - 1);
}

void TermTable::Builder::add_static(LevelId level) {
  auto instances = static_cast<double>(architecture_.instances(level));
  if (architecture_.power_gating && instances > 1) {
    // At least one instance leaks; how many decides between options.
    instances = 1;
    component({.kind = Component::Kind::used, .server = static_cast<std::int8_t>(level.value)});
  }
  const double pj_per_mw_cycle = 1e-3 / architecture_.clock_hz * 1e12;
  if (const Memory* memory = architecture_.memory(level)) {
    table_.leak_pj_per_cycle_ += memory->leakage_mw * instances * pj_per_mw_cycle;
    return;
  }
  if (const Fanout* fanout = architecture_.fanout(level)) {
    table_.fixed_cycles_ += static_cast<double>(fanout->latency_cycles);
  } else {
    const Compute& compute = architecture_.compute();
    table_.fixed_pj_ += compute.energy_pj.value_or(0) * static_cast<double>(problem_.operations());
    table_.leak_pj_per_cycle_ += compute.leakage_mw * instances * pj_per_mw_cycle;
  }
}

std::vector<Sharing> TermTable::Builder::sharings(const Tensor& tensor, std::size_t outer,
                                                  std::size_t inner) const {
  bool word = false;
  bool tile = false;
  for (std::size_t level = outer + 1; level < inner; ++level) {
    const Fanout* fanout = architecture_.fanout(LevelId(level));
    if (fanout != nullptr && tensor.role != TensorRole::output) {
      const Multicast multicast = fanout->multicast[static_cast<std::size_t>(tensor.kind)];
      word = word || multicast == Multicast::word;
      tile = tile || multicast == Multicast::tile;
    }
  }
  std::vector<Sharing> result;
  if (word || !tile) {
    result.push_back(Sharing::word);
  }
  if (tile) {
    result.push_back(Sharing::tile);
  }
  return result;
}

void TermTable::Builder::compare_with(Component component_shared, std::span<const Sharing> weaker) {
  for (const Sharing sharing : weaker) {
    component_shared.sharing = sharing;
    component(component_shared);
  }
}

void TermTable::Builder::add_tensor(TensorId id) {
  const Tensor& tensor = problem_.at(id);
  std::vector<std::pair<LevelId, std::int8_t>> chain;  // memory, index in holds
  for (const Hold& hold : form_.top) {
    if (hold.tensors.contains(id)) {
      chain.emplace_back(hold.memory, std::int8_t{-1});
    }
  }
  for (std::size_t i = 0; i < form_.holds.size(); ++i) {
    if (form_.holds[i].tensor == id) {
      chain.emplace_back(form_.holds[i].memory, static_cast<std::int8_t>(i));
    }
  }
  for (std::size_t i = 0; i < chain.size(); ++i) {
    const bool innermost = i + 1 == chain.size();
    const LevelId inner =
        innermost ? LevelId(architecture_.hierarchy.size() - 1) : chain[i + 1].first;
    Component base{.tensor = id.value,
                   .child = innermost ? std::int8_t{-1} : chain[i + 1].second,
                   .server = static_cast<std::int8_t>(chain[i].first.value)};
    if (tensor.role == TensorRole::output) {
      add_output(tensor, chain[i].first, inner, base, innermost, i == 0);
    } else {
      add_input(tensor, chain[i].first, inner, base, innermost, i == 0);
    }
    add_fanouts(tensor, chain[i].first, inner, base);
    add_room(id, chain[i].first, i == 0 ? std::int8_t{-2} : chain[i].second);
    if (i > 0 && architecture_.memory(chain[i].first)->ramp) {
      compare_ramp(tensor, id, chain[i].first, chain[i].second);
    }
  }
}

void TermTable::Builder::add_input(const Tensor& tensor, LevelId outer, LevelId inner,
                                   Component base, bool innermost, bool outermost) {
  base.kind = Component::Kind::entering;
  std::vector<Sharing> weaker = sharings(tensor, outer.index(), inner.index());
  base.sharing = weaker.front();
  weaker.erase(weaker.begin());
  use(tensor,
      {.memory = outer, .write = false, .words = base, .visits = {}, .weaker = std::move(weaker)},
      outermost);
  if (!innermost) {
    base.server = static_cast<std::int8_t>(inner.value);
    base.sharing = Sharing::none;
    use(tensor, {.memory = inner, .write = true, .words = base, .visits = {}}, false);
  }
}

void TermTable::Builder::add_output(const Tensor& tensor, LevelId outer, LevelId inner,
                                    Component base, bool innermost, bool outermost) {
  Component distinct = base;
  distinct.kind = Component::Kind::distinct;
  distinct.sharing = Sharing::word;
  Component visits = base;
  visits.kind = Component::Kind::visits;
  std::vector<Sharing> weaker = sharings(tensor, outer.index(), inner.index());
  visits.sharing = weaker.front();
  weaker.erase(weaker.begin());
  Use updates{.memory = outer,
              .write = true,
              .words = distinct,
              .visits = visits,
              .has_visits = true,
              .times = 1,
              .minus = 0,
              .may_be_final = true,
              .weaker = std::move(weaker)};
  use(tensor, updates, outermost);
  Use reads = updates;
  reads.write = false;
  reads.minus = 1;
  reads.may_be_final = false;
  use(tensor, reads, outermost);
  if (finals_narrower(tensor)) {
    // Updates are final only where no two instances deliver one word (or all reduce).
    Component delivered = distinct;
    delivered.server = static_cast<std::int8_t>(inner.value);
    component(delivered);
    Component groups = distinct;
    groups.kind = Component::Kind::groups;
    component(groups);
  }
  if (!innermost) {
    distinct.server = static_cast<std::int8_t>(inner.value);
    visits.server = distinct.server;
    visits.sharing = Sharing::none;
    Use drains{.memory = inner,
               .write = false,
               .words = distinct,
               .visits = visits,
               .has_visits = true,
               .times = 1,
               .minus = 0,
               .may_be_final = true};
    if (!architecture_.drains_free) {
      use(tensor, drains, false);
    }
    Use fills = drains;
    fills.write = true;
    fills.minus = 1;
    fills.may_be_final = false;
    use(tensor, fills, false);
  }
}

void TermTable::Builder::add_fanouts(const Tensor& tensor, LevelId outer, LevelId inner,
                                     Component base) {
  for (std::size_t level = outer.index() + 1; level < inner.index(); ++level) {
    const Fanout* fanout = architecture_.fanout(LevelId(level));
    if (fanout == nullptr) {
      continue;
    }
    add_network_ports(tensor, LevelId(level), inner, base);
    if (fanout->energy_pj.value_or(0) == 0) {
      continue;
    }
    Component words = base;
    words.kind = Component::Kind::entering;  // as many leave as enter, whatever the direction
    words.server = static_cast<std::int8_t>(level + 1);
    std::vector<Sharing> weaker = sharings(tensor, level, inner.index());
    words.sharing = weaker.front();
    weaker.erase(weaker.begin());
    if (tensor.role == TensorRole::output) {
      Component distinct = words;
      distinct.kind = Component::Kind::distinct;
      distinct.sharing = Sharing::word;
      words.kind = Component::Kind::visits;
      table_.energy_.push_back({.words = component(distinct),
                                .visits = static_cast<std::int16_t>(component(words)),
                                .scale = *fanout->energy_pj,
                                .less = 0});
    } else {
      table_.energy_.push_back(
          {.words = component(words), .visits = -1, .scale = *fanout->energy_pj, .less = 0});
    }
    compare_with(words, weaker);
  }
}

void TermTable::Builder::add_network_ports(const Tensor& tensor, LevelId level, LevelId inner,
                                           Component base) {
  const Fanout& fanout = *architecture_.fanout(level);
  const auto add = [&](const std::optional<Bandwidth>& bandwidth, std::size_t which) {
    if (!bandwidth) {
      return;
    }
    std::vector<Sharing> weaker = sharings(tensor, level.index() - 1, inner.index());
    base.server = static_cast<std::int8_t>(level.value);
    base.sharing = weaker.front();
    weaker.erase(weaker.begin());
    Use taken{.memory = level, .words = base, .visits = base, .weaker = std::move(weaker)};
    taken.words.kind = Component::Kind::entering;
    if (tensor.role == TensorRole::output) {
      taken.words.kind = Component::Kind::distinct;
      taken.words.sharing = Sharing::word;
      taken.visits.kind = Component::Kind::visits;
      taken.has_visits = true;
    }
    Port& port = port_of(level, which);
    port.cycles_per_unit =
        (bandwidth->per_cycle() ? 1.0 : architecture_.clock_hz) / bandwidth->amount;
    port.flows.push_back(flow(per_instance(taken), bandwidth->in_words() ? 1.0 : tensor.bits, 0));
  };
  add(fanout.bandwidth.shared, 0);
  const auto kind = static_cast<std::size_t>(tensor.kind);
  add(fanout.bandwidth.by_kind[kind], 1 + kind);
}

void TermTable::Builder::add_room(TensorId id, LevelId memory, std::int8_t child) {
  const Memory& element = *architecture_.memory(memory);
  if (!element.capacity) {
    return;
  }
  Room& room = room_of(memory);
  const TileRoom tiles = tile_room(element, problem_.words());
  room.available = static_cast<double>(tiles.available);
  const auto size = static_cast<double>(tiles.per_word[id.index()]);
  room.tiles.push_back({.words = component({.kind = Component::Kind::tile,
                                            .tensor = id.value,
                                            .child = child,
                                            .server = static_cast<std::int8_t>(memory.value)}),
                        .visits = -1,
                        .scale = size,
                        .less = 0});
}

bool TermTable::Builder::finals_narrower(const Tensor& tensor) const {
  for (std::size_t level = 0; level < architecture_.hierarchy.size(); ++level) {
    if (const Memory* memory = architecture_.memory(LevelId(level))) {
      const TensorWord word = memory->stored(tensor.word());
      if (word.final_bits < word.bits) {
        return true;
      }
    }
  }
  return false;
}

void TermTable::Builder::compare_ramp(const Tensor& tensor, TensorId id, LevelId memory,
                                      std::int8_t hold) {
  Component tile{.kind = Component::Kind::tile,
                 .tensor = id.value,
                 .child = hold,
                 .server = static_cast<std::int8_t>(memory.value)};
  component(tile);
  if (finals_narrower(tensor)) {
    tile.kind = Component::Kind::distinct;  // decides whether drains are finished values
    component(tile);
  }
}

}  // namespace tessera
