#pragma once

// The tree behind SpecDocument and SpecNode: one flat list of nodes in file order, that the parser
// (document.cpp) fills and the views (node.cpp) read. Private to this folder.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "spec/node.hpp"
#include "spec/source_text.hpp"

namespace tessera {

/// Stands for "no node" where a node's index is expected.
inline constexpr std::uint32_t kNoNode = 0xFFFFFFFFu;

enum class NodeKind : std::uint8_t { null, scalar, sequence, map };
enum class ScalarStyle : std::uint8_t { plain, quoted, block };

struct NodeData {
  NodeKind kind = NodeKind::null;
  ScalarStyle style = ScalarStyle::plain;
  bool is_key = false;
  bool consumed = false;       ///< of keys: read, or listed by entries()
  std::uint32_t position = 0;  ///< byte in the source
  std::uint32_t parent = kNoNode;
  std::uint32_t key = kNoNode;  ///< of a value in a map: its key
  std::uint32_t ordinal = 0;    ///< of an item of a sequence: its index
  std::uint32_t next =
      kNoNode;  ///< the next child of the parent; in maps keys and values alternate
  std::uint32_t first_child = kNoNode;
  std::uint32_t last_child = kNoNode;
  std::uint32_t children = 0;
  std::string text = {};  ///< of scalars
  std::string tag = {};
  std::uint32_t extension = kNoNode;  ///< byte of the tag, anchor, alias or merge key here
};

/// Append one step to a key path.
void append_key(std::string& path, std::string_view key);
void append_index(std::string& path, std::uint32_t index);

struct SpecTree {
  SpecTree(std::string name, std::string_view text) : source(std::move(name), text) {}

  /// Keys and indices from the root to `node`; of a key, those of its map.
  std::string path(std::uint32_t node) const;

  /// The error at `position` where a tag, an anchor, an alias or a merge key stands that `path`
  /// must not have.
  SpecError extension_error(std::size_t position, std::string_view path) const;

  SourceText source;
  std::vector<NodeData> nodes;  ///< the root first; never empty once parsed
  std::map<std::uint32_t, std::vector<std::string>> names_asked;  ///< per map, for suggestions
};

struct SpecDocument::Impl : SpecTree {
  using SpecTree::SpecTree;
};

}  // namespace tessera
