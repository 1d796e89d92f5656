// Both forms end in one list of nodes, each with the place in the file where it was written, so
// that what validate() finds can be shown there.

#include "mapper/mapping_spec.hpp"

#include <charconv>

#include <fmt/format.h>

#include "mapper/name_scope.hpp"
#include "problems/problem_spec.hpp"

namespace tessera {
namespace {

class MappingReader {
 public:
  MappingReader(const SpecNode& root, const NameScope& scope) : root_(root), scope_(scope) {}

  Mapping read() {
    if (root_.is_scalar()) {
      read_line();
    } else if (root_.is_sequence()) {
      for (const SpecNode& item : root_.items()) {
        read_item(item);
      }
    } else {
      root_.fail(
          "expected a list of holds and loops, outermost first, such as "
          "`[{DRAM: all}, {for: {K: 8}}]`, or one line such as `DRAM[Inputs] K=8`");
    }
    if (const auto fault = validate(scope_.problem, scope_.architecture, mapping_)) {
      if (fault->node < places_.size()) {
        places_[fault->node].node.fail(fault->message, places_[fault->node].offset);
      }
      root_.fail(fault->message);
    }
    return std::move(mapping_);
  }

 private:
  struct Place {
    SpecNode node;
    std::size_t offset;
  };

  void add(Node node, const SpecNode& place, std::size_t offset = 0) {
    mapping_.nodes.push_back(node);
    places_.push_back({place, offset});
  }

  void add_loop(const Loop& loop, const SpecNode& place, std::size_t offset = 0) {
    if (loop.bound > 1) {
      add(loop, place, offset);
    }
  }

  // -- the list form ------------------------------------------------------------------------------
  void read_item(const SpecNode& item) {
    if (!item.is_map()) {
      item.fail(
          "expected a hold such as `DRAM: [Inputs]`, loops such as `for: {K: 8}`, or "
          "`spatial: {PEs.X: {K: 8}}`");
    }
    const std::vector<SpecNode::Entry> entries = item.entries();
    if (entries.size() != 1) {
      item.fail(
          fmt::format("expected one key, got {}: each hold, `for` and `spatial` is an item "
                      "of its own",
                      entries.size()));
    }
    const SpecNode::Entry& entry = entries.front();
    if (entry.name == "for") {
      read_loops(entry.value, std::nullopt);
    } else if (entry.name == "spatial") {
      for (const SpecNode::Entry& axis : entry.value.entries()) {
        read_loops(axis.value, scope_.axis(axis.key, axis.name));
      }
    } else {
      const LevelId memory = scope_.memory(entry.key, entry.name, {"for", "spatial"});
      add(Hold{memory, read_tensors(entry.value)}, entry.value);
    }
  }

  void read_loops(const SpecNode& node, std::optional<AxisRef> axis) {
    for (const SpecNode::Entry& entry : node.entries()) {
      const DimensionId dimension = scope_.dimension(entry.key, entry.name);
      add_loop({dimension, entry.value.as_integer(1, kMaxDimensionBound), axis}, entry.value);
    }
  }

  TensorSet read_tensors(const SpecNode& node) const {
    TensorSet tensors;
    if (node.is_scalar()) {
      insert_tensor(tensors, node, node.as_string(), 0);
      return tensors;
    }
    for (const SpecNode& item : node.items()) {
      insert_tensor(tensors, item, item.as_string(), 0);
    }
    return tensors;
  }

  void insert_tensor(TensorSet& tensors, const SpecNode& node, std::string_view name,
                     std::size_t offset) const {
    if (name == "all" && tensors.empty()) {
      tensors = scope_.all_tensors();
      return;
    }
    const TensorId tensor = scope_.tensor(node, name, offset);
    if (tensors.contains(tensor)) {
      node.fail(fmt::format("{} stands in this hold twice", name), offset);
    }
    tensors.insert(tensor);
  }

  // -- the form of one line -----------------------------------------------------------------------
  void read_line() {
    const std::string text = root_.as_string();
    std::size_t at = 0;
    while ((at = text.find_first_not_of(" \t\n", at)) != std::string::npos) {
      const std::size_t end = std::min(text.find_first_of(" \t\n", at), text.size());
      read_word(std::string_view(text).substr(at, end - at), at);
      at = end;
    }
  }

  void read_word(std::string_view word, std::size_t at) {
    if (const std::size_t bracket = word.find('['); bracket != std::string_view::npos) {
      read_hold(word, bracket, at);
    } else if (const std::size_t equals = word.find('='); equals != std::string_view::npos) {
      read_loop(word, equals, at);
    } else {
      root_.fail(fmt::format("expected a hold such as `DRAM[Inputs+Weights]` or a loop such as "
                             "`K=8` or `PEs.X:K=8`, got '{}'",
                             word),
                 at);
    }
  }

  void read_hold(std::string_view word, std::size_t bracket, std::size_t at) {
    if (word.back() != ']') {
      root_.fail(fmt::format("expected ']' at the end of '{}'", word), at + word.size());
    }
    const LevelId memory = scope_.memory(root_, word.substr(0, bracket), {}, at);
    TensorSet tensors;
    const std::size_t last = word.size() - 1;
    const bool empty = bracket + 1 == last;  // left to validate(), like an empty list
    for (std::size_t begin = bracket + 1; begin <= last && !empty;) {
      const std::size_t end = std::min(word.find('+', begin), last);
      insert_tensor(tensors, root_, word.substr(begin, end - begin), at + begin);
      begin = end + 1;
    }
    add(Hold{memory, tensors}, root_, at);
  }

  void read_loop(std::string_view word, std::size_t equals, std::size_t at) {
    std::optional<AxisRef> axis;
    std::size_t begin = 0;
    if (const std::size_t colon = word.find(':'); colon < equals) {
      axis = scope_.axis(root_, word.substr(0, colon), at);
      begin = colon + 1;
    }
    const DimensionId dimension =
        scope_.dimension(root_, word.substr(begin, equals - begin), at + begin);
    add_loop({dimension, read_bound(word.substr(equals + 1), at + equals + 1), axis}, root_, at);
  }

  std::int64_t read_bound(std::string_view digits, std::size_t at) const {
    std::int64_t bound = 0;
    const char* end = digits.data() + digits.size();
    const auto [stop, fault] = std::from_chars(digits.data(), end, bound);
    if (fault != std::errc() || stop != end || digits[0] == '0' || bound < 1 ||
        bound > kMaxDimensionBound) {
      root_.fail(fmt::format("expected a bound from 1 to {}, got '{}'", kMaxDimensionBound, digits),
                 at);
    }
    return bound;
  }

  const SpecNode& root_;
  const NameScope& scope_;
  Mapping mapping_;
  std::vector<Place> places_;  ///< of mapping_.nodes
};

}  // namespace

Mapping parse_mapping(const SpecNode& node, const Problem& problem,
                      const Architecture& architecture) {
  const NameScope scope{problem, architecture};
  return MappingReader(node, scope).read();
}

}  // namespace tessera
