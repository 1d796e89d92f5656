#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "mapper/normal_form.hpp"
#include "model/traffic.hpp"
#include "search/exact_choice_table.hpp"
#include "search/exact_terms.hpp"

namespace tessera {

/// The components of a form as one group of dimensions sees them: which columns of the dimensions'
/// tables each is made of. A component is a product over the group's dimensions, except for sliding
/// ranks, which the dimensions make together.
class GroupColumns {
 public:
  static constexpr std::uint32_t kNone = ~std::uint32_t{0};

  /// A sliding rank of the group in a component that counts it.
  struct Window {
    std::size_t component = 0;
    bool tile = false;
    bool closed = true;  ///< shapes give the count if all choices are perfect
    bool whole = true;   ///< the tensor is indexed by the group through this rank alone
    Sharing sharing = Sharing::word;
    std::optional<std::size_t> swept;   ///< number in the group of the dimension that sweeps
    bool alternative = false;           ///< the rank is that of the window before, which or this
                                        ///< one counts: whatever is less
    std::vector<std::uint32_t> shapes;  ///< by dimension of the group; kNone: not in the rank

    bool same_count(const Window& other) const {
      return tile == other.tile && closed && other.closed && shapes == other.shapes &&
             alternative == other.alternative && (tile || sharing == other.sharing);
    }
  };

  /// Keeps references to the space, the form and its terms. `tables` are those of the group's
  /// dimensions for as many blocks as each has in the form; their columns are asked for here, and
  /// may be read once they are filled.
  GroupColumns(const Mapspace& space, const NormalForm& form, const TermTable& terms,
               DimensionSet group, std::vector<ChoiceTable*> tables);

  const Mapspace& space() const { return space_; }
  const NormalForm& form() const { return form_; }
  const TermTable& terms() const { return terms_; }
  DimensionSet group() const { return group_; }
  const std::vector<std::size_t>& dimensions() const { return dimensions_; }
  const ChoiceTable& table(std::size_t nth) const { return *tables_[nth]; }
  /// The form's blocks in which dimension number `nth` of the group may have a loop.
  const std::vector<std::size_t>& blocks(std::size_t nth) const { return blocks_[nth]; }

  /// A component's factor, by row of the table of dimension number `nth`; a sliding rank's own
  /// share is left out.
  const double* factors(std::size_t component, std::size_t nth) const {
    return tables_[nth]->factors(factors_[component][nth]);
  }
  double least_factor(std::size_t component, std::size_t nth) const {
    return tables_[nth]->least(factors_[component][nth]);
  }
  bool constant(std::size_t component, std::size_t nth) const {
    return tables_[nth]->constant(factors_[component][nth]);
  }
  std::span<const Window> windows() const { return windows_; }
  const ShapeColumn& shapes(const Window& window, std::size_t nth) const {
    return tables_[nth]->shapes(window.shapes[nth]);
  }

  /// The level whose tiles a component is about: that of its child, or of the memory for a tile.
  std::int16_t level_of(const Component& component) const;
  /// The tensor as far as the group goes.
  const TensorShape& tensor(std::size_t tensor) const { return tensors_[tensor]; }

 private:
  TensorShape restricted(std::size_t tensor) const;
  void add_windows(std::size_t component);
  DimensionSet sweeps_of(const Component& component) const;
  enum class Role : std::uint8_t { none, plain, window };

  std::uint32_t slots_before(std::int16_t level) const;
  std::uint32_t slots_apart(std::uint8_t tensor) const;
  std::uint8_t blocks_before(std::size_t nth, std::int8_t child) const;
  FactorKey factor_key(const Component& component, Role role, std::size_t nth) const;
  ShapeKey shape_key(const Component& component, std::size_t nth, std::int64_t coefficient,
                     bool sweeps) const;

  const Mapspace& space_;
  const NormalForm& form_;
  const TermTable& terms_;
  DimensionSet group_;
  std::vector<std::size_t> dimensions_;
  std::vector<ChoiceTable*> tables_;
  std::vector<std::vector<std::size_t>> blocks_;
  std::vector<std::vector<std::uint32_t>> factors_;  ///< by component, then number in the group
  std::vector<Window> windows_;
  std::vector<TensorShape> tensors_;
};

}  // namespace tessera
