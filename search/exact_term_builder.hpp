#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "search/exact_terms.hpp"

namespace tessera {

/// Finds out which products the costs of a normal form are made of, and writes them into a table.
class TermTable::Builder {
 public:
  Builder(const Problem& problem, const Architecture& architecture, const NormalForm& form,
          const std::vector<SpatialSlot>& axes, TermTable& table)
      : problem_(problem), architecture_(architecture), form_(form), axes_(axes), table_(table) {}

  void build();

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
    /// What sharing may be instead, where other fanouts are used.
    std::vector<Sharing> weaker = {};
  };

  std::uint16_t component(const Component& wanted);
  void add_static(LevelId level);
  /// How instances between two levels share that are not apart, strongest first. Which of them
  /// holds depends on the fanouts that a mapping uses; at least as many words move as with the
  /// strongest.
  std::vector<Sharing> sharings(const Tensor& tensor, std::size_t outer, std::size_t inner) const;
  /// No cost reads these components: they keep an option from being dropped for one that moves more
  /// where a weaker sharing holds.
  void compare_with(Component component_shared, std::span<const Sharing> weaker);
  void add_tensor(TensorId id);
  void add_input(const Tensor& tensor, LevelId outer, LevelId inner, Component base, bool innermost,
                 bool outermost);
  void add_output(const Tensor& tensor, LevelId outer, LevelId inner, Component base,
                  bool innermost, bool outermost);
  void add_fanouts(const Tensor& tensor, LevelId outer, LevelId inner, Component base);
  /// What a fanout takes in, as if a memory stood just outside it.
  void add_network_ports(const Tensor& tensor, LevelId level, LevelId inner, Component base);
  void add_room(TensorId id, LevelId memory, std::int8_t child);
  /// Whether finished values take fewer bits than partial sums in some memory.
  bool finals_narrower(const Tensor& tensor) const;
  /// What the time of the first and last tile of a hold grows with.
  void compare_ramp(const Tensor& tensor, TensorId id, LevelId memory, std::int8_t hold);
  Room& room_of(LevelId memory);
  /// Adds up flows of the same components.
  static void merge(std::vector<Flow>& flows);
  void find_read();
  /// Sets apart the energy of words that move at the outermost memories.
  void split_outer();
  /// Sorts the other energy by the memory that is filled.
  void find_fillings();
  /// Every component that costs energy, and every two of the outermost memories', with every tile
  /// that has to fit.
  void add_lifts();
  /// The component of a flow that depends on how often words move.
  static std::uint16_t moving(const Flow& flow);
  void add_lifts(std::uint16_t target, std::int16_t second);
  /// Adds one flow to energy, ports and dram words.
  void use(const Tensor& tensor, const Use& wanted, bool outermost);
  /// Accesses a word takes, before any rounding up.
  static double access_share(const Memory& memory, std::int64_t bits);
  static bool rounds(const Memory& memory, const TensorWord& word);
  Use per_instance(Use use) const;
  /// What accesses that are rounded up for each instance grow with: what each moves, and how many
  /// there are. The total alone would not do: 9 words in blocks of 4 are 4 accesses in two
  /// instances and 3 in three.
  void compare_instances(const Use& use);
  Flow flow(const Use& use, double unit, double less);
  Port& port_of(LevelId memory, std::size_t which);

  const Problem& problem_;
  const Architecture& architecture_;
  const NormalForm& form_;
  const std::vector<SpatialSlot>& axes_;
  TermTable& table_;
  std::vector<int> rooms_index_;
  std::vector<int> ports_index_;
};

}  // namespace tessera
