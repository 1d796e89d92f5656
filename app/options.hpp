#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "search/objective.hpp"

namespace tessera {

class SpecNode;

/// What the argument of an option may be.
enum class OptionKind {
  flag,        ///< takes none
  choice,      ///< one of `choices`
  choices,     ///< several of `choices`, by commas, none twice
  integer,     ///< decimal, from `least` to `most`
  integers,    ///< several of them, by commas, none twice
  duration,    ///< a time with a unit, over 0
  objectives,  ///< names of objectives and formulas, by commas
  limits,      ///< `metric=bound` by commas; in specs a map
  text,        ///< anything but nothing
};

/// One option of a command. From a list of these come the parser of the command line, `--help`, the
/// keys of a spec's `search:` section, and every check: an option is described in one place.
struct Option {
  std::string_view name = {};  ///< without dashes; also the key in `search:`
  char letter = '\0';          ///< short form, if any
  OptionKind kind = OptionKind::text;
  std::string_view argument = {};  ///< as `--help` calls it
  std::string_view fallback = {};  ///< the value when it is not given; empty: none
  std::vector<std::string_view> choices = {};
  std::uint64_t least = 0;
  std::uint64_t most = UINT64_MAX;
  std::string_view help = {};  ///< a sentence
  bool in_spec = true;         ///< may stand in `search:`
};

/// Says what is wrong with `text` as the argument of `option`, as "expected ..., got ..."; empty if
/// nothing is.
std::optional<std::string> find_fault(const Option& option, std::string_view text);

/// Checked values of options by name, each with the text that was given.
class OptionValues {
 public:
  /// `text` must have no fault; a flag's is `true` or `false`.
  void set(std::string_view name, std::string text) {
    values_.insert_or_assign(std::string(name), std::move(text));
  }
  bool given(std::string_view name) const { return values_.contains(name); }
  /// Takes from `other` what is not set here.
  void fill_from(const OptionValues& other) {
    values_.insert(other.values_.begin(), other.values_.end());
  }
  /// Takes the table's defaults for what is not set here.
  void fill_from(const std::vector<Option>& table);

  // Each needs the option to be set; flags are false when they are not.
  const std::string& text(std::string_view name) const;
  bool flag(std::string_view name) const;
  std::uint64_t integer(std::string_view name) const;
  double seconds(std::string_view name) const;
  std::vector<std::string> list(std::string_view name) const;
  std::vector<Objective> objectives(std::string_view name) const;
  std::vector<Limit> limits(std::string_view name) const;
  std::vector<std::uint64_t> integers(std::string_view name) const;

 private:
  std::map<std::string, std::string, std::less<>> values_;
};

/// Reads a spec's `search:` section. Throws SpecError with the place of what is wrong.
OptionValues read_search_section(const SpecNode& node, const std::vector<Option>& table);

/// The section with every value that is set, as YAML that reads back.
std::string search_section_yaml(const OptionValues& values, const std::vector<Option>& table);

/// The table as aligned text for `--help`.
std::string describe_options(const std::vector<Option>& table);

}  // namespace tessera
