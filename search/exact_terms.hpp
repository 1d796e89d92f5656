#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "mapper/normal_form.hpp"
#include "model/traffic.hpp"

namespace tessera {

/// The costs of all mappings of one normal form as sums of products: every count is a product over
/// dimension groups (dimensions that share a rank form one group, others stand alone), one factor a
/// group and component. What multiplies is a component; what adds up components to energy, cycles,
/// capacity is a flow. Every cost grows with every component, so bounds on components give bounds
/// on costs.

/// One thing that is multiplied over groups.
struct Component {
  enum class Kind : std::uint8_t {
    entering,  ///< words that enter a child, shared up to `server`
    distinct,  ///< distinct (server, word) of the output
    groups,    ///< distinct (server, place along axes that do not add up, word) of the output
    visits,    ///< words that leave a child over distinct ones: at least 1
    tile,      ///< words of a tile; `server` is its memory; `child` -2: before all loops
    steps,     ///< temporal steps
    axis,      ///< instances on an axis: `server` is the spatial slot
    used,      ///< instances that work of the level `server`
  } kind = Kind::entering;
  std::uint8_t tensor = 0;
  std::int8_t child = -1;  ///< index into the form's holds; -1: the compute units
  std::int8_t server = 0;  ///< LevelId value
  Sharing sharing = Sharing::word;
  std::int8_t per_instance = -1;  ///< divide by the instances used of this level

  auto operator<=>(const Component&) const = default;
};

/// `words * (scale * visits - less)`, or `words * scale` without visits.
struct Flow {
  std::uint16_t words = 0;
  std::int16_t visits = -1;
  double scale = 0;
  double less = 0;
};

/// The sum of flows; `values` has one number a component.
double sum_of(std::span<const Flow> flows, const double* values);

/// A memory's capacity: the sum of `tiles` is at most `available`, in the capacity's unit.
struct Room {
  std::vector<Flow> tiles;
  double available = 0;
};

/// A bound on, or the value of, everything that can be minimised or limited.
struct TermCost {
  double energy_pj = 0;
  double cycles = 0;
  double dram_words = 0;
  double most_steps = 0;  ///< an upper bound on the temporal steps; 0: nothing is known
};

/// A further lower bound, on one component or on the product of two: what a tile has to be small
/// for. Where a tile may not exceed a capacity c, a component x of any mapping that fits is at
/// least x * tile / c, and the least of the product x * tile is often far above the product of the
/// least x and the least tile: words that are kept in one place instead of being fetched again need
/// room there. (This is the Lagrangian bound of "least x while tile <= c" in the logarithms, with a
/// multiplier of 1.) Like a component it is a product over groups.
///
/// Two components x and y of the dearest memory with x * y * tile at least some number are the
/// choice of what to fetch again: either the one or the other. What they cost together is at least
/// the least of a x + b y with x * y >= L, x >= x0, y >= y0, which a square root gives.
struct Lift {
  std::uint16_t target = 0;
  std::int16_t second = -1;  ///< -1: of one component
  std::uint16_t tile = 0;
  double per_word = 0;  ///< 1 / the words of the tile that the memory holds at most

  bool single() const { return second < 0; }
  bool operator==(const Lift&) const = default;
};

/// Two neighbours in a batch: what a vector register of every 64-bit machine holds.
typedef double Pair __attribute__((vector_size(16)));
/// What comparing two of them gives: all bits set where it is so.
typedef std::int64_t PairMask __attribute__((vector_size(16)));

/// Partial mappings that are bounded at once, at most. Of fewer, up to three that stand behind them
/// in a row are looked at for nothing, whatever they are.
inline constexpr std::size_t kBatch = 32;
using BatchRow = std::array<Pair, kBatch / 2>;

/// Bounds of a batch.
struct BatchCosts {
  BatchRow energy_pj{};
  BatchRow outer_pj{};  ///< part of the energy: traffic with the outermost memories
  BatchRow cycles{};    ///< on entry: a lower bound from elsewhere
  BatchRow dram_words{};
  std::array<bool, kBatch> fits{};  ///< whether tiles fit their memories

  /// Of one of them.
  TermCost at(std::size_t i) const {
    return {.energy_pj = energy_pj[i / 2][i % 2],
            .cycles = cycles[i / 2][i % 2],
            .dram_words = dram_words[i / 2][i % 2]};
  }
};

/// The components and flows of a normal form. Which they are depends on who holds what, not on
/// the order of holds.
class TermTable {
 public:
  TermTable(const Problem& problem, const Architecture& architecture, const NormalForm& form,
            const std::vector<SpatialSlot>& axes);

