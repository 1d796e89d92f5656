#pragma once

// Published figures as data: tests/published/figures/*.csv, each with its source in its comment.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace tessera::published {

/// One row of a table of figures, by the names in its heading.
class Figures {
 public:
  explicit Figures(std::map<std::string, std::string> cells) : cells_(std::move(cells)) {}

  /// The cell as it is printed in the source. Throws std::runtime_error if there is no such column.
  const std::string& text(const std::string& column) const;
  double number(const std::string& column) const;
  std::int64_t count(const std::string& column) const;

 private:
  std::map<std::string, std::string> cells_;
};

/// All rows of figures/NAME.csv. Throws std::runtime_error where the file is not as it has to be.
std::vector<Figures> read_figures(const std::string& name);

}  // namespace tessera::published
