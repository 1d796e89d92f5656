#include "tests/oracle/shrink.hpp"

#include <algorithm>
#include <sstream>

#include "arch/architecture_spec.hpp"
#include "mapper/mapping_spec.hpp"
#include "problems/problem_spec.hpp"

namespace tessera::oracle {

namespace {

using Candidates = std::vector<Case>;

std::int64_t covered(const Mapping& mapping, DimensionId dimension) {
  std::int64_t product = 1;
  for (const Node& node : mapping.nodes) {
    const auto* loop = std::get_if<Loop>(&node);
    if (loop != nullptr && loop->dimension == dimension) {
      product *= loop->bound;
    }
  }
  return product;
}

/// The case with the dimension's bound lowered to what its loops cover, and to one less.
void push_fitted(Case c, DimensionId dimension, Candidates& out) {
  std::int64_t& bound = c.problem.dimensions[dimension.index()].bound;
  bound = std::min(bound, covered(c.mapping, dimension));
  out.push_back(c);
  if (bound > 1) {
    --bound;
    out.push_back(c);
  }
}

void erase_node(Mapping& mapping, std::size_t node) {
  mapping.nodes.erase(mapping.nodes.begin() + static_cast<std::ptrdiff_t>(node));
}

void shrink_loops(const Case& c, Candidates& out) {
  for (std::size_t n = 0; n < c.mapping.nodes.size(); ++n) {
    const auto* loop = std::get_if<Loop>(&c.mapping.nodes[n]);
    if (loop == nullptr) {
      continue;
    }
    Case dropped = c;
    erase_node(dropped.mapping, n);
    push_fitted(dropped, loop->dimension, out);
    if (loop->bound > 2) {
      Case lower = c;
      std::get<Loop>(lower.mapping.nodes[n]).bound = 2;
      push_fitted(lower, loop->dimension, out);
      std::get<Loop>(lower.mapping.nodes[n]).bound = loop->bound - 1;
      push_fitted(lower, loop->dimension, out);
    }
    if (loop->axis) {
      Case temporal = c;
      std::get<Loop>(temporal.mapping.nodes[n]).axis.reset();
      out.push_back(temporal);
    }
    if (n + 1 < c.mapping.nodes.size()) {
      const auto* next = std::get_if<Loop>(&c.mapping.nodes[n + 1]);
      if (next != nullptr && next->dimension == loop->dimension && next->axis == loop->axis) {
        Case joined = c;
        std::get<Loop>(joined.mapping.nodes[n]).bound *= next->bound;
        erase_node(joined.mapping, n + 1);
        out.push_back(joined);
      }
    }
  }
}

void shrink_holds(const Case& c, Candidates& out) {
  for (std::size_t n = 0; n < c.mapping.nodes.size(); ++n) {
    const auto* hold = std::get_if<Hold>(&c.mapping.nodes[n]);
    if (hold == nullptr) {
      continue;
    }
    for (std::size_t t = 0; t < c.problem.tensors.size(); ++t) {
      if (!hold->tensors.contains(TensorId(t))) {
        continue;
      }
      Case bypassed = c;
      auto& left = std::get<Hold>(bypassed.mapping.nodes[n]);
      left.tensors.erase(TensorId(t));
      if (left.tensors.empty()) {
        erase_node(bypassed.mapping, n);
      }
      out.push_back(bypassed);
    }
    if (n + 1 < c.mapping.nodes.size()) {
      const auto* next = std::get_if<Hold>(&c.mapping.nodes[n + 1]);
      if (next != nullptr && next->memory == hold->memory) {
        Case joined = c;
        std::get<Hold>(joined.mapping.nodes[n]).tensors.bits |= next->tensors.bits;
        erase_node(joined.mapping, n + 1);
        out.push_back(joined);
      }
    }
  }
}

/// Lets another memory, further out, hold what one memory holds.
void move_holds(const Case& c, Candidates& out) {
  for (std::size_t from = 0; from < c.architecture.hierarchy.size(); ++from) {
    for (std::size_t to = 0; to < from; ++to) {
      if (c.architecture.memory(LevelId(from)) == nullptr ||
          c.architecture.memory(LevelId(to)) == nullptr) {
        continue;
      }
      Case moved = c;
      for (Node& node : moved.mapping.nodes) {
        auto* hold = std::get_if<Hold>(&node);
        if (hold != nullptr && hold->memory == LevelId(from)) {
          hold->memory = LevelId(to);
        }
      }
      out.push_back(moved);
    }
  }
}

void shrink_dimensions(const Case& c, Candidates& out) {
  for (std::size_t d = 0; d < c.problem.dimensions.size(); ++d) {
    if (c.problem.dimensions[d].bound > 1) {
      Case lower = c;
      --lower.problem.dimensions[d].bound;
      out.push_back(lower);
      continue;
    }
    if (c.problem.dimensions.size() == 1) {
      continue;
    }
    Case dropped = c;
    dropped.problem.dimensions.erase(dropped.problem.dimensions.begin() +
                                     static_cast<std::ptrdiff_t>(d));
    const auto renumber = [&](DimensionId& id) {
      id = id.index() > d ? DimensionId(id.index() - 1) : id;
    };
    for (Tensor& tensor : dropped.problem.tensors) {
      for (Rank& rank : tensor.projection.ranks) {
        std::erase_if(rank, [&](const Term& term) { return term.dimension.index() == d; });
        for (Term& term : rank) {
          renumber(term.dimension);
        }
      }
      std::erase_if(tensor.projection.ranks, [](const Rank& rank) { return rank.empty(); });
    }
    for (Node& node : dropped.mapping.nodes) {
      if (auto* loop = std::get_if<Loop>(&node)) {
        renumber(loop->dimension);
      }
    }
    out.push_back(dropped);
  }
}

void drop_tensor(const Case& c, std::size_t tensor, Candidates& out) {
  Case dropped = c;
  dropped.problem.tensors.erase(dropped.problem.tensors.begin() +
                                static_cast<std::ptrdiff_t>(tensor));
  for (std::size_t n = 0; n < dropped.mapping.nodes.size();) {
    if (auto* hold = std::get_if<Hold>(&dropped.mapping.nodes[n])) {
      const std::uint32_t below = hold->tensors.bits & ((1u << tensor) - 1u);
      hold->tensors.bits = below | (hold->tensors.bits >> (tensor + 1) << tensor);
      if (hold->tensors.empty()) {
        erase_node(dropped.mapping, n);
        continue;
      }
    }
    ++n;
  }
  out.push_back(dropped);
}

void shrink_tensors(const Case& c, Candidates& out) {
  for (std::size_t t = 0; t < c.problem.tensors.size(); ++t) {
    if (t > 0 && c.problem.tensors.size() > 2) {
      drop_tensor(c, t, out);
    }
    const auto& ranks = c.problem.tensors[t].projection.ranks;
    const auto with_tensor = [&](const auto& change) {
      Case changed = c;
      change(changed.problem.tensors[t]);
      out.push_back(changed);
    };
    for (std::size_t r = 0; r < ranks.size(); ++r) {
      for (std::size_t k = 0; k < ranks[r].size(); ++k) {
        with_tensor([&](Tensor& tensor) {
          Rank& rank = tensor.projection.ranks[r];
          rank.erase(rank.begin() + static_cast<std::ptrdiff_t>(k));
          std::erase_if(tensor.projection.ranks, [](const Rank& other) { return other.empty(); });
        });
        if (ranks[r][k].coefficient != 1) {
          with_tensor([&](Tensor& tensor) { tensor.projection.ranks[r][k].coefficient = 1; });
        }
      }
    }
    with_tensor([&](Tensor& tensor) { tensor.bits = tensor.final_bits = 16; });
    with_tensor([&](Tensor& tensor) { tensor.final_bits = tensor.bits; });
  }
}

void drop_element(const Case& c, std::size_t level, Candidates& out) {
  Case dropped = c;
  dropped.architecture.hierarchy.erase(dropped.architecture.hierarchy.begin() +
                                       static_cast<std::ptrdiff_t>(level));
  const auto renumber = [&](LevelId& id) {
    if (id.index() == level) {
      return false;
    }
    id = id.index() > level ? LevelId(id.index() - 1) : id;
    return true;
  };
  for (Node& node : dropped.mapping.nodes) {
    if (auto* hold = std::get_if<Hold>(&node)) {
      if (!renumber(hold->memory)) {
        return;
      }
    } else if (auto& axis = std::get<Loop>(node).axis; axis && !renumber(axis->fanout)) {
      return;
    }
  }
  out.push_back(dropped);
}

void shrink_machine(const Case& c, Candidates& out) {
  for (std::size_t level = 0; level < c.architecture.hierarchy.size(); ++level) {
    const auto with_element = [&](const auto& change) {
      Case changed = c;
      change(changed.architecture.hierarchy[level]);
      out.push_back(changed);
    };
    if (level + 1 < c.architecture.hierarchy.size()) {
      drop_element(c, level, out);
    }
    if (c.architecture.memory(LevelId(level)) != nullptr) {
      with_element([](Element& e) { std::get<Memory>(e).ports = {}; });
      with_element([](Element& e) { std::get<Memory>(e).buffering = Buffering::ideal; });
      with_element([](Element& e) { std::get<Memory>(e).ramp = false; });
      with_element([](Element& e) {
        Memory& memory = std::get<Memory>(e);
        memory.energy.reset();
        memory.ports = {};
        memory.width.reset();
        memory.block.reset();
        memory.aligned = false;
      });
      with_element([](Element& e) { std::get<Memory>(e).aligned = false; });
      with_element([](Element& e) {
        std::get<Memory>(e).bits = {};
        std::get<Memory>(e).final_bits.reset();
      });
    }
    if (c.architecture.fanout(LevelId(level)) != nullptr) {
      with_element([](Element& e) { std::get<Fanout>(e).multicast = Fanout{}.multicast; });
      with_element([](Element& e) {
        Fanout& fanout = std::get<Fanout>(e);
        fanout.reduce = true;
        for (Axis& axis : fanout.axes) {
          axis.reduce = true;
        }
      });
      with_element([](Element& e) { std::get<Fanout>(e).links = {}; });
      with_element([](Element& e) { std::get<Fanout>(e).systolic = false; });
      with_element([](Element& e) { std::get<Fanout>(e).hop_pj.reset(); });
      with_element([](Element& e) { std::get<Fanout>(e).router_pj.reset(); });
      with_element([](Element& e) { std::get<Fanout>(e).bandwidth = {}; });
      with_element([](Element& e) { std::get<Fanout>(e).latency_cycles = 0; });
    }
  }
  Case plain = c;
  std::get<Compute>(plain.architecture.hierarchy.back()).energy_pj.reset();
  plain.architecture.clock_hz = 1e9;
  plain.architecture.drains_free = false;
  out.push_back(plain);
}

bool is_valid(const Case& c) {
  std::vector<char> used(c.problem.dimensions.size(), 0);
  for (const Tensor& tensor : c.problem.tensors) {
    for (const Rank& rank : tensor.projection.ranks) {
      for (const Term& term : rank) {
        used[term.dimension.index()] = 1;
      }
    }
  }
  const bool all_used = std::all_of(used.begin(), used.end(), [](char u) { return u != 0; });
  return all_used && c.architecture.memory(LevelId(std::size_t{0})) != nullptr &&
         !validate(c.problem, c.architecture, c.mapping);
}

}  // namespace

Case shrink(Case c, const std::function<bool(const Case&)>& fails) {
  for (bool smaller = true; smaller;) {
    smaller = false;
    for (const auto& step : {shrink_tensors, shrink_holds, move_holds, shrink_loops,
                             shrink_dimensions, shrink_machine}) {
      for (bool again = true; again;) {
        again = false;
        Candidates candidates;
        step(c, candidates);
        for (Case& candidate : candidates) {
          if (candidate != c && is_valid(candidate) && fails(candidate)) {
            c = std::move(candidate);
            again = smaller = true;
            break;
          }
        }
      }
    }
  }
  return c;
}

std::string to_document(const Case& c, const std::string& comment) {
  std::string text;
  std::istringstream lines(comment);
  for (std::string line; std::getline(lines, line);) {
    text += "# " + line + "\n";
  }
  return text + to_yaml(c.problem) + to_yaml(c.architecture) +
         to_yaml(c.mapping, c.problem, c.architecture);
}

}  // namespace tessera::oracle
