// A spec file from disk to its tree: bytes, characters, brackets, then YAML, each step bounded.

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <string>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "spec/node.hpp"
#include "spec/source_check.hpp"
#include "spec/spec_tree.hpp"
#include "spec/yaml_events.hpp"

namespace tessera {
namespace {

/// Whatever the limits say: positions are 31 bits wide in yaml-cpp.
constexpr std::size_t kMostBytes = std::size_t{1} << 30;

/// At most `most` + 1 bytes of the file at `path`.
std::string read_bytes(const std::string& path, std::size_t most) {
  const auto close = [](std::FILE* file) { std::fclose(file); };
  const std::unique_ptr<std::FILE, decltype(close)> file(std::fopen(path.c_str(), "rb"), close);
  const auto reason = [] { return std::generic_category().message(errno); };
  if (!file) {
    throw file_error(path, "cannot be opened: " + reason());
  }
  std::string text;
  std::string buffer(1u << 16, '\0');
  while (text.size() <= most) {
    const std::size_t wanted = std::min(buffer.size(), most + 1 - text.size());
    const std::size_t got = std::fread(buffer.data(), 1, wanted, file.get());
    text.append(buffer, 0, got);
    if (got < wanted) {
      if (std::ferror(file.get()) != 0) {
        throw file_error(path, "cannot be read: " + reason());
      }
      break;
    }
  }
  return text;
}

}  // namespace

SpecDocument SpecDocument::parse(std::string name, std::string text, const SpecLimits& limits) {
  const std::size_t most = std::min(limits.bytes, kMostBytes);
  if (text.size() > most) {
    throw file_error(name,
                     fmt::format("larger than {} bytes, the most that a spec file may have", most));
  }
  auto impl = std::make_unique<Impl>(std::move(name), text);
  check_characters(impl->source);
  check_brackets(impl->source, limits.depth, limits.nodes);
  parse_yaml(*impl, limits);
  return SpecDocument(std::move(impl));
}

SpecDocument SpecDocument::read(const std::string& path, const SpecLimits& limits) {
  return parse(path, read_bytes(path, std::min(limits.bytes, kMostBytes)), limits);
}

SpecDocument::SpecDocument(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
SpecDocument::SpecDocument(SpecDocument&&) noexcept = default;
SpecDocument& SpecDocument::operator=(SpecDocument&&) noexcept = default;
SpecDocument::~SpecDocument() = default;

SpecNode SpecDocument::root() const {
  return SpecNode(impl_.get(), 0);
}
const std::string& SpecDocument::name() const {
  return impl_->source.name();
}

}  // namespace tessera
