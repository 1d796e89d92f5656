#include "app/sweep/sweep_place.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "spec/error.hpp"
#include "spec/units.hpp"

namespace tessera {

namespace {

bool is_kind_word(std::string_view word) {
  return std::any_of(kTensorKinds.begin(), kTensorKinds.end(),
                     [&](TensorKind kind) { return to_string(kind) == word; });
}

}  // namespace

std::vector<std::string> split_path(std::string_view path) {
  std::vector<std::string> parts;
  while (true) {
    const std::size_t dot = path.find('.');
    parts.emplace_back(path.substr(0, dot));
    if (dot == std::string_view::npos) {
      return parts;
    }
    path.remove_prefix(dot + 1);
  }
}

SpecValue* find_element(SpecValue& architecture, const std::string& name) {
  SpecValue* hierarchy = architecture.find("hierarchy");
  if (hierarchy == nullptr) {
    return nullptr;
  }
  for (SpecValue& element : hierarchy->items) {
    for (const char* sort : {"memory", "fanout", "compute"}) {
      const SpecValue* called = element.find(sort);
      if (called != nullptr && called->text == name) {
        return &element;
      }
    }
  }
  return nullptr;
}

std::vector<std::string> element_names(SpecValue& architecture) {
  std::vector<std::string> names;
  if (SpecValue* hierarchy = architecture.find("hierarchy")) {
    for (SpecValue& element : hierarchy->items) {
      for (const char* sort : {"memory", "fanout", "compute"}) {
        if (const SpecValue* called = element.find(sort)) {
          names.push_back(called->text);
        }
      }
    }
  }
  return names;
}

SpecValue* find_place(SpecValue& architecture, const std::string& name, bool make) {
  std::vector<std::string> path = split_path(name);
  SpecValue* at = &architecture;
  if (path.size() > 1) {
    at = find_element(architecture, path.front());
    path.erase(path.begin());
    SpecValue* axes = at != nullptr ? at->find("axes") : nullptr;
    if (axes != nullptr && axes->find(path.front()) != nullptr) {
      at = axes;  // PEs.X for PEs.axes.X
      SpecValue* axis = axes->find(path.front());
      if (path.size() == 1 && axis->kind == SpecValue::Kind::map) {
        path.emplace_back("size");
      }
    }
  }
  for (const std::string& key : path) {
    if (at == nullptr || (at->kind != SpecValue::Kind::map && at->kind != SpecValue::Kind::null)) {
      return nullptr;
    }
    SpecValue* next = at->find(key);
    if (next == nullptr && make) {
      at->kind = SpecValue::Kind::map;
      at->set(key, SpecValue{});
      next = at->find(key);
    }
    at = next;
  }
  return at;
}

std::size_t set_bits(Network& network, std::string_view tensor, int bits) {
  std::size_t count = 0;
  for (Layer& layer : network.layers) {
    for (Tensor& candidate : layer.problem.tensors) {
      const bool meant =
          is_kind_word(tensor) ? to_string(candidate.kind) == tensor : candidate.name == tensor;
      if (meant) {
        candidate.bits = candidate.final_bits = bits;
        ++count;
      }
    }
  }
  return count;
}

int bits_of(const std::string& text) {
  const auto bits = parse_quantity(text, Measure::bits);
  constexpr double kMostBits = 1024;
  if (!bits || bits->value < 1 || bits->value > kMostBits ||
      bits->value != std::floor(bits->value)) {
    throw SpecError(fmt::format("expected a whole number of bits from 1 to 1024, got '{}'", text));
  }
  return static_cast<int>(bits->value);
}

}  // namespace tessera