  const std::vector<Component>& components() const { return components_; }

  /// Whether tiles and axes fit. `values` has one number a component.
  bool fits(const double* values) const;
  /// Whether what each axis holds fits, given by spatial slot.
  bool fits_axes(const std::vector<double>& used) const;
  /// Costs; `least_steps` is a lower bound on compute cycles from elsewhere.
  TermCost cost(const double* values, double least_steps) const;
  /// The same of `count` mappings at once, `rows` having one row a component and then one a lift,
  /// except that axes are taken to fit. Components that `read()` does not name and lifts that are
  /// not among `lifts` are not looked at. Lifts raise the rows of their components.
  void cost(BatchRow* rows, std::size_t count, std::span<const std::uint16_t> lifts,
            BatchCosts& costs) const;

  /// The energy of what a component moves, in pJ.
  double energy_of(std::uint16_t component, const double* values) const;

  /// The energy of all traffic with the outermost memories, `TermCost::energy_pj` containing it.
  const std::vector<Flow>& outer() const { return outer_; }
  /// What is known of the least of that energy, over all mappings whose tiles fit: all costs count
  /// it as at least so much.
  void set_outer_minimum(double pj) { outer_minimum_pj_ = pj; }
  double outer_minimum() const { return outer_minimum_pj_; }
  const std::vector<Room>& rooms() const { return rooms_; }

  /// What fills the holds in one memory, and what they give back, in pJ at either side and on the
  /// way; without what `outer()` has of it.
  struct Filling {
    LevelId memory;
    std::size_t begin = 0;  ///< of the flows that cost energy
    std::size_t end = 0;
    double least_pj = 0;  ///< what is known of it over all mappings whose tiles fit
  };
  const std::vector<Filling>& fillings() const { return fillings_; }
  /// What is known of the least energy of filling number `i`: all costs count it as at least so
  /// much.
  void set_least_filling(std::size_t i, double pj) { fillings_[i].least_pj = pj; }
  /// All that is known of the least of such energies: of the outermost memories, then by filling.
  std::vector<double> minima() const;
  /// Whether each of these is at least what `other` says, in a form that counts the same.
  bool minima_at_least(std::span<const double> other) const;
  /// Makes each of them no more than what `other` says.
  void lower_minima(std::span<const double> other);
  /// Of these terms only what tells how much energy one filling takes, as `outer()`, and whether
  /// its tiles fit, and the spatial loops their axes.
  TermTable of_filling(std::size_t i) const;

  /// Whether costs and limits depend on the component (axes apart): others only tell options apart.
  bool read(std::uint16_t component) const { return read_[component]; }
  /// Whether time may depend on the component, or options are only told apart by it.
  bool timing(std::uint16_t component) const;
  /// The component that counts temporal steps.
  std::uint16_t steps() const { return steps_; }
  const std::vector<Lift>& lifts() const { return lifts_; }

 private:
  struct Port {
    std::vector<Flow> flows;
    double cycles_per_unit = 0;
  };
  struct AxisLimit {
    std::uint16_t component = 0;
    double size = 1;
  };
  class Builder;

  TermTable() = default;
  /// How many of the flows in `energy_` are of some filling.
  std::size_t filled() const { return fillings_.empty() ? 0 : fillings_.back().end; }
  void lift_one(BatchRow* rows, const Lift& lift, const BatchRow& product, std::size_t pairs) const;
  void lift_two(const BatchRow* rows, const Lift& lift, const BatchRow& product, std::size_t count,
                BatchRow& more) const;
  void slope(std::uint16_t component, const BatchRow* rows, std::size_t pairs,
             BatchRow& slope) const;

  std::vector<Component> components_;
  std::vector<Flow> outer_;
  double outer_minimum_pj_ = 0;
  std::vector<Flow> energy_;  ///< all but `outer_`, by filling; what is of none comes last
  std::vector<Filling> fillings_;
  std::vector<Flow> dram_;
  std::vector<Port> ports_;
  std::vector<Room> rooms_;
  std::vector<AxisLimit> axes_;
  std::vector<Lift> lifts_;
  std::vector<bool> read_;
  std::uint16_t steps_ = 0;
  double fixed_pj_ = 0;  ///< the operations' own energy
  double leak_pj_per_cycle_ = 0;
  double fixed_cycles_ = 0;  ///< the networks' latencies
};

}  // namespace tessera
