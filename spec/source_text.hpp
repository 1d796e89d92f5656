#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "spec/error.hpp"

namespace tessera {

/// One character of UTF-8 text: its code point and the bytes it takes. A byte that begins no valid
/// character is one invalid character of length 1.
struct CodePoint {
  char32_t value = 0;
  std::size_t length = 1;
  bool valid = false;
};

/// The character at `position`, which is inside `text`. Overlong forms and surrogates are invalid.
CodePoint decode_code_point(std::string_view text, std::size_t position);

/// True for a character that can be shown on one line as it is: no control, no line separator,
/// nothing that changes the direction of writing or takes no room.
bool is_printing(char32_t code_point);

/// `text` with everything that does not print escaped (`\n`, `\x1b`, `\u{202e}`).
std::string printable(std::string_view text);

/// `text` in single quotes, cut with `...` after some 60 characters: how messages cite the input.
std::string cited(std::string_view text);

/// The text of one file with its lines: turns byte positions into places and faults into errors.
/// A byte order mark is dropped and CRLF becomes LF; positions are those of the result.
class SourceText {
 public:
  struct Place {
    int line = 1;    ///< from 1
    int column = 1;  ///< from 1, in characters
  };

  SourceText(std::string name, std::string_view text);

  const std::string& name() const { return name_; }
  const std::string& text() const { return text_; }
  Place place(std::size_t position) const;
  /// `place(position).line`, without the cost of counting characters.
  int line(std::size_t position) const;

  /// The error at `position` in the program's one format (see error.hpp). An empty `path` is left
  /// out.
  SpecError error(std::size_t position, std::string_view path, std::string_view message) const;

 private:
  std::size_t line_index(std::size_t position) const;
  std::string excerpt(std::size_t position) const;

  std::string name_;
  std::string text_;
  std::vector<std::size_t> line_starts_;
};

/// The error of a file as a whole, without a place.
SpecError file_error(std::string_view name, std::string_view message);

}  // namespace tessera
