#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "mapper/bound_choices.hpp"
#include "mapper/mapspace.hpp"
#include "mapper/rng.hpp"

namespace tessera {

/// Draws mappings uniformly from exactly those that `Mapspace::for_each` visits and
/// `Mapspace::size` counts (mapper/uniform_sampler.cpp says how). Capacities and what
/// `needs_filter()` speaks of are not looked at: what they let pass of uniform draws is uniform
/// among the legal mappings, and the share that passes is that of the space. Immutable: threads may
/// share one.
class UniformSampler {
 public:
  /// Keeps a reference to the space. Throws MapspaceError where its tables would be too large, or
  /// where constraints leave so few mappings that tries do not meet them.
  explicit UniformSampler(const Mapspace& space);
  ~UniformSampler();
  UniformSampler(UniformSampler&&) noexcept;
  UniformSampler& operator=(UniformSampler&&) = delete;

  /// True if the space has no mapping.
  bool empty() const { return empty_; }

  /// One draw into `point` (of `Mapspace::make_point`), which depends on `rng` alone; the space
  /// must not be empty. Returns how many tries it took. Allocates nothing.
  std::uint64_t draw(CounterRng& rng, MapspacePoint& point) const;

 private:
  struct Shape;  // of skeletons with equal numbers of slots

  void find_shapes();
  void fill(Shape& shape) const;
  bool try_once(CounterRng& rng, MapspacePoint& point) const;
  const BoundChoices::Class& choose_class(const Shape& shape, std::size_t i, std::size_t loops,
                                          std::size_t k, std::size_t room, CounterRng& rng) const;
  bool overfull(std::span<const std::size_t> choices) const;
  void finish(std::size_t i, std::size_t choice, std::size_t slots, CounterRng& rng,
              MapspacePoint& point) const;

  const Mapspace& space_;
  bool empty_ = false;
  std::size_t rooms_ = 1;
  std::vector<std::size_t> order_;    // of the dimensions: most loops first
  std::vector<BoundChoices> bounds_;  // by place in `order_`
  std::vector<Shape> shapes_;
  std::vector<double> up_to_;  // by shape: weight of those up to it
};

}  // namespace tessera
