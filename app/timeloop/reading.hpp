#pragma once

// How values are written in Timeloop's files: keys with hyphens or underscores, `True`, whole
// numbers as `2.0`, names with ranges (`PE[0..15]`). Everything else is as strict as in our own
// format.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "spec/node.hpp"

namespace tessera {

/// The value of `key`, given with underscores, in either spelling; both at once is an error.
std::optional<SpecNode> find_key(const SpecNode& map, std::string_view key);

/// `true`, `True`, `TRUE`, or the same of false; in quotes too.
bool as_flag(const SpecNode& node);

/// A whole number, also written as `2.0`.
std::int64_t as_whole(const SpecNode& node, std::int64_t least, std::int64_t most);

/// A list of names, or one name.
std::vector<SpecNode> as_list(const SpecNode& node);

/// A name with an optional range that says how many there are: `PE[0..15]` are 16.
struct RangedName {
  std::string name;
  std::int64_t count = 1;
};

/// Reads the name of an element of the hierarchy; without the range it must be a name in our
/// format.
RangedName as_ranged_name(const SpecNode& node);

/// `System.Chip.PE[0..3].Reg` is `Reg`: the last name of a path, without its range.
std::string last_name(std::string_view path);

/// Reads `version: 0.3` or `'0.4'` and refuses what is older or newer.
void check_version(const SpecNode& node);

}  // namespace tessera
