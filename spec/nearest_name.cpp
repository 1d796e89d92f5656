// The nearest known name to a misspelled one: edit distance with transpositions, where a change of
// case costs next to nothing.

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <limits>
#include <string>
#include <vector>

#include "spec/node.hpp"

namespace tessera {
namespace {

constexpr std::size_t kLongestName = 64;  // longer ones are no slips of ours
constexpr int kEdit = 8;                  // cost of an edit; a change of case costs 1

int substitution(char a, char b) {
  if (a == b) {
    return 0;
  }
  const auto lower = [](char c) { return std::tolower(static_cast<unsigned char>(c)); };
  return lower(a) == lower(b) ? 1 : kEdit;
}

int distance(std::string_view a, std::string_view b) {
  std::vector<int> before_last(b.size() + 1);
  std::vector<int> last(b.size() + 1);
  std::vector<int> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) {
    row[j] = static_cast<int>(j) * kEdit;
  }
  for (std::size_t i = 1; i <= a.size(); ++i) {
    before_last.swap(last);
    last.swap(row);
    row[0] = static_cast<int>(i) * kEdit;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min(
          {last[j] + kEdit, row[j - 1] + kEdit, last[j - 1] + substitution(a[i - 1], b[j - 1])});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = std::min(row[j], before_last[j - 2] + kEdit);
      }
    }
  }
  return row[b.size()];
}

}  // namespace

std::optional<std::string> nearest_name(std::string_view name,
                                        const std::vector<std::string>& known) {
  std::optional<std::string> nearest;
  int least = std::numeric_limits<int>::max();
  for (const std::string& candidate : known) {
    const std::size_t longer = std::max(name.size(), candidate.size());
    const std::size_t shorter = std::min(name.size(), candidate.size());
    if (longer > kLongestName || name == candidate) {
      continue;
    }
    // One edit in three characters; but one in a name of one character leaves nothing of it.
    const int edits = longer < 2 ? 0 : std::max(1, static_cast<int>(longer) / 3);
    if (static_cast<int>(longer - shorter) > edits) {
      continue;
    }
    const int allowed = edits * kEdit + kEdit - 1;
    const int cost = distance(name, candidate);
    if (cost <= allowed && cost < least) {
      least = cost;
      nearest = candidate;
    }
  }
  return nearest;
}

}  // namespace tessera
