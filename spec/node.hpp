#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "spec/error.hpp"
#include "spec/units.hpp"

namespace tessera {

/// Bounds on a spec file. A file beyond one of them is refused with a located error, before it can
/// cost noticeable time or memory.
struct SpecLimits {
  std::size_t bytes = 1u << 20;
  std::size_t nodes = 200'000;
  std::size_t depth = 64;
  /// Read tags, anchors, aliases and merge keys as well, which our own format does not have:
  /// Timeloop's files do. What an alias or a merge key brings in counts as nodes of its own, with
  /// the place where it is written. Readers of our own format call `SpecNode::refuse_extensions`.
  bool extensions = false;
};

class SpecNode;

/// One parsed YAML file. Movable; nodes stay valid as long as it lives.
class SpecDocument {
 public:
  /// Parses `text`; `name` is what messages call it. Throws SpecError.
  static SpecDocument parse(std::string name, std::string text, const SpecLimits& limits = {});
  /// Reads and parses a file. Throws SpecError, also where the file cannot be read.
  static SpecDocument read(const std::string& path, const SpecLimits& limits = {});

  SpecDocument(SpecDocument&&) noexcept;
  SpecDocument& operator=(SpecDocument&&) noexcept;
  ~SpecDocument();

  /// The root; a null node where the file holds no document.
  SpecNode root() const;
  const std::string& name() const;

 private:
  friend class SpecNode;
  struct Impl;
  explicit SpecDocument(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// A view of one value of a document, that knows its place and its key path. Cheap to copy. Reading
/// a key consumes it; `finish()` refuses what was not consumed.
class SpecNode {
 public:
  bool is_null() const;
  bool is_scalar() const;
  bool is_sequence() const;
  bool is_map() const;

  /// 1-based place of the value in its file.
  int line() const;
  int column() const;
  const std::string& file() const;
  /// Keys and indices from the root, such as `architecture.hierarchy[2].axes.X`.
  std::string path() const;
  /// The tag, such as `!Component`; empty without one.
  const std::string& tag() const;
  /// Throws at the first tag, anchor, alias or merge key in this value, as reading without
  /// `SpecLimits::extensions` does.
  void refuse_extensions() const;

  // -- maps ---------------------------------------------------------------------------------------
  /// Whether this is a map with `key`, which is neither consumed nor known afterwards: for telling
  /// dialects apart.
  bool has(std::string_view key) const;
  /// The value of `key`, which counts as consumed and known; empty if absent. Throws if not a map.
  std::optional<SpecNode> find(std::string_view key) const;
  /// Like `find`, but a missing key is an error at this map.
  SpecNode at(std::string_view key) const;
  struct Entry;
  /// All entries in file order; consumes them all. Throws if not a map.
  std::vector<Entry> entries() const;
  /// Throws at the first key that was neither read nor listed by `entries()`, with the nearest of
  /// the names asked for so far.
  void finish() const;

  // -- sequences
  // ------------------------------------------------------------------------------------
  /// All items in order. Throws if not a sequence.
  std::vector<SpecNode> items() const;

  // -- scalars
  // -------------------------------------------------------------------------------------- Each
  // throws a located error that says what was expected.
  /// Any non-empty plain or quoted scalar.
  std::string as_string() const;
  /// An identifier: a letter or `_`, then letters, digits, `_`, `-` or `.`.
  std::string as_name() const;
  /// A strict decimal integer (no sign for non-negative ranges, no leading zero, no exponent).
  std::int64_t as_integer(std::int64_t least, std::int64_t most) const;
  /// A finite decimal number, optionally with an exponent.
  double as_number(double least, double most) const;
  /// `true` or `false`, nothing else.
  bool as_bool() const;
  /// One of `choices`; the error suggests the nearest.
  std::size_t as_choice(std::initializer_list<std::string_view> choices) const;
  /// A number with a unit, in the base unit of what is asked for (see units.hpp).
  Quantity as_quantity(Measure measure) const;

  // -- errors
  // ---------------------------------------------------------------------------------------
  /// Throws a SpecError at this value: `message` says what is wrong and what was expected. `offset`
  /// moves the caret right within a plain scalar.
  [[noreturn]] void fail(std::string_view message, std::size_t offset = 0) const;
  /// `fail` for a name that is not among `known`: adds "(did you mean 'x'?)" if one is near.
  [[noreturn]] void fail_unknown(std::string_view what, std::string_view name,
                                 const std::vector<std::string>& known,
                                 std::size_t offset = 0) const;

 private:
  friend class SpecDocument;
  SpecNode(SpecDocument::Impl* document, std::uint32_t index)
      : document_(document), index_(index) {}
  SpecDocument::Impl* document_;
  std::uint32_t index_;
};

/// One key and its value. `key` is a scalar node of its own, so that errors can point at it.
struct SpecNode::Entry {
  SpecNode key;
  SpecNode value;
  std::string name;  ///< the key's text
};

/// The nearest of `known` to `name` by edit distance, if near enough to be a likely slip.
std::optional<std::string> nearest_name(std::string_view name,
                                        const std::vector<std::string>& known);

}  // namespace tessera
