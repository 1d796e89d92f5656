#include "spec/path_beside.hpp"

#include <algorithm>

namespace tessera {

std::string path_beside(std::string_view file, std::string_view named) {
  std::string whole(named);
  if (!named.starts_with('/') && file.find('/') != std::string_view::npos) {
    whole = std::string(file.substr(0, file.rfind('/') + 1)) + whole;
  }
  std::string path = whole.starts_with('/') ? "/" : "";
  std::size_t at = 0;
  while (at < whole.size()) {
    const std::size_t end = std::min(whole.find('/', at), whole.size());
    const std::string part = whole.substr(at, end - at);
    if (!part.empty() && part != ".") {
      path += path.empty() || path.ends_with('/') ? part : "/" + part;
    }
    at = end + 1;
  }
  return path.find('/') == std::string::npos ? "./" + path : path;
}

}  // namespace tessera
