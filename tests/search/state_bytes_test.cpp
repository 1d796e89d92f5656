#include "search/state_bytes.hpp"

#include "search/search_error.hpp"
#include "tests/catch_compat.hpp"

namespace tessera {
namespace {

/// A result with something of everything that a state can hold.
SearchResult sample() {
  SearchResult result;
  Mapping mapping;
  mapping.nodes = {Hold{LevelId(0), TensorSet{7}},
                   Loop{.dimension = DimensionId(2), .bound = 1'000'000'007, .axis = {}},
                   Loop{.dimension = DimensionId(1), .bound = 14, .axis = AxisRef{LevelId(3), 1}}};
  result.front.insert({{0.1 + 0.2, -0.0}, mapping, mapping_key(mapping)});
  mapping.nodes.pop_back();
  result.front.insert({{0.1, 1e300}, mapping, mapping_key(mapping)});
  result.evaluated = UINT64_MAX;
  result.feasible = 127;
  result.rejections.capacity = {0, 128, 3};
  result.rejections.limits = {5};
  result.rejections.no_value = 1;
  result.certificate = {Certificate::Kind::bound, 1.0 / 3};
  result.tree = TreeStatistics{.forms = 1, .nodes = 2, .cut_by_bound = 3, .cut_by_size = 4};
  result.distributions.emplace_back();
  for (const double value : {1.5, 1.25, 1.0, 1.875}) {
    result.distributions.back().add(value);
  }
  return result;
}

std::string bytes_of(const SearchResult& result) {
  StateWriter writer;
  writer.put(result);
  return writer.take();
}

TEST_CASE("what a state holds comes back bit by bit") {
  const SearchResult before = sample();
  StateReader reader(bytes_of(before));
  SearchResult after;
  reader.get(after);
  reader.finish();
  CHECK(bytes_of(after) == bytes_of(before));
  REQUIRE(after.front.size() == before.front.size());
  for (std::size_t i = 0; i < after.front.size(); ++i) {
    CHECK(after.front.points()[i].values == before.front.points()[i].values);
    CHECK(after.front.points()[i].mapping == before.front.points()[i].mapping);
    CHECK(after.front.points()[i].key == before.front.points()[i].key);
  }
  CHECK(after.evaluated == before.evaluated);
  CHECK(after.certificate.gap == before.certificate.gap);
  CHECK(after.distributions[0].quantile(0.5) == before.distributions[0].quantile(0.5));
  CHECK(after.distributions[0].least() == 1.0);
  CHECK(after.distributions[0].count() == 4);
  CHECK(after.tree->cut_by_size == 4);
}

TEST_CASE(
    "a state that is cut off, goes on too long or was changed is refused or read, never more") {
  const std::string bytes = bytes_of(sample());
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    StateReader reader(bytes.substr(0, length));
    SearchResult result;
    CHECK_THROWS_AS(reader.get(result), SearchError);
  }
  StateReader longer(bytes + "x");
  SearchResult result;
  longer.get(result);
  CHECK_THROWS_AS(longer.finish(), SearchError);
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    for (const char with : {'\xFF', '\x7F', '\x00'}) {
      std::string changed = bytes;
      changed[at] = with;
      StateReader reader(changed);
      try {
        reader.get(result);
      } catch (const SearchError&) {
      }
    }
  }
}

}  // namespace
}  // namespace tessera
