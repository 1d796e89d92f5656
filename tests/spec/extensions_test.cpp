// Tags, anchors, aliases and merge keys, which only files in other tools' formats have.

#include <string>

#include "spec/node.hpp"
#include "tests/catch_compat.hpp"

namespace tessera {
namespace {

const SpecLimits kExtended{.extensions = true};

std::string message_of(const std::string& text, const SpecLimits& limits, bool refuse = false) {
  try {
    const SpecDocument document = SpecDocument::parse("spec.yaml", text, limits);
    if (refuse) {
      document.root().refuse_extensions();
    }
  } catch (const SpecError& error) {
    return error.what();
  }
  return "no error";
}

TEST_CASE("tags are kept where they are allowed") {
  const SpecDocument document = SpecDocument::parse(
      "spec.yaml",
      "nodes:\n- !Container # outermost\n  name: chip\n- !Component {name: mac}\n- !Nothing\n"
      "- !Text plain\n",
      kExtended);
  const std::vector<SpecNode> nodes = document.root().at("nodes").items();
  REQUIRE(nodes.size() == 4);
  CHECK(nodes[0].tag() == "!Container");
  CHECK(nodes[0].at("name").as_string() == "chip");
  CHECK(nodes[0].at("name").tag().empty());
  CHECK(nodes[1].tag() == "!Component");
  CHECK(nodes[2].tag() == "!Nothing");
  CHECK(nodes[3].as_string() == "plain");
}

TEST_CASE("an alias is a copy of what its anchor names") {
  const SpecDocument document = SpecDocument::parse(
      "spec.yaml", "a: &one {x: [1, 2]}\nb: *one\nc: &word text\nd: [*word, *one]\n", kExtended);
  const SpecNode root = document.root();
  CHECK(root.at("b").at("x").items()[1].as_integer(0, 9) == 2);
  CHECK(root.at("b").at("x").path() == "b.x");
  CHECK(root.at("b").at("x").line() == 1);
  CHECK(root.at("c").as_string() == "text");
  CHECK(root.at("d").items()[0].as_string() == "text");
  CHECK(root.at("d").items()[1].at("x").items().size() == 2);
}

TEST_CASE("a merge key brings in what its map lacks") {
  const SpecDocument document =
      SpecDocument::parse("spec.yaml",
                          "a: &a {x: 1, y: 2}\nb: &b {y: 3, z: 4}\nc: {<<: *a, y: 5}\nd:\n  w: 0\n "
                          " <<: [*a, *b]\ne: {<<: *b}\n",
                          kExtended);
  const SpecNode root = document.root();
  const auto value = [&](const char* map, const char* key) {
    return root.at(map).at(key).as_integer(0, 9);
  };
  CHECK(value("c", "x") == 1);
  CHECK(value("c", "y") == 5);
  CHECK(value("d", "w") == 0);
  CHECK(value("d", "y") == 2);
  CHECK(value("d", "z") == 4);
  CHECK(value("e", "z") == 4);
  root.at("c").finish();
  CHECK(root.at("c").entries().size() == 2);
  CHECK(root.at("d").entries().size() == 4);
}

TEST_CASE("a deep merge key goes into maps that both have") {
  const SpecDocument document = SpecDocument::parse(
      "spec.yaml",
      "a: &a {shape: {n: 1}, bounds: {x: 1, y: 2}}\nb:\n  <<<: *a\n  bounds: {x: 5, z: 6}\n",
      kExtended);
  const SpecNode b = document.root().at("b");
  CHECK(b.at("shape").at("n").as_integer(0, 9) == 1);
  CHECK(b.at("bounds").at("x").as_integer(0, 9) == 5);
  CHECK(b.at("bounds").at("y").as_integer(0, 9) == 2);
  CHECK(b.at("bounds").at("y").path() == "b.bounds.y");
  CHECK(b.at("bounds").entries().size() == 3);
  CHECK(b.entries().size() == 2);
}

TEST_CASE("aliases and merge keys count against the limits") {
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 9; ++i) {
    const std::string inner = "*a" + std::to_string(i - 1);
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
    for (int j = 0; j < 10; ++j) {
      bomb += (j > 0 ? ", " : "") + inner;
    }
    bomb += "]\n";
  }
  CHECK(message_of(bomb, kExtended).find("more than 200000 values in one file") !=
        std::string::npos);
  CHECK(message_of("a: &a [*a]\n", kExtended).find("stands inside what it names") !=
        std::string::npos);
  CHECK(message_of("a: *b\n", kExtended).find("this alias names no anchor") != std::string::npos);
  CHECK(message_of("a: {<<: 3}\n", kExtended).find("a merge key needs a map") != std::string::npos);
}

TEST_CASE("what our own format does not have is refused alike, at once or later") {
  for (const std::string text :
       {"a: &b 1\n", "a: {b: !tag {c: 1}}\n", "a: [1, !!int 2]\n", "x: {<<: {b: 1}}\n"}) {
    INFO(text);
    const std::string strict = message_of(text, {});
    CHECK(strict.find("not accepted") != std::string::npos);
    const std::string late = message_of(text, kExtended, true);
    CHECK(late.substr(late.find("the ")) == strict.substr(strict.find("the ")));
  }
  CHECK(message_of("a: {b: [1]}\n", kExtended, true) == "no error");
}

TEST_CASE("a template says how to expand it") {
  for (const std::string text :
       {"{{include_text('base.yaml')}}\nproblem: 1\n", "a: {{ b }}\n", "{% if x %}\na: 1\n"}) {
    INFO(text);
    CHECK(message_of(text, kExtended).find("this is a template (Jinja)") != std::string::npos);
  }
}

}  // namespace
}  // namespace tessera
