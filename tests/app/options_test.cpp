#include "app/options.hpp"

#include <set>

#include "app/command.hpp"
#include "app/errors.hpp"
#include "spec/error.hpp"
#include "spec/node.hpp"
#include "tests/catch_compat.hpp"

using namespace tessera;

namespace {

std::vector<Command> every_command() {
  return {search_command(), evaluate_command(), check_command(),  list_command(),
          sweep_command(),  merge_command(),    results_command()};
}

OptionValues read_section(const std::string& text) {
  const SpecDocument document = SpecDocument::parse("s.yaml", "search: " + text + "\n");
  return read_search_section(document.root().at("search"), search_command().options);
}

}  // namespace

TEST_CASE("every default of an option table is a value that the table allows") {
  for (const Command& command : every_command()) {
    for (const Option& option : command.options) {
      INFO(command.name << " --" << option.name);
      CHECK(!option.help.empty());
      if (!option.fallback.empty()) {
        CHECK(!find_fault(option, option.fallback));
      }
      CHECK((option.kind == OptionKind::flag) == option.argument.empty());
    }
  }
}

TEST_CASE("an option's name and letter are used once in a command") {
  for (const Command& command : every_command()) {
    std::set<std::string> seen;
    for (const Option& option : command.options) {
      CHECK(seen.insert(std::string(option.name)).second);
      if (option.letter != '\0') {
        CHECK(seen.insert(std::string(1, option.letter)).second);
      }
    }
  }
}

TEST_CASE("options may stand before, between and after the operands") {
  const Invocation got = parse_arguments(
      search_command(), {"--seed", "3", "a.yaml", "-o", "dir", "b.yaml", "--threads=2", "-q"});
  CHECK(got.operands == std::vector<std::string>{"a.yaml", "b.yaml"});
  CHECK(got.options.integer("seed") == 3);
  CHECK(got.options.integer("threads") == 2);
  CHECK(got.options.text("out") == "dir");
  CHECK(got.options.flag("quiet"));
  CHECK(!got.options.flag("no-progress"));
}

TEST_CASE("after two dashes everything is an operand") {
  const Invocation got =
      parse_arguments(search_command(), {"--seed", "3", "--", "--odd.yaml", "-x"});
  CHECK(got.operands == std::vector<std::string>{"--odd.yaml", "-x"});
}

TEST_CASE("the search section takes the values of the command line") {
  const OptionValues got = read_section(
      "{objectives: [edp, energy], seed: 18446744073709551615, budget: 2 min, quiet: true}");
  CHECK(got.list("objectives") == std::vector<std::string>{"edp", "energy"});
  CHECK(got.integer("seed") == UINT64_MAX);
  CHECK(got.seconds("budget") == 120);
  CHECK(got.flag("quiet"));
  CHECK(!got.given("threads"));
  CHECK(read_section("{objectives: 'edp,energy'}").list("objectives").size() == 2);
}

TEST_CASE("the search section refuses what the command line refuses") {
  for (const char* text :
       {"{threads: -1}", "{threads: 0x10}", "{seed: 010}", "{budget: 60}", "{quiet: yes}",
        "{objectives: []}", "{objectives: [energy, energy]}", "{objectives: energy;latency}",
        "{format: xml}", "{sample: 3}", "{version: true}", "{out: ''}", "{algorithm: [random]}",
        "[random]", "random"}) {
    INFO(text);
    CHECK_THROWS_AS(read_section(text), SpecError);
  }
}

TEST_CASE("a printed search section reads back to the same values") {
  const std::vector<Option> table = search_command().options;
  OptionValues values = read_section("{out: \"a 'b'\", objectives: [edp, area], quiet: true}");
  values.fill_from(table);
  const std::string text = search_section_yaml(values, table);
  const SpecDocument document = SpecDocument::parse("again.yaml", text);
  const OptionValues again = read_search_section(document.root().at("search"), table);
  CHECK(search_section_yaml(again, table) == text);
  CHECK(again.text("out") == "a 'b'");
}
