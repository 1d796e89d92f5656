#include "spec/source_text.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include <fmt/format.h>

namespace tessera {
namespace {

constexpr std::size_t kCitedCharacters = 60;
constexpr std::size_t kShownColumns = 120;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

std::string normalised(std::string_view text) {
  if (text.starts_with(kByteOrderMark)) {
    text.remove_prefix(kByteOrderMark.size());
  }
  std::string result;
  result.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\r' || i + 1 >= text.size() || text[i + 1] != '\n') {
      result += text[i];
    }
  }
  return result;
}

/// The shown form of the character at `position`.
std::string shown(std::string_view text, std::size_t position, const CodePoint& character) {
  if (character.valid && is_printing(character.value)) {
    return std::string(text.substr(position, character.length));
  }
  if (!character.valid || character.value < 0x80) {
    switch (text[position]) {
      case '\n':
        return "\\n";
      case '\t':
        return "\\t";
      case '\r':
        return "\\r";
      default:
        return fmt::format("\\x{:02x}", static_cast<unsigned char>(text[position]));
    }
  }
  return fmt::format("\\u{{{:04x}}}", static_cast<unsigned>(character.value));
}

}  // namespace

CodePoint decode_code_point(std::string_view text, std::size_t position) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[position + i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) {
    return {.value = first, .length = 1, .valid = true};
  }
  const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  const CodePoint invalid{.value = first, .length = 1, .valid = false};
  if (first < 0xC2 || first > 0xF4 || position + length > text.size()) {
    return invalid;
  }
  char32_t value = first & (0x7Fu >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0u) != 0x80u) {
      return invalid;
    }
    value = value << 6 | (byte(i) & 0x3Fu);
  }
  constexpr std::array<char32_t, 5> kLeast = {0, 0, 0x80, 0x800, 0x10000};
  if (value < kLeast[length] || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF)) {
    return invalid;
  }
  return {.value = value, .length = length, .valid = true};
}

bool is_printing(char32_t c) {
  const auto within = [c](char32_t first, char32_t last) { return c >= first && c <= last; };
  return !(c < 0x20 || within(0x7F, 0x9F) || c == 0xAD || within(0x200B, 0x200F) ||
           within(0x2028, 0x202E) || within(0x2060, 0x206F) || c == 0xFEFF ||
           within(0xFFF9, 0xFFFB) || within(0xFFFE, 0xFFFF));
}

std::string printable(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) {
    const CodePoint character = decode_code_point(text, i);
    result += shown(text, i, character);
    i += character.length;
  }
  return result;
}

std::string cited(std::string_view text) {
  std::size_t end = 0;
  for (std::size_t count = 0; end < text.size() && count < kCitedCharacters; ++count) {
    end += decode_code_point(text, end).length;
  }
  return fmt::format("'{}{}'", text.substr(0, end), end < text.size() ? "..." : "");
}

SourceText::SourceText(std::string name, std::string_view text)
    : name_(std::move(name)), text_(normalised(text)), line_starts_{0} {
  for (std::size_t i = 0; i < text_.size(); ++i) {
    if (text_[i] == '\n') {
      line_starts_.push_back(i + 1);
    }
  }
}

std::size_t SourceText::line_index(std::size_t position) const {
  const auto next = std::upper_bound(line_starts_.begin(), line_starts_.end(), position);
  return static_cast<std::size_t>(std::distance(line_starts_.begin(), next)) - 1;
}

int SourceText::line(std::size_t position) const {
  return static_cast<int>(line_index(position)) + 1;
}

SourceText::Place SourceText::place(std::size_t position) const {
  position = std::min(position, text_.size());
  const std::size_t line = line_index(position);
  int column = 1;
  for (std::size_t i = line_starts_[line]; i < position;) {
    i += decode_code_point(text_, i).length;
    ++column;
  }
  return {.line = static_cast<int>(line) + 1, .column = column};
}

std::string SourceText::excerpt(std::size_t position) const {
  const std::size_t start = line_starts_[line_index(position)];
  const std::string_view line = std::string_view(text_).substr(
      start, std::min(text_.find('\n', start), text_.size()) - start);
  std::vector<std::size_t> starts;  // of the line's characters
  std::size_t caret = 0;            // index of the character under the caret
  for (std::size_t i = 0; i < line.size(); i += decode_code_point(line, i).length) {
    caret += start + i < position ? 1 : 0;
    starts.push_back(i);
  }
  std::size_t first = 0;
  std::size_t last = starts.size();
  if (last > kShownColumns) {
    first = std::min(caret - std::min(caret, kShownColumns / 2), last - kShownColumns);
    last = first + kShownColumns;
  }
  std::string shown_line = first > 0 ? "..." : "";
  std::size_t columns = shown_line.size();
  std::size_t caret_column = columns;
  for (std::size_t k = first; k < last; ++k) {
    const CodePoint character = decode_code_point(line, starts[k]);
    const bool plain = character.valid && is_printing(character.value);
    const std::string piece = character.value == '\t' ? " " : shown(line, starts[k], character);
    shown_line += piece;
    columns += plain ? 1 : piece.size();
    if (k + 1 == caret) {
      caret_column = columns;
    }
  }
  if (last < starts.size()) {
    shown_line += "...";
  }
  return fmt::format("  {}\n  {}^", shown_line, std::string(caret_column, ' '));
}

SpecError SourceText::error(std::size_t position, std::string_view path,
                            std::string_view message) const {
  position = std::min(position, text_.size());
  const Place at = place(position);
  return SpecError(fmt::format("{}:{}:{}: {}{}{}\n{}", printable(name_), at.line, at.column,
                               printable(path), path.empty() ? "" : ": ", printable(message),
                               excerpt(position)));
}

SpecError file_error(std::string_view name, std::string_view message) {
  return SpecError(fmt::format("{}: {}", printable(name), printable(message)));
}

}  // namespace tessera
