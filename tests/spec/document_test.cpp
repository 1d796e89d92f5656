// What a spec file may be as a whole: encodings, budgets, the file system.

#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>

#include <sys/stat.h>

#include "spec/node.hpp"
#include "tests/catch_compat.hpp"

namespace tessera {
namespace {

std::string message_of(const std::string& text, const SpecLimits& limits = {}) {
  try {
    SpecDocument::parse("spec.yaml", text, limits);
  } catch (const SpecError& error) {
    return error.what();
  }
  return "no error";
}

std::string first_line(const std::string& text) {
  return text.substr(0, text.find('\n'));
}

std::string message_of_file(const std::string& path) {
  try {
    SpecDocument::read(path);
  } catch (const SpecError& error) {
    return error.what();
  }
  return "no error";
}

std::string repeated(const std::string& text, std::size_t times) {
  std::string result;
  result.reserve(text.size() * times);
  for (std::size_t i = 0; i < times; ++i) {
    result += text;
  }
  return result;
}

TEST_CASE("a file without a document has a null root") {
  for (const char* text : {"", "\n", "# only a comment\n", "---\n", "---\n...\n", "\xEF\xBB\xBF",
                           "~\n", "null", " \t \n"}) {
    INFO(text);
    CHECK(SpecDocument::parse("empty.yaml", text).root().is_null());
  }
}

TEST_CASE(
    "CRLF, a byte order mark, tabs on empty lines and a missing last line end change nothing") {
  for (const char* text : {"a:\n  b: [1, 2]\n", "a:\r\n  b: [1, 2]\r\n", "a:\n  b: [1, 2]",
                           "\xEF\xBB\xBF"
                           "a:\n  b: [1, 2]\n",
                           "\t\na:\n \t\n  b: [1, 2]\n\t\n"}) {
    INFO(text);
    const SpecDocument document = SpecDocument::parse("a.yaml", text);
    const SpecNode b = document.root().at("a").at("b");
    CHECK(b.items().at(1).as_integer(0, 9) == 2);
    CHECK(b.column() == 6);
    CHECK(b.path() == "a.b");
  }
}

TEST_CASE("text that YAML allows and that a spec needs is read") {
  const SpecDocument document = SpecDocument::parse("a.yaml", R"(---
# a comment with "an open quote
operation: Outputs[N,K] += Inputs[N, C] *
    Weights[K,C]       # over two lines
"quoted key": it's
'single ''quoted''': "a \"b\" # c"
text: |
  first "line
  second
list: [a, {b: c}, [], {},
  'd']
pair: [x: 1]
nothing: {a, b: }
? explicit
: key
...
)");
  const SpecNode root = document.root();
  CHECK(root.at("operation").as_string() == "Outputs[N,K] += Inputs[N, C] * Weights[K,C]");
  CHECK(root.at("quoted key").as_string() == "it's");
  CHECK(root.at("single 'quoted'").as_string() == "a \"b\" # c");
  CHECK(root.at("text").as_string() == "first \"line\nsecond\n");
  CHECK(root.at("list").items().size() == 5);
  CHECK(root.at("pair").items().at(0).at("x").as_integer(1, 1) == 1);
  CHECK(root.at("nothing").at("b").is_null());
  CHECK(root.at("explicit").as_name() == "key");
  root.finish();
}

TEST_CASE("the byte budget is refused before parsing, without a place") {
  const std::string expected =
      "spec.yaml: larger than 1048576 bytes, the most that a spec file may have";
  CHECK(message_of(std::string((1u << 20) + 1, 'x')) == expected);
  CHECK(message_of(std::string(50'000'000, '[')) == expected);
  CHECK(message_of(std::string(1u << 20, 'x')) == "no error");
}

TEST_CASE("the value budget is refused at the value that exceeds it") {
  const SpecLimits limits{.nodes = 5};
  CHECK(message_of("[1, 2, 3, 4]", limits) == "no error");
  CHECK(first_line(message_of("- 1\n- 2\n- 3\n- 4\n- 5\n", limits)) ==
        "spec.yaml:5:3: [4]: more than 5 values in one file");
  CHECK(first_line(message_of("a: 1\nb: 2\nc: 3\n", limits)) ==
        "spec.yaml:3:1: more than 5 values in one file");
}

TEST_CASE("the depth budget counts maps and lists alike") {
  const SpecLimits limits{.depth = 3};
  CHECK(message_of("a: {b: [1]}", limits) == "no error");
  CHECK(first_line(message_of("a: {b: [[1]]}", limits)) ==
        "spec.yaml:1:9: a.b[0]: maps and lists are nested more than 3 deep");
  CHECK(first_line(message_of("a:\n  b:\n  - c: 1\n", limits)) ==
        "spec.yaml:3:5: a.b[0]: maps and lists are nested more than 3 deep");
}

TEST_CASE("deep nesting is reported where it becomes too deep") {
  CHECK(first_line(message_of(std::string(100'000, '['))) ==
        "spec.yaml:1:65: maps and lists are nested more than 64 deep");
  CHECK(first_line(message_of("a:\n" + std::string(100'000, '{'))) ==
        "spec.yaml:2:65: maps and lists are nested more than 64 deep");
  CHECK(first_line(message_of(std::string(50'000, '[') + std::string(50'000, ']'))) ==
        "spec.yaml:1:65: maps and lists are nested more than 64 deep");
  CHECK(first_line(message_of(repeated("- ", 100'000))).find("spec.yaml:1:129: [0][0]") == 0);
}

TEST_CASE("brackets in a plain text do not count as nesting") {
  std::string text;
  for (int i = 0; i < 100; ++i) {
    text += "key" + std::to_string(i) + ": open[ and { as they come\n";
  }
  CHECK(message_of(text) == "no error");
}

TEST_CASE("no file below the cap takes long, whatever it holds") {
  constexpr std::size_t kMost = 1u << 20;
  for (const std::string piece :
       {"[",     "{",  "]",     ",",     "- ",   "-\n",    "? ",   ": ",        "a: 1\n",
        "- 1\n", "\"", "\"\n",  "[1,",   "{a: ", "&a ",    "! ",   "x\n",       "\n",
        "|\n",   "> ", "---\n", "...\n", "[]",   "[\"\",", "[*a,", "{\"a\":1,", "\xC3\xA9"}) {
    INFO(piece);
    const bool all = piece.size() == 1 || (piece[0] != '[' && piece[0] != '{');
    const std::string text =
        all ? repeated(piece, kMost / piece.size())
            : piece.substr(0, 1) + repeated(piece.substr(1), (kMost - 1) / (piece.size() - 1));
    const auto begin = std::chrono::steady_clock::now();
    message_of(text);
    // Measured: 0.5 s and less. The bound leaves room for a loaded machine and for sanitizers.
    CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(20));
  }
}

TEST_CASE("a file that cannot be read is an error that says why") {
  const std::string folder =
      (std::filesystem::temp_directory_path() / "tessera-spec-test").string();
  std::filesystem::remove_all(folder);
  std::filesystem::create_directory(folder);
  CHECK(message_of_file(folder) == folder + ": cannot be read: Is a directory");
  CHECK(message_of_file(folder + "/none.yaml") ==
        folder + "/none.yaml: cannot be opened: No such file or directory");
  const std::string file = folder + "/a.yaml";
  std::ofstream(file) << "a: 1\n";
  CHECK(message_of_file(file) == "no error");
  CHECK(SpecDocument::read(file).name() == file);
  CHECK(message_of_file(file + "/b.yaml") == file + "/b.yaml: cannot be opened: Not a directory");
  CHECK(message_of_file("/dev/zero") ==
        "/dev/zero: larger than 1048576 bytes, the most that a spec file may have");
  ::chmod(file.c_str(), 0);
  if (!std::ifstream(file).is_open()) {  // root may read it all the same
    CHECK(message_of_file(file) == file + ": cannot be opened: Permission denied");
  }
  std::filesystem::remove_all(folder);
}

TEST_CASE("a file name with odd characters does not reach the terminal as it is") {
  CHECK(message_of_file("no\x1b[31m\nsuch") ==
        "no\\x1b[31m\\nsuch: cannot be opened: No such file or directory");
}

}  // namespace
}  // namespace tessera
