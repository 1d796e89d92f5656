#include "tests/oracle/notation.hpp"

#include <sstream>
#include <stdexcept>

namespace tessera::oracle {

namespace {

std::vector<std::string> split(const std::string& text, char at) {
  std::vector<std::string> parts;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, at);) {
    const auto first = part.find_first_not_of(' ');
    const auto last = part.find_last_not_of(' ');
    if (first != std::string::npos) {
      parts.push_back(part.substr(first, last - first + 1));
    }
  }
  return parts;
}

/// The text before `open` and, without the closing character, that after it.
std::pair<std::string, std::string> split_head(const std::string& text, char open) {
  const auto at = text.find(open);
  if (at == std::string::npos) {
    return {text, ""};
  }
  return {text.substr(0, at), text.substr(at + 1, text.size() - at - 2)};
}

template <class Value>
Value found(std::optional<Value> value, const std::string& name) {
  if (!value) {
    throw std::invalid_argument("unknown name " + name);
  }
  return *value;
}

Tensor read_tensor(const Problem& problem, const std::string& text) {
  const auto [name, index] = split_head(text, '[');
  Tensor tensor;
  tensor.name = name;
  for (const std::string& rank_text : split(index, ',')) {
    Rank rank;
    for (const std::string& term_text : split(rank_text, '+')) {
      const auto parts = split(term_text, '*');
      rank.push_back({found(problem.find_dimension(parts[0]), parts[0]),
                      parts.size() > 1 ? std::stoll(parts[1]) : 1});
    }
    tensor.projection.ranks.push_back(rank);
  }
  return tensor;
}

}  // namespace

Problem problem(const std::string& dimensions, const std::string& operation) {
  Problem result;
  result.name = "case";
  for (const std::string& text : split(dimensions, ' ')) {
    const auto parts = split(text, '=');
    result.dimensions.push_back({parts.at(0), std::stoll(parts.at(1))});
  }
  const auto at = operation.find("+=");
  result.tensors.push_back(read_tensor(result, split(operation.substr(0, at), ' ').at(0)));
  result.tensors[0].role = TensorRole::output;
  result.tensors[0].kind = TensorKind::outputs;
  for (const std::string& token : split(operation.substr(at + 2), ' ')) {
    if (token != "*") {
      result.tensors.push_back(read_tensor(result, token));
    }
  }
  if (result.tensors.size() > 2) {
    result.tensors.back().kind = TensorKind::weights;
  }
  return result;
}

Architecture architecture(const std::string& hierarchy) {
  Architecture result;
  result.name = "machine";
  for (const std::string& text : split(hierarchy, ' ')) {
    const auto [name, description] = split_head(text, '(');
    if (description.empty()) {
      Memory memory;
      memory.name = name;
      result.hierarchy.emplace_back(memory);
      continue;
    }
    Fanout fanout;
    fanout.name = name;
    const auto parts = split(description, ',');
    for (const std::string& size : split(parts.at(0), 'x')) {
      fanout.axes.push_back({std::string(1, "XYZW"[fanout.axes.size()]), std::stoll(size), {}});
    }
    for (const std::string& word : parts) {
      if (word == "tile") {
        fanout.multicast.fill(Multicast::tile);
      } else if (word == "none") {
        fanout.multicast.fill(Multicast::none);
      } else if (word == "links") {
        fanout.links.insert(TensorKind::inputs);
        fanout.links.insert(TensorKind::weights);
      } else if (word == "sum") {
        fanout.reduce = false;
      } else if (word.starts_with("sum")) {
        fanout.axes.at(std::string("XYZW").find(word.back())).reduce = false;
      }
    }
    result.hierarchy.emplace_back(fanout);
  }
  Compute compute;
  compute.name = "MAC";
  result.hierarchy.emplace_back(compute);
  return result;
}

Mapping mapping(const Problem& problem, const Architecture& architecture,
                const std::string& nodes) {
  Mapping result;
  for (const std::string& text : split(nodes, ' ')) {
    if (text.back() == ']') {
      const auto [memory, tensors] = split_head(text, '[');
      Hold hold;
      hold.memory = found(architecture.find(memory), memory);
      for (const std::string& name : split(tensors, ',')) {
        if (name == "*") {
          for (std::size_t i = 0; i < problem.tensors.size(); ++i) {
            hold.tensors.insert(TensorId(i));
          }
        } else {
          hold.tensors.insert(found(problem.find_tensor(name), name));
        }
      }
      result.nodes.emplace_back(hold);
      continue;
    }
    const auto parts = split(text, ':');
    const auto path = split(parts.at(0), '.');
    Loop loop;
    loop.dimension = found(problem.find_dimension(path.back()), path.back());
    loop.bound = std::stoll(parts.at(1));
    if (path.size() == 3) {
      loop.axis = AxisRef{found(architecture.find(path[0]), path[0]),
                          static_cast<std::uint8_t>(path[1].at(0) - 'X')};
    }
    result.nodes.emplace_back(loop);
  }
  if (const auto fault = validate(problem, architecture, result)) {
    throw std::invalid_argument("node " + std::to_string(fault->node) + ": " + fault->message);
  }
  return result;
}

Case make_case(const std::string& dimensions, const std::string& operation,
               const std::string& hierarchy, const std::string& nodes) {
  Case result;
  result.problem = problem(dimensions, operation);
  result.architecture = architecture(hierarchy);
  result.mapping = mapping(result.problem, result.architecture, nodes);
  return result;
}

}  // namespace tessera::oracle
