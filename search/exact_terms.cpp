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

#include "search/exact_terms.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <span>

#include "arch/tile_room.hpp"

namespace tessera {
namespace {

double value_of(const Flow& flow, const double* values) {
  const double factor = flow.visits < 0 ? flow.scale : flow.scale * values[flow.visits] - flow.less;
  return values[flow.words] * factor;
}

void add_to(BatchRow& sum, std::span<const Flow> flows, const BatchRow* rows, std::size_t pairs) {
  for (const Flow& flow : flows) {
    const BatchRow& words = rows[flow.words];
    if (flow.visits < 0) {
      for (std::size_t i = 0; i < pairs; ++i) {
        sum[i] += words[i] * flow.scale;
      }
    } else {
      const BatchRow& visits = rows[flow.visits];
      for (std::size_t i = 0; i < pairs; ++i) {
        sum[i] += words[i] * (visits[i] * flow.scale - flow.less);
      }
    }
  }
}

}  // namespace

double sum_of(std::span<const Flow> flows, const double* values) {
  double sum = 0;
  for (const Flow& flow : flows) {
    sum += value_of(flow, values);
  }
  return sum;
}

class TermTable::Builder {
 public:
  Builder(const Problem& problem, const Architecture& architecture, const NormalForm& form,
          const std::vector<SpatialSlot>& axes, TermTable& table)
      : problem_(problem), architecture_(architecture), form_(form), axes_(axes), table_(table) {}

  void build() {
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

 private:
  /// What one word of a flow at a memory, or into a fanout, counts for.
  struct Use {
    LevelId memory;  ///< or fanout
    bool write = false;
    Component words;
    Component visits;  ///< of kind visits where `has_visits`
    bool has_visits = false;
    double times = 1;  ///< times * visits - minus
    double minus = 0;
    bool may_be_final = false;  ///< one of the visits may carry the final value
    std::vector<Sharing> weaker =
        {};  ///< what sharing may be instead, where other fanouts are used
  };

  std::uint16_t component(const Component& wanted) {
    const auto found = std::find(table_.components_.begin(), table_.components_.end(), wanted);
    if (found != table_.components_.end()) {
      return static_cast<std::uint16_t>(found - table_.components_.begin());
    }
    table_.components_.push_back(wanted);
    return static_cast<std::uint16_t>(table_.components_.size() - 1);
  }

  void add_static(LevelId level) {
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
      table_.fixed_pj_ +=
          compute.energy_pj.value_or(0) * static_cast<double>(problem_.operations());
      table_.leak_pj_per_cycle_ += compute.leakage_mw * instances * pj_per_mw_cycle;
    }
  }

