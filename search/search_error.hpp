#pragma once

#include <exception>
#include <string>

namespace tessera {

/// Options that a search cannot follow. A sentence for the user, with the remedy.
class SearchError : public std::exception {
 public:
  explicit SearchError(std::string text) : text_(std::move(text)) {}
  const char* what() const noexcept override { return text_.c_str(); }

 private:
  std::string text_;
};

}  // namespace tessera
