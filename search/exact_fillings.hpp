#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <vector>

#include "mapper/constraints.hpp"
#include "mapper/mapspace.hpp"
#include "mapper/normal_form.hpp"
#include "search/exact_options.hpp"
#include "search/exact_outer.hpp"
#include "search/exact_terms.hpp"

namespace tessera {

/// The least energy of filling one memory, whatever all other memories do: what every form counts
/// at least, before anything is known of where its loops stand. It depends on the order of the
/// memory's own holds alone, so that few figures bound very many forms.
class FillingMinima {
 public:
  /// Keeps references. Once `stop` is set, nothing more is found out.
  FillingMinima(const Mapspace& space, const Constraints& constraints,
                const std::atomic<bool>* stop);

  /// Tells the terms of a form.
  void set(const NormalForm& form, TermTable& terms);

 private:
  double minimum_of(const NormalForm& form, LevelId memory);
  double least_over(const std::vector<NormalForm>& forms, const NormalForm& form, LevelId memory);

  const Mapspace& space_;
  OptionMaker maker_;
  OuterMinimum outer_;
  const std::atomic<bool>* stop_;
  bool known_;
  std::map<std::vector<std::int64_t>, double> minima_;
};

}  // namespace tessera
