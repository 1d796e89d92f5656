#include "spec/node.hpp"

#include <cmath>
#include <limits>

#include "tests/catch_compat.hpp"

namespace tessera {
namespace {

/// The message of what `read` does with the root of `text`.
template <class Read>
std::string message_of(const std::string& text, Read read) {
  const SpecDocument document = SpecDocument::parse("a.yaml", text);
  try {
    read(document.root());
  } catch (const SpecError& error) {
    return error.what();
  }
  return "no error";
}

template <class Read>
std::string first_line_of(const std::string& text, Read read) {
  const std::string message = message_of(text, read);
  return message.substr(0, message.find('\n'));
}

std::int64_t integer(const std::string& text, std::int64_t least, std::int64_t most) {
  return SpecDocument::parse("a.yaml", text).root().as_integer(least, most);
}

double number(const std::string& text) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  return SpecDocument::parse("a.yaml", text).root().as_number(-kInfinity, kInfinity);
}

TEST_CASE("integers are decimal, complete and in range") {
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min();
  CHECK(integer("0", 0, 9) == 0);
  CHECK(integer("9223372036854775807", 0, kMost) == kMost);
  CHECK(integer("-9223372036854775808", kLeast, kMost) == kLeast);
  CHECK(integer("-3", -5, 5) == -3);
  for (const char* text : {"017",
                           "00",
                           "-0",
                           "0x10",
                           "0o17",
                           "0b1",
                           "+5",
                           "1e3",
                           "3.0",
                           "1_000",
                           "16K",
                           "9223372036854775808",
                           "-9223372036854775809",
                           "\"5\"",
                           "'5'",
                           "~",
                           "[5]",
                           "{a: 5}",
                           "- 5",
                           "five",
                           "1 2",
                           "|\n  5\n",
                           "\xD9\xA3"}) {
    INFO(text);
    CHECK_THROWS_AS(integer(text, kLeast, kMost), SpecError);
  }
  CHECK(integer("5 ", 0, 9) == 5);  // trailing blanks are no part of a plain text
  CHECK_THROWS_AS(integer("10", 0, 9), SpecError);
  CHECK_THROWS_AS(integer("-1", 0, 9), SpecError);
}

TEST_CASE("numbers are finite decimals") {
  CHECK(number("0.4") == 0.4);
  CHECK(number("-2.5e-3") == -2.5e-3);
  CHECK(number("16e9") == 16e9);
  CHECK(number("7") == 7);
  for (const char* text : {".inf", "-.inf", ".nan", "inf", "nan", "1e400", "1e-400", "1,5", "0x1p3",
                           "010.5", "+1", "1.", ".5", "1e", "1 2", "'1'", "~"}) {
    INFO(text);
    CHECK_THROWS_AS(number(text), SpecError);
  }
}

TEST_CASE("the range of a number is named as far as it is bounded") {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const auto read = [](double least, double most) {
    return [=](const SpecNode& node) { node.as_number(least, most); };
  };
  CHECK(first_line_of("x", read(0, kInfinity)) ==
        "a.yaml:1:1: expected a number of at least 0, got 'x'");
  CHECK(first_line_of("x", read(-kInfinity, 2.5)) ==
        "a.yaml:1:1: expected a number of at most 2.5, got 'x'");
  CHECK(first_line_of("x", read(-kInfinity, kInfinity)) ==
        "a.yaml:1:1: expected a number, got 'x'");
}

TEST_CASE("booleans are true and false only") {
  const auto read = [](const SpecNode& node) { node.as_bool(); };
  CHECK(SpecDocument::parse("a.yaml", "true").root().as_bool());
  CHECK_FALSE(SpecDocument::parse("a.yaml", "false").root().as_bool());
  for (const char* text :
       {"yes", "no", "on", "off", "True", "TRUE", "1", "0", "~", "'true'", "[true]"}) {
    INFO(text);
    CHECK(message_of(text, read) != "no error");
  }
}

TEST_CASE("names are identifiers, quoted or not") {
  for (const char* text : {"K", "_a", "eyeriss-v1", "resnet50.conv3_x.3x3", "\"quoted\""}) {
    CHECK(message_of(text, [](const SpecNode& node) { node.as_name(); }) == "no error");
  }
  for (const char* text : {"2d", "-x", ".x", "a b", "a/b", "a$", "\"\"", "~",
                           "gr\xC3\xB6\xC3\x9F"
                           "e"}) {
    INFO(text);
    CHECK(message_of(text, [](const SpecNode& node) { node.as_name(); }) != "no error");
  }
}

TEST_CASE("a text is any scalar that is not empty") {
  const auto read = [](const SpecNode& node) { node.as_string(); };
  CHECK(SpecDocument::parse("a.yaml", "a b: c").root().is_map());
  CHECK(SpecDocument::parse("a.yaml", "'null'").root().as_string() == "null");
  CHECK(first_line_of("~", read) == "a.yaml:1:1: expected a text, got nothing");
  CHECK(first_line_of("''", read) == "a.yaml:1:1: expected a text, got ''");
}

TEST_CASE("a choice gives its index") {
  const SpecDocument document = SpecDocument::parse("a.yaml", "[random, exhaustive]");
  CHECK(document.root().items()[0].as_choice({"exhaustive", "random"}) == 1);
  CHECK(document.root().items()[1].as_choice({"exhaustive", "random"}) == 0);
}

TEST_CASE("a quantity is plain and in its base unit") {
  const SpecDocument document = SpecDocument::parse("a.yaml", "a: 34 GB/s\nb: 8 words/cycle\n");
  const Quantity a = document.root().at("a").as_quantity(Measure::bandwidth);
  CHECK(a.value == 272e9);
  CHECK(a.per == "second");
  CHECK(document.root().at("b").as_quantity(Measure::bandwidth).in_words);
}

TEST_CASE("places and paths are those of the source") {
  const SpecDocument document = SpecDocument::parse("a.yaml", R"(architecture:
  hierarchy:
    - memory: DRAM
    - fanout: PEs
      axes: {X: 14, Y: 12}
      keep:
)");
  const SpecNode fanout = document.root().at("architecture").at("hierarchy").items()[1];
  CHECK(fanout.path() == "architecture.hierarchy[1]");
  CHECK(fanout.line() == 4);
  CHECK(fanout.column() == 7);
  const SpecNode y = fanout.at("axes").at("Y");
  CHECK(y.path() == "architecture.hierarchy[1].axes.Y");
  CHECK(y.line() == 5);
  CHECK(y.column() == 24);
  CHECK(y.file() == "a.yaml");
  const SpecNode keep = fanout.at("keep");  // nothing is written: its key is shown
  CHECK(keep.is_null());
  CHECK(keep.line() == 6);
  CHECK(keep.column() == 7);
  CHECK(document.root().path().empty());
}

TEST_CASE("an item without a value is shown at its dash") {
  const SpecDocument document =
      SpecDocument::parse("a.yaml", "- 1\n- # nothing\n  # here\n-\n- ~\n");
  const std::vector<SpecNode> items = document.root().items();
  REQUIRE(items.size() == 4);
  CHECK(items[1].line() == 2);
  CHECK(items[1].column() == 1);
  CHECK(items[2].line() == 4);
  CHECK(items[3].column() == 3);
}

TEST_CASE("entries come in the order of the file and know their keys") {
  const SpecDocument document = SpecDocument::parse("a.yaml", "loops: {K: 8, C: 4, A: 2}\n");
  const std::vector<SpecNode::Entry> entries = document.root().at("loops").entries();
  REQUIRE(entries.size() == 3);
  CHECK(entries[0].name == "K");
  CHECK(entries[1].name == "C");
  CHECK(entries[2].name == "A");
  CHECK(entries[2].key.column() == 21);
  CHECK(entries[2].key.path() == "loops");
  CHECK(entries[2].value.as_integer(1, 9) == 2);
  document.root().at("loops").finish();
}

TEST_CASE("finish refuses the first key that nobody read") {
  const auto read = [](const SpecNode& node) {
    node.find("size");
    node.find("banks");
    node.finish();
  };
  CHECK(message_of("size: 1\nbanks: 2\n", read) == "no error");
  CHECK(message_of("{}", read) == "no error");
  CHECK(message_of("size: 1\nbansk: 2\nother: 3\n", read) ==
        "a.yaml:2:1: unknown key 'bansk' (did you mean 'banks'?)\n  bansk: 2\n  ^");
  CHECK(first_line_of("other: 3\n", read) ==
        "a.yaml:1:1: unknown key 'other' (known: size, banks)");
  CHECK(first_line_of("a: 1\n", [](const SpecNode& node) { node.finish(); }) ==
        "a.yaml:1:1: unknown key 'a'");
}

TEST_CASE("a missing key names the misspelt one that may be it") {
  const auto read = [](const SpecNode& node) {
    node.find("name");
    node.at("size");
  };
  CHECK(first_line_of("{name: x}", read) == "a.yaml:1:1: missing key 'size'");
  CHECK(first_line_of("name: x\nsiez: 1\n", read) ==
        "a.yaml:1:1: missing key 'size' (is 'siez' on line 2 meant?)");
}

TEST_CASE("fail can point into a text, quoted or plain") {
  const auto fail_at_3 = [](const SpecNode& node) { node.at("a").fail("no", 3); };
  CHECK(message_of("a: bcdef", fail_at_3) == "a.yaml:1:7: a: no\n  a: bcdef\n        ^");
  CHECK(message_of("a: \"bcdef\"", fail_at_3) == "a.yaml:1:8: a: no\n  a: \"bcdef\"\n         ^");
  CHECK(message_of("a: \"b\\x41def\"", fail_at_3) ==
        "a.yaml:1:4: a: no\n  a: \"b\\x41def\"\n     ^");
  CHECK(message_of("a: b\n  c\n", fail_at_3) == "a.yaml:1:4: a: no\n  a: b\n     ^");
  CHECK(message_of("a: bc", [](const SpecNode& node) { node.at("a").fail("no", 99); }) ==
        "a.yaml:1:6: a: no\n  a: bc\n       ^");
}

TEST_CASE("what a reader says about the input is escaped and stays on one line") {
  CHECK(message_of("a: \"b\\n\\e[31m\"", [](const SpecNode& node) { node.at("a").as_bool(); }) ==
        "a.yaml:1:4: a: expected true or false, got 'b\\n\\x1b[31m' in quotes (write it without)\n"
        "  a: \"b\\n\\e[31m\"\n     ^");
}

TEST_CASE("a document can be moved while nodes look into it") {
  SpecDocument document = SpecDocument::parse("a.yaml", "a: 1\n");
  const SpecNode root = document.root();
  const SpecDocument moved = std::move(document);
  CHECK(root.at("a").as_integer(1, 1) == 1);
  CHECK(moved.root().is_map());
}

}  // namespace
}  // namespace tessera
