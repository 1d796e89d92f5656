#include "search/state_bytes.hpp"

#include <bit>

#include "search/search_error.hpp"

namespace tessera {
namespace {

constexpr std::uint64_t kMore = 0x80;

}  // namespace

void StateWriter::put(std::uint64_t value) {
  while (value >= kMore) {
    bytes_.push_back(static_cast<char>((value & (kMore - 1)) | kMore));
    value >>= 7;
  }
  bytes_.push_back(static_cast<char>(value));
}

void StateWriter::put(double value) {
  const auto bits = std::bit_cast<std::uint64_t>(value);
  for (int i = 0; i < 8; ++i) {
    bytes_.push_back(static_cast<char>(bits >> (8 * i) & 0xFF));
  }
}

void StateWriter::put(std::string_view text) {
  put(std::uint64_t{text.size()});
  bytes_ += text;
}

void StateWriter::put(const Mapping& mapping) {
  put(std::uint64_t{mapping.nodes.size()});
  for (const Node& node : mapping.nodes) {
    if (const Hold* hold = std::get_if<Hold>(&node)) {
      put(std::uint64_t{0});
      put(hold->memory.value);
      put(std::uint64_t{hold->tensors.bits});
      continue;
    }
    const Loop& loop = std::get<Loop>(node);
    put(std::uint64_t{loop.axis ? 2u : 1u});
    if (loop.axis) {
      put(loop.axis->fanout.value);
      put(loop.axis->axis);
    }
    put(loop.dimension.value);
    put(loop.bound);
  }
}

void StateWriter::put(const MapspacePoint& point) {
  put(std::uint64_t{point.skeleton});
  put(point.bounds);
  put(point.order);
  put(point.gaps);
}

void StateWriter::put(const ParetoFront& front) {
  put(std::uint64_t{front.size()});
  for (const ParetoPoint& point : front.points()) {
    put(point.values);
    put(point.mapping);
  }
}

void StateWriter::put(const Rejections& rejections) {
  put(rejections.capacity);
  put(rejections.axis);
  put(rejections.constraint);
  put(rejections.utilization);
  put(rejections.limits);
  put(rejections.no_value);
}

void StateWriter::put(const TreeStatistics& tree) {
  for (const auto& [name, count] : TreeStatistics::counts()) {
    put(tree.*count);
  }
}

void StateWriter::put(const Tally& tally) {
  put(tally.front);
  put(tally.evaluated);
  put(tally.feasible);
  put(tally.rejections);
  put(std::uint64_t{tally.distributions.size()});
  for (const Distribution& distribution : tally.distributions) {
    const Distribution::Parts parts = distribution.parts();
    put(parts.first);
    put(parts.counts);
    put(parts.least);
    put(parts.greatest);
  }
}

void StateWriter::put(const SearchResult& result) {
  put(Tally{result.front, result.evaluated, result.feasible, result.rejections,
            result.distributions});
  put(static_cast<std::uint64_t>(result.certificate.kind));
  put(result.certificate.gap);
  put(result.certificate.least);
  put(result.tree.has_value());
  if (result.tree) {
    put(*result.tree);
  }
}

void StateReader::fail() {
  throw SearchError("the saved state is damaged: start anew, without --resume");
}

void StateReader::finish() const {
  if (at_ != bytes_.size()) {
    fail();
  }
}

/// The length of a list, of which every item takes a byte at least.
std::size_t StateReader::count() {
  std::uint64_t value = 0;
  get(value);
  if (value > bytes_.size() - at_) {
    fail();
  }
  return value;
}

void StateReader::get(std::uint64_t& value) {
  value = 0;
  for (int shift = 0;; shift += 7) {
    if (at_ == bytes_.size() || shift > 63) {
      fail();
    }
    const auto byte = static_cast<unsigned char>(bytes_[at_++]);
    value |= (byte & (kMore - 1)) << shift;
    if ((byte & kMore) == 0) {
      return;
    }
  }
}

void StateReader::get(double& value) {
  if (bytes_.size() - at_ < 8) {
    fail();
  }
  std::uint64_t bits = 0;
  for (int i = 0; i < 8; ++i) {
    bits |= std::uint64_t{static_cast<unsigned char>(bytes_[at_++])} << (8 * i);
  }
  value = std::bit_cast<double>(bits);
}

void StateReader::get(std::size_t& value, std::size_t most) {
  get(value);
  if (value > most) {
    fail();
  }
}

void StateReader::get(bool& value) {
  std::size_t integer = 0;
  get(integer, 1);
  value = integer != 0;
}

void StateReader::get(std::int64_t& value) {
  std::uint64_t integer = 0;
  get(integer);
  value = static_cast<std::int64_t>(integer);
}

void StateReader::get(std::uint8_t& value) {
  std::size_t integer = 0;
  get(integer, 0xFF);
  value = static_cast<std::uint8_t>(integer);
}

void StateReader::get(std::string& text) {
  const std::size_t size = count();
  text = bytes_.substr(at_, size);
  at_ += size;
}

void StateReader::get(Mapping& mapping) {
  mapping.nodes.clear();
  for (std::size_t left = count(); left > 0; --left) {
    std::size_t kind = 0;
    get(kind, 2);
    if (kind == 0) {
      Hold hold;
      std::size_t tensors = 0;
      get(hold.memory.value);
      get(tensors, UINT32_MAX);
      hold.tensors.bits = static_cast<std::uint32_t>(tensors);
      mapping.nodes.emplace_back(hold);
      continue;
    }
    Loop loop;
    if (kind == 2) {
      loop.axis.emplace();
      get(loop.axis->fanout.value);
      get(loop.axis->axis);
    }
    get(loop.dimension.value);
    get(loop.bound);
    mapping.nodes.emplace_back(loop);
  }
}

void StateReader::get(MapspacePoint& point) {
  get(point.skeleton);
  get(point.bounds);
  get(point.order);
  get(point.gaps);
}

void StateReader::get(ParetoFront& front) {
  front = {};
  for (std::size_t left = count(); left > 0; --left) {
    ParetoPoint point;
    get(point.values);
    get(point.mapping);
    point.key = mapping_key(point.mapping);
    front.insert(std::move(point));
  }
}

void StateReader::get(Rejections& rejections) {
  get(rejections.capacity);
  get(rejections.axis);
  get(rejections.constraint);
  get(rejections.utilization);
  get(rejections.limits);
  get(rejections.no_value);
}

void StateReader::get(TreeStatistics& tree) {
  for (const auto& [name, count] : TreeStatistics::counts()) {
    get(tree.*count);
  }
}

void StateReader::get(Tally& tally) {
  get(tally.front);
  get(tally.evaluated);
  get(tally.feasible);
  get(tally.rejections);
  tally.distributions.clear();
  for (std::size_t left = count(); left > 0; --left) {
    Distribution::Parts parts;
    get(parts.first);
    get(parts.counts);
    get(parts.least);
    get(parts.greatest);
    tally.distributions.emplace_back(std::move(parts));
  }
}

void StateReader::get(SearchResult& result) {
  Tally tally;
  get(tally);
  result.front = std::move(tally.front);
  result.evaluated = tally.evaluated;
  result.feasible = tally.feasible;
  result.rejections = std::move(tally.rejections);
  result.distributions = std::move(tally.distributions);
  std::size_t kind = 0;
  get(kind, static_cast<std::size_t>(Certificate::Kind::exact));
  result.certificate.kind = static_cast<Certificate::Kind>(kind);
  get(result.certificate.gap);
  get(result.certificate.least);
  if (!result.certificate.least.empty() &&
      (result.front.empty() ||
       result.front.points().front().values.size() != result.certificate.least.size())) {
    fail();
  }
  bool has_tree = false;
  get(has_tree);
  result.tree.reset();
  if (has_tree) {
    get(result.tree.emplace());
  }
}

}  // namespace tessera
