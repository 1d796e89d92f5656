#include "app/line_difference.hpp"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

namespace tessera {

namespace {

constexpr std::size_t kMostLines = 8;

std::string missing(const std::vector<std::string>& from, const std::vector<std::string>& in,
                    char sign) {
  std::string text;
  std::size_t shown = 0;
  for (const std::string& line : from) {
    if (std::find(in.begin(), in.end(), line) == in.end() && ++shown <= kMostLines) {
      text += fmt::format("  {} {}\n", sign, line);
    }
  }
  if (shown > kMostLines) {
    text += fmt::format("  {} ... and {} more lines\n", sign, shown - kMostLines);
  }
  return text;
}

}  // namespace

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::size_t from = 0;
  while (from < text.size()) {
    const std::size_t end = std::min(text.find('\n', from), text.size());
    lines.push_back(text.substr(from, end - from));
    from = end + 1;
  }
  return lines;
}

std::string line_difference(const std::string& before, const std::string& now) {
  const std::vector<std::string> a = lines_of(before);
  const std::vector<std::string> b = lines_of(now);
  const std::string text = missing(a, b, '-') + missing(b, a, '+');
  return text.empty() ? "  the order of lines\n" : text;
}

}  // namespace tessera
