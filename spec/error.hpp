#pragma once

#include <exception>
#include <string>

namespace tessera {

/// A fault in what the user gave: a spec file, a library name. `what()` is the whole text as the
/// user sees it (DESIGN section 3):
///
///   conv.yaml:4:15: problem.dimensions.P: expected an integer from 1 to 9223372036854775807, got
///   '0x10'
///     dimensions: {P: 0x10}
///                     ^
class SpecError : public std::exception {
 public:
  explicit SpecError(std::string text) : text_(std::move(text)) {}
  const char* what() const noexcept override { return text_.c_str(); }

 private:
  std::string text_;
};

/// A count that does not fit in 63 bits. Carries no place; `app/` names the inputs.
class OverflowError : public std::exception {
 public:
  const char* what() const noexcept override { return "a count exceeds 63 bits"; }
};

}  // namespace tessera
