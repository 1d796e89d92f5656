#include "spec/source_check.hpp"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

namespace tessera {
namespace {

/// Controls, line separators, reversals of the writing direction and stray byte order marks: they
/// make a line look like something it is not.
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

bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

/// Whether a token can begin at `position`: what stands before it on its line is nothing, or one of
/// the marks that precede a value.
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

bool is_opening(char c) {
  return c == '[' || c == '{';
}
bool is_closing(char c) {
  return c == ']' || c == '}';
}

/// The position after the comment, the quoted text or the character at `position`; `position`
/// itself for a quote that is not closed.
std::size_t skip_opaque(std::string_view text, std::size_t position) {
  if (begins_comment(text, position)) {
    return std::min(text.find('\n', position), text.size());
  }
  if (begins_quoted(text, position)) {
    return closing_quote(text, position).value_or(position);
  }
  return position + 1;
}

}  // namespace

void check_characters(const SourceText& source) {
  const std::string_view text = source.text();
  bool in_indentation = true;
  std::size_t tab = std::string_view::npos;  // in the indentation of the current line
  for (std::size_t i = 0; i < text.size();) {
    const CodePoint character = decode_code_point(text, i);
    check_character(source, i, character);
    if (character.value == '\n') {
      in_indentation = true;
      tab = std::string_view::npos;
    } else if (in_indentation) {
      if (character.value == '%' && (i == 0 || text[i - 1] == '\n')) {
        // yaml-cpp reads directives, also unknown ones after the first value, without a word.
        throw source.error(i, "", "YAML directives are not accepted");
      }
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
  to = std::min(to, text.size());
  for (std::size_t i = from; i < to;) {
    const std::size_t next = skip_opaque(text, i);
    if (next == i) {
      return i;
    }
    i = next;
  }
  return std::nullopt;
}

std::optional<std::size_t> find_unclosed(std::string_view text, std::size_t opening) {
  std::size_t depth = 0;
  for (std::size_t i = opening; i < text.size();) {
    depth += is_opening(text[i]) ? 1 : 0;
    if (is_closing(text[i]) && --depth == 0) {
      return std::nullopt;
    }
    const std::size_t next = skip_opaque(text, i);
    if (next == i) {
      return i;
    }
    i = next;
  }
  return opening;
}

void check_brackets(const SourceText& source, std::size_t depth, std::size_t values) {
  const std::string_view text = source.text();
  std::size_t open = 0;
  std::size_t count = 0;  // each list, each map and each comma stands for a value
  for (std::size_t i = 0; i < text.size();) {
    // Outside brackets a plain text may hold brackets: only one where a value begins opens a list.
    if (is_opening(text[i]) && (open > 0 || begins_token(text, i))) {
      if (++open > depth) {
        throw source.error(i, "",
                           fmt::format("maps and lists are nested more than {} deep", depth));
      }
    } else if (is_closing(text[i]) && open > 0) {
      --open;
    }
    if (open > 0 && (is_opening(text[i]) || text[i] == ',') && ++count > values) {
      throw source.error(i, "", fmt::format("more than {} values in one file", values));
    }
    i = std::max(skip_opaque(text, i), i + 1);
  }
}

}  // namespace tessera
