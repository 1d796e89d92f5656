#pragma once

#include <exception>
#include <string>

namespace tessera {

/// A mapspace that cannot be handled: too large to list its parts. A sentence for the user, with
/// the remedy.
class MapspaceError : public std::exception {
 public:
  explicit MapspaceError(std::string text) : text_(std::move(text)) {}
  const char* what() const noexcept override { return text_.c_str(); }

 private:
  std::string text_;
};

}  // namespace tessera
