#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "spec/node.hpp"

namespace tessera {

/// A part of a spec as plain data that can be changed and written again: what a sweep varies is the
/// text of an architecture, so that every key that the parser knows can be varied, and is checked
/// by it.
struct SpecValue {
  enum class Kind { null, scalar, sequence, map } kind = Kind::null;
  std::string text;                                        ///< of a scalar
  std::vector<SpecValue> items;                            ///< of a sequence
  std::vector<std::pair<std::string, SpecValue>> entries;  ///< of a map, in order

  static SpecValue scalar(std::string text);
  /// A copy of what stands in a spec.
  static SpecValue read(const SpecNode& node);

  /// The value of a key of a map; null if there is none, or this is no map.
  SpecValue* find(std::string_view key);
  const SpecValue* find(std::string_view key) const;
  /// Sets a key of a map, the old one or a new one at the end.
  void set(std::string_view key, SpecValue value);
};

/// The value as YAML that reads back, each line indented by `margin`, a newline at the end.
std::string to_yaml(const SpecValue& value, std::size_t margin);

}  // namespace tessera