  /// How instances between two levels share that are not apart, strongest first. Which of them
  /// holds depends on the fanouts that a mapping uses; at least as many words move as with the
  /// strongest.
  std::vector<Sharing> sharings(const Tensor& tensor, std::size_t outer, std::size_t inner) const {
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

  /// No cost reads these components: they keep an option from being dropped for one that moves more
  /// where a weaker sharing holds.
  void compare_with(Component component_shared, std::span<const Sharing> weaker) {
    for (const Sharing sharing : weaker) {
      component_shared.sharing = sharing;
      component(component_shared);
    }
  }

  void add_tensor(TensorId id) {
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

  void add_input(const Tensor& tensor, LevelId outer, LevelId inner, Component base, bool innermost,
                 bool outermost) {
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

  void add_output(const Tensor& tensor, LevelId outer, LevelId inner, Component base,
                  bool innermost, bool outermost) {
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

  void add_fanouts(const Tensor& tensor, LevelId outer, LevelId inner, Component base) {
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

  /// What a fanout takes in, as if a memory stood just outside it.
  void add_network_ports(const Tensor& tensor, LevelId level, LevelId inner, Component base) {
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

  void add_room(TensorId id, LevelId memory, std::int8_t child) {
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

  /// Whether finished values take fewer bits than partial sums in some memory.
  bool finals_narrower(const Tensor& tensor) const {
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

  /// What the time of the first and last tile of a hold grows with.
  void compare_ramp(const Tensor& tensor, TensorId id, LevelId memory, std::int8_t hold) {
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

  Room& room_of(LevelId memory) {
    rooms_index_.resize(architecture_.hierarchy.size(), -1);
    auto& at = rooms_index_[memory.index()];
    if (at < 0) {
      at = static_cast<int>(table_.rooms_.size());
      table_.rooms_.emplace_back();
    }
    return table_.rooms_[static_cast<std::size_t>(at)];
  }

  /// Adds up flows of the same components.
  static void merge(std::vector<Flow>& flows) {
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

  void find_read() {
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

  /// Sets apart the energy of words that move at the outermost memories.
  void split_outer() {
    const auto of_outermost = [&](const Flow& flow) {
      return std::any_of(table_.dram_.begin(), table_.dram_.end(), [&](const Flow& other) {
        return other.words == flow.words && other.visits == flow.visits;
      });
    };
    std::copy_if(table_.energy_.begin(), table_.energy_.end(), std::back_inserter(table_.outer_),
                 of_outermost);
    std::erase_if(table_.energy_, of_outermost);
  }

  /// Sorts the other energy by the memory that is filled.
  void find_fillings() {
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

  /// Every component that costs energy, and every two of the outermost memories', with every tile
  /// that has to fit.
  void add_lifts() {
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

  /// The component of a flow that depends on how often words move.
  static std::uint16_t moving(const Flow& flow) {
    return flow.visits < 0 ? flow.words : static_cast<std::uint16_t>(flow.visits);
  }

  void add_lifts(std::uint16_t target, std::int16_t second) {
    for (const Room& room : table_.rooms_) {
      for (const Flow& tile : room.tiles) {
        table_.lifts_.push_back({.target = target,
                                 .second = second,
                                 .tile = tile.words,
                                 .per_word = tile.scale / room.available});
      }
    }
  }

  /// Adds one flow to energy, ports and dram words.
  void use(const Tensor& tensor, const Use& wanted, bool outermost) {
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

  /// Accesses a word takes, before any rounding up.
  static double access_share(const Memory& memory, std::int64_t bits) {
    const WordPacking packing = memory.packing(bits);
    return static_cast<double>(packing.accesses_per_word) /
           static_cast<double>(packing.words_per_access);
  }

  static bool rounds(const Memory& memory, const TensorWord& word) {
    return memory.packing(word.bits).words_per_access > 1 ||
           memory.packing(word.final_bits).words_per_access > 1;
  }

  Use per_instance(Use use) const {
    if (architecture_.instances(use.memory) > 1) {
      use.words.per_instance = static_cast<std::int8_t>(use.memory.value);
    }
    return use;
  }

  /// What accesses that are rounded up for each instance grow with: what each moves, and how many
  /// there are. The total alone would not do: 9 words in blocks of 4 are 4 accesses in two
  /// instances and 3 in three.
  void compare_instances(const Use& use) {
    if (architecture_.instances(use.memory) > 1) {
      flow(per_instance(use), 1, 0);
      component(
          {.kind = Component::Kind::used, .server = static_cast<std::int8_t>(use.memory.value)});
    }
  }

  Flow flow(const Use& use, double unit, double less) {
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

  Port& port_of(LevelId memory, std::size_t which) {
    constexpr std::size_t kMostPorts = 4;  // of a fanout: one for all and one a kind
    ports_index_.resize(architecture_.hierarchy.size() * kMostPorts, -1);
    auto& at = ports_index_[memory.index() * kMostPorts + which];
    if (at < 0) {
      at = static_cast<int>(table_.ports_.size());
      table_.ports_.emplace_back();
    }
    return table_.ports_[static_cast<std::size_t>(at)];
  }

  const Problem& problem_;
  const Architecture& architecture_;
  const NormalForm& form_;
  const std::vector<SpatialSlot>& axes_;
  TermTable& table_;
  std::vector<int> rooms_index_;
  std::vector<int> ports_index_;
};

TermTable::TermTable(const Problem& problem, const Architecture& architecture,
                     const NormalForm& form, const std::vector<SpatialSlot>& axes) {
  Builder(problem, architecture, form, axes, *this).build();
}

bool TermTable::fits(const double* values) const {
  for (const AxisLimit& axis : axes_) {
    if (values[axis.component] > axis.size) {
      return false;
    }
  }
  for (const Room& room : rooms_) {
    if (sum_of(room.tiles, values) > room.available) {
      return false;
    }
  }
  return true;
}

double TermTable::energy_of(std::uint16_t component, const double* values) const {
  double sum = 0;
  for (const std::vector<Flow>* flows : {&outer_, &energy_}) {
    for (const Flow& flow : *flows) {
      if ((flow.visits < 0 ? flow.words : flow.visits) == component) {
        sum += value_of(flow, values);
      }
    }
  }
  return sum;
}

bool TermTable::fits_axes(const std::vector<double>& used) const {
  for (std::size_t s = 0; s < axes_.size(); ++s) {
    if (used[s] > axes_[s].size) {
      return false;
    }
  }
  return true;
}

bool TermTable::timing(std::uint16_t component) const {
  const auto has = [&](const Flow& flow) {
    return flow.words == component || flow.visits == static_cast<std::int16_t>(component);
  };
  return component == steps_ || !read_[component] ||
         std::any_of(ports_.begin(), ports_.end(), [&](const Port& port) {
           return std::any_of(port.flows.begin(), port.flows.end(), has);
         });
}

TermCost TermTable::cost(const double* values, double least_steps) const {
  TermCost cost;
  cost.cycles = std::max(values[steps_], least_steps);
  for (const Port& port : ports_) {
    cost.cycles = std::max(cost.cycles, sum_of(port.flows, values) * port.cycles_per_unit);
  }
  cost.cycles += fixed_cycles_;
  cost.energy_pj = fixed_pj_ + std::max(sum_of(outer_, values), outer_minimum_pj_) +
                   cost.cycles * leak_pj_per_cycle_;
  const std::span<const Flow> energy(energy_);
  for (const Filling& filling : fillings_) {
    cost.energy_pj +=
        std::max(sum_of(energy.subspan(filling.begin, filling.end - filling.begin), values),
                 filling.least_pj);
  }
  cost.energy_pj += sum_of(energy.subspan(filled()), values);
  cost.dram_words = sum_of(dram_, values);
  return cost;
}

void TermTable::cost(BatchRow* rows, std::size_t count, std::span<const std::uint16_t> lifts,
                     BatchCosts& costs) const {
  const std::size_t pairs = (count + 1) / 2;
  BatchRow sum;
  costs.fits.fill(true);
  for (const Room& room : rooms_) {
    std::fill_n(sum.begin(), pairs, Pair{});
    add_to(sum, room.tiles, rows, pairs);
    for (std::size_t i = 0; i < count; ++i) {
      costs.fits[i] = costs.fits[i] && sum[i / 2][i % 2] <= room.available;
    }
  }
  for (const std::uint16_t l : lifts) {
    if (lifts_[l].single()) {
      lift_one(rows, lifts_[l], rows[components_.size() + l], pairs);
    }
  }
  for (std::size_t i = 0; i < pairs; ++i) {
    const Pair steps = rows[steps_][i];
    costs.cycles[i] = costs.cycles[i] < steps ? steps : costs.cycles[i];
  }
  for (const Port& port : ports_) {
    std::fill_n(sum.begin(), pairs, Pair{});
    add_to(sum, port.flows, rows, pairs);
    for (std::size_t i = 0; i < pairs; ++i) {
      const Pair cycles = sum[i] * port.cycles_per_unit;
      costs.cycles[i] = costs.cycles[i] < cycles ? cycles : costs.cycles[i];
    }
  }
  std::fill_n(costs.dram_words.begin(), pairs, Pair{});
  add_to(costs.dram_words, dram_, rows, pairs);
  // The most that a lift of two implies: two lifts may share a component.
  std::fill_n(sum.begin(), pairs, Pair{});
  for (const std::uint16_t l : lifts) {
    if (!lifts_[l].single()) {
      lift_two(rows, lifts_[l], rows[components_.size() + l], count, sum);
    }
  }
  std::copy_n(sum.begin(), pairs, costs.outer_pj.begin());
  add_to(costs.outer_pj, outer_, rows, pairs);
  std::fill_n(costs.energy_pj.begin(), pairs, Pair{} + fixed_pj_);
  const std::span<const Flow> energy(energy_);
  for (const Filling& filling : fillings_) {
    const Pair least_filling = Pair{} + filling.least_pj;
    std::fill_n(sum.begin(), pairs, Pair{});
    add_to(sum, energy.subspan(filling.begin, filling.end - filling.begin), rows, pairs);
    for (std::size_t i = 0; i < pairs; ++i) {
      costs.energy_pj[i] += sum[i] < least_filling ? least_filling : sum[i];
    }
  }
  add_to(costs.energy_pj, energy.subspan(filled()), rows, pairs);
  const Pair least = Pair{} + outer_minimum_pj_;
  for (std::size_t i = 0; i < pairs; ++i) {
    costs.energy_pj[i] += costs.cycles[i] * leak_pj_per_cycle_ +
                          (costs.outer_pj[i] < least ? least : costs.outer_pj[i]);
  }
}

TermTable TermTable::of_filling(std::size_t i) const {
  TermTable table;
  const auto component = [&](std::uint16_t from) {
    const auto found =
        std::find(table.components_.begin(), table.components_.end(), components_[from]);
    const auto at = static_cast<std::uint16_t>(found - table.components_.begin());
    if (found == table.components_.end()) {
      table.components_.push_back(components_[from]);
    }
    return at;
  };
  const auto translated = [&](Flow flow) {
    flow.words = component(flow.words);
    if (flow.visits >= 0) {
      flow.visits = static_cast<std::int16_t>(component(static_cast<std::uint16_t>(flow.visits)));
    }
    return flow;
  };
  table.steps_ = component(steps_);
  for (const AxisLimit& axis : axes_) {
    table.axes_.push_back({component(axis.component), axis.size});
    table.rooms_.push_back(
        {.tiles = {{.words = table.axes_.back().component, .visits = -1, .scale = 1, .less = 0}},
         .available = axis.size});
  }
  for (std::size_t f = fillings_[i].begin; f < fillings_[i].end; ++f) {
    table.outer_.push_back(translated(energy_[f]));
  }
  for (const Room& room : rooms_) {
    if (LevelId(static_cast<std::size_t>(components_[room.tiles.front().words].server)) ==
        fillings_[i].memory) {
      Room& copy = table.rooms_.emplace_back(room);
      std::transform(copy.tiles.begin(), copy.tiles.end(), copy.tiles.begin(), translated);
    }
  }
  table.read_.assign(table.components_.size(), true);
  return table;
}

void TermTable::lift_one(BatchRow* rows, const Lift& lift, const BatchRow& product,
                         std::size_t pairs) const {
  BatchRow& target = rows[lift.target];
  for (std::size_t i = 0; i < pairs; ++i) {
    const Pair lifted = product[i] * lift.per_word;
    target[i] = target[i] < lifted ? lifted : target[i];
  }
}

/// What one more of a component costs: pJ.
void TermTable::slope(std::uint16_t component, const BatchRow* rows, std::size_t pairs,
                      BatchRow& slope) const {
  std::fill_n(slope.begin(), pairs, Pair{});
  for (const Flow& flow : outer_) {
    if (flow.visits < 0 && flow.words == component) {
      for (std::size_t i = 0; i < pairs; ++i) {
        slope[i] += flow.scale;
      }
    } else if (flow.visits >= 0 && flow.visits == component) {
      for (std::size_t i = 0; i < pairs; ++i) {
        slope[i] += rows[flow.words][i] * flow.scale;
      }
    }
  }
}

/// Raises `more` to the energy that a lift of two implies beyond that of the components' rows.
void TermTable::lift_two(const BatchRow* rows, const Lift& lift, const BatchRow& product,
                         std::size_t count, BatchRow& more) const {
  BatchRow a;
  BatchRow b;
  slope(lift.target, rows, (count + 1) / 2, a);
  slope(static_cast<std::uint16_t>(lift.second), rows, (count + 1) / 2, b);
  for (std::size_t i = 0; i < count; ++i) {
    const double x0 = rows[lift.target][i / 2][i % 2];
    const double y0 = rows[lift.second][i / 2][i % 2];
    const double least = product[i / 2][i % 2] * lift.per_word;
    if (least <= x0 * y0) {
      continue;
    }
    const double of_x = a[i / 2][i % 2];
    const double of_y = b[i / 2][i % 2];
    // a x + b least / x is least at sqrt(b least / a), or as near to it as x0 and y0 allow.
    const double x = std::clamp(std::sqrt(of_y * least / of_x), x0, least / y0);
    const double extra = of_x * (x - x0) + of_y * (least / x - y0);
    more[i / 2][i % 2] = std::max<double>(more[i / 2][i % 2], extra);
  }
}

}  // namespace tessera
