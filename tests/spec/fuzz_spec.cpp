// libFuzzer harness for the spec reader: any bytes either give a document whose nodes can all be
// read, or a SpecError with a message of the program's format. Built with clang and
// -DTESSERA_FUZZ=ON:
//
//   fuzz_spec -max_len=4096 -timeout=5 -max_total_time=120 corpus/ tests/errors/yaml

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <string>
#include <string_view>

#include "spec/node.hpp"
#include "tests/spec/sample_reader.hpp"

namespace tessera {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// What must hold of every message: a place that exists, no raw bytes, a caret under the line.
void check_message(std::string_view message, std::size_t lines) {
  std::size_t breaks = 0;
  for (const char c : message) {
    breaks += c == '\n' ? 1 : 0;
    if (c != '\n' && (static_cast<unsigned char>(c) < 0x20 || c == 0x7F)) {
      std::abort();
    }
  }
  if (!message.starts_with("fuzz.yaml:") || breaks != 2 || !message.ends_with("^")) {
    std::abort();
  }
  const std::size_t line = std::strtoul(message.data() + 10, nullptr, 10);
  if (line < 1 || line > lines) {
    std::abort();
  }
}

template <class Read>
void attempt(std::size_t lines, Read read) {
  try {
    read();
  } catch (const SpecError& error) {
    check_message(error.what(), lines);
  }
}

void visit(const SpecNode& node, std::size_t lines) {
  if (node.line() < 1 || node.column() < 1 || static_cast<std::size_t>(node.line()) > lines) {
    std::abort();
  }
  attempt(lines, [&] { node.as_string(); });
  attempt(lines, [&] { node.as_name(); });
  attempt(lines, [&] { node.as_integer(-5, 1'000'000); });
  attempt(lines, [&] { node.as_number(-kInfinity, kInfinity); });
  attempt(lines, [&] { node.as_bool(); });
  attempt(lines, [&] { node.as_choice({"exhaustive", "random"}); });
  for (int i = 0; i <= static_cast<int>(Measure::voltage); ++i) {
    attempt(lines, [&] { node.as_quantity(static_cast<Measure>(i)); });
  }
  attempt(lines, [&] { node.fail("a fault", 3); });
  attempt(lines, [&] { node.at("size"); });
  attempt(lines, [&] { node.finish(); });
  if (node.is_sequence()) {
    for (const SpecNode& item : node.items()) {
      visit(item, lines);
    }
  }
  if (node.is_map()) {
    for (const SpecNode::Entry& entry : node.entries()) {
      visit(entry.key, lines);
      visit(entry.value, lines);
    }
    node.finish();
  }
}

}  // namespace
}  // namespace tessera

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  std::size_t lines = 1;
  for (const char c : text) {
    lines += c == '\n' ? 1 : 0;
  }
  tessera::attempt(lines, [&] {
    const auto document =
        tessera::SpecDocument::parse("fuzz.yaml", text, {.nodes = 2000, .depth = 32});
    tessera::visit(document.root(), lines);
    tessera::attempt(lines, [&] { tessera::test::read_sample(document); });
  });
  return 0;
}
