#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace tessera {

/// What a program of the user's is asked about one element (docs/components.md, "A program of your
/// own").
struct EstimatorQuestion {
  std::string program;  ///< its path, that of the spec which names it taken into account
  double seconds = 0;   ///< how long it may take
  std::string sort;     ///< memory, fanout or compute
  std::string element;
  std::string technology;
  std::optional<double> node_nm;
  std::optional<double> voltage;
  std::string devices;
  double clock_hz = 0;
  /// What the spec says of the element, with the unit in the name, such as `capacity_bits`; then
  /// the entries of its key `attributes`, as they stand there.
  std::vector<std::pair<std::string, std::variant<double, std::string>>> attributes;
};

/// A program's answer: costs by name, in the name's unit (`read_pJ`), and what it says of them.
struct EstimatorAnswer {
  std::map<std::string, double> costs;
  std::string source;
  std::string error;
};

/// Asks a program; a sentence where it fails. Running programs is not for this folder: app/ does.
using Estimator =
    std::function<std::variant<EstimatorAnswer, std::string>(const EstimatorQuestion&)>;

}  // namespace tessera
