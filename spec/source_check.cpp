#include "spec/source_check.hpp"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

namespace tessera {
namespace {

/// Controls, line separators, reversals of the writing direction and stray byte order marks: they make
/// a line look like something it is not.
bool is_refused(char32_t c) {
  const auto within = [c](char32_t first, char32_t last) { return c >= first && c <= last; };
  return (c < 0x20 && c != '\n' && c != '\t') || within(0x7F, 0x9F) || within(0x2028, 0x202E) ||
         within(0x2066, 0x2069) || c == 0xFEFF || within(0xFFFE, 0xFFFF);
}

void check_character(const SourceText& source, std::size_t position, const CodePoint& character) {
  const std::string_view text = source.text();
  if (!character.valid) {
    const bool utf16 = text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF");
    throw source.error(position, "",
                       fmt::format("byte 0x{:02x} is not valid UTF-8{}",
                                   static_cast<unsigned char>(text[position]),
                                   utf16 ? " (the file looks like UTF-16; save it as UTF-8)" : ""));
  }
  if (character.value == '\r') {
    throw source.error(position, "", "carriage return without a line feed");
  }
  if (is_refused(character.value)) {
    throw source.error(position, "",
                       fmt::format("the character U+{:04X} is not accepted",
                                   static_cast<unsigned>(character.value)));
  }
}

/// yaml-cpp reads `%YAML` and any other directive, also unknown ones, without a word.
void check_directive(const SourceText& source) {
  const std::string_view text = source.text();
  for (std::size_t line = 0; line < text.size();) {
    const std::size_t end = std::min(text.find('\n', line), text.size());
    const std::size_t start = text.find_first_not_of(" \t", line);
    if (start < end && text[start] != '#') {
      if (text[line] == '%') {
        throw source.error(line, "", "YAML directives are not accepted");
      }
      return;
    }
    line = end + 1;
  }
}

bool is_blank(char c) { return c == ' ' || c == '\t'; }

/// Whether a token can begin at `position`: what stands before it on its line is nothing, or one of the
/// marks that precede a value.
bool begins_token(std::string_view text, std::size_t position) {
  std::size_t i = position;
  while (i > 0 && is_blank(text[i - 1])) {
    --i;
  }
  if (i == 0 || text[i - 1] == '\n') {
    return true;
  }
  const char before = text[i - 1];
  if (before == '[' || before == '{' || before == ',') {
    return true;
  }
  return i < position && (before == ':' || before == '-' || before == '?');
}

bool begins_comment(std::string_view text, std::size_t position) {
  return text[position] == '#' &&
         (position == 0 || is_blank(text[position - 1]) || text[position - 1] == '\n');
}

bool begins_quoted(std::string_view text, std::size_t position) {
  return (text[position] == '"' || text[position] == '\'') && begins_token(text, position);
}

}  // namespace

void check_characters(const SourceText& source) {
  const std::string_view text = source.text();
  bool in_indentation = true;
  std::size_t tab = std::string_view::npos;   // in the indentation of the current line
  for (std::size_t i = 0; i < text.size();) {
    const CodePoint character = decode_code_point(text, i);
    check_character(source, i, character);
    if (character.value == '\n') {
      in_indentation = true;
      tab = std::string_view::npos;
    } else if (in_indentation) {
      if (character.value == '\t') {
        tab = std::min(tab, i);
      } else if (character.value != ' ') {
        in_indentation = false;
        if (tab != std::string_view::npos) {
          throw source.error(tab, "", "a tab is used for indentation; use spaces");
        }
      }
    }
    i += character.length;
  }
  check_directive(source);
}

std::optional<std::size_t> closing_quote(std::string_view text, std::size_t opening) {
  const char quote = text[opening];
  for (std::size_t i = opening + 1; i < text.size() && text[i] != '\n'; ++i) {
    if (quote == '"' && text[i] == '\\') {
      if (i + 1 < text.size() && text[i + 1] == '\n') {
        return std::nullopt;
      }
      ++i;
    } else if (text[i] == quote) {
      if (quote == '\'' && i + 1 < text.size() && text[i + 1] == '\'') {
        ++i;
        continue;
      }
      return i + 1;
    }
  }
  return std::nullopt;
}

std::optional<std::size_t> find_open_quote(std::string_view text, std::size_t from,
                                           std::size_t to) {
  for (std::size_t i = from; i < std::min(to, text.size()); ++i) {
    if (begins_comment(text, i)) {
      i = std::min(text.find('\n', i), text.size());
    } else if (begins_quoted(text, i)) {
      const std::optional<std::size_t> end = closing_quote(text, i);
      if (!end) {
        return i;
      }
      i = *end - 1;
    }
  }
  return std::nullopt;
}

std::optional<std::size_t> find_unclosed(std::string_view text, std::size_t opening) {
  std::size_t depth = 0;
  for (std::size_t i = opening; i < text.size(); ++i) {
    if (begins_comment(text, i)) {
      i = std::min(text.find('\n', i), text.size());
    } else if (begins_quoted(text, i)) {
      const std::optional<std::size_t> end = closing_quote(text, i);
      if (!end) {
        return i;
      }
      i = *end - 1;
    } else if (text[i] == '[' || text[i] == '{') {
      ++depth;
    } else if ((text[i] == ']' || text[i] == '}') && --depth == 0) {
      return std::nullopt;
    }
  }
  return opening;
}

}  // namespace tessera
