#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "mapper/mapspace.hpp"
#include "search/scorer.hpp"
#include "search/search.hpp"

namespace tessera {

/// Puts values into bytes, the same on every machine: integers in groups of 7 bits, least first,
/// doubles by their bits, texts and lists after their length.
class StateWriter {
 public:
  void put(std::uint64_t value);
  void put(double value);
  void put(bool value) { put(std::uint64_t{value}); }
  void put(std::string_view text);
  void put(const Mapping& mapping);
  void put(const MapspacePoint& point);
  void put(const ParetoFront& front);
  void put(const Rejections& rejections);
  void put(const TreeStatistics& tree);
  void put(const Tally& tally);
  /// All but what `search()` adds: the algorithm, why, and the size of the space.
  void put(const SearchResult& result);
  template <class T>
  void put(const std::vector<T>& items) {
    put(std::uint64_t{items.size()});
    for (const T& item : items) {
      put(item);
    }
  }
  void put(std::int64_t value) { put(static_cast<std::uint64_t>(value)); }
  void put(std::uint8_t value) { put(std::uint64_t{value}); }

  std::string take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

/// Reads what a StateWriter wrote, in the same order. Throws SearchError where that is not what
/// the bytes hold; whatever they are, nothing else happens.
class StateReader {
 public:
  explicit StateReader(std::string bytes) : bytes_(std::move(bytes)) {}

  void get(std::uint64_t& value);
  void get(double& value);
  void get(bool& value);
  void get(std::string& text);
  void get(Mapping& mapping);
  void get(MapspacePoint& point);
  void get(ParetoFront& front);
  void get(Rejections& rejections);
  void get(TreeStatistics& tree);
  void get(Tally& tally);
  void get(SearchResult& result);
  void get(std::int64_t& value);
  void get(std::uint8_t& value);
  void get(std::size_t& value, std::size_t most);
  template <class T>
  void get(std::vector<T>& items) {
    items.resize(count());
    for (T& item : items) {
      get(item);
    }
  }
  /// Throws unless everything has been read.
  void finish() const;
  [[noreturn]] static void fail();

 private:
  std::size_t count();

  std::string bytes_;
  std::size_t at_ = 0;
};

}  // namespace tessera
