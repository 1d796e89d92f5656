#pragma once

// Checks on the text of a spec file that yaml-cpp does not make, or makes late or without saying
// where.

#include <cstddef>
#include <optional>

#include "spec/source_text.hpp"

namespace tessera {

/// Throws at the first character that no spec may hold (invalid UTF-8, controls), at the first line
/// indented by a tab, and at a directive (`%YAML`).
void check_characters(const SourceText& source);

/// Throws where `[` and `{` are nested more than `depth` deep, or hold more than `values` values.
/// yaml-cpp holds the tokens of a whole bracket in memory before its first event.
void check_brackets(const SourceText& source, std::size_t depth, std::size_t values);

/// One past the closing quote of the quoted text that opens at `opening`, if it closes on its line.
std::optional<std::size_t> closing_quote(std::string_view text, std::size_t opening);

/// The first quote in [from, to) that opens a quoted text and is not closed on its line.
std::optional<std::size_t> find_open_quote(std::string_view text, std::size_t from, std::size_t to);

/// What is not closed where a `[` or `{` at `opening` is not: that bracket, or a quote within.
/// Empty if the bracket is closed.
std::optional<std::size_t> find_unclosed(std::string_view text, std::size_t opening);

}  // namespace tessera
