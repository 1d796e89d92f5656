#include "app/results/results_file.hpp"
#include "app/sweep/spec_value.hpp"
#include "app/sweep/sweep_values.hpp"
#include "app/sweep/where.hpp"
#include "spec/error.hpp"
#include "tests/catch_compat.hpp"

using namespace tessera;

namespace {

std::vector<std::string> values_of(const std::string& text) {
  const SpecDocument document = SpecDocument::parse("s.yaml", "v: " + text + "\n");
  std::vector<std::string> texts;
  for (const SweepValue& value : parse_sweep_values(document.root().at("v"))) {
    texts.push_back(value.text);
  }
  return texts;
}

using Texts = std::vector<std::string>;

bool holds(const std::string& condition) {
  const SpecDocument document = SpecDocument::parse("s.yaml", "w: \"" + condition + "\"\n");
  const Where::TextOf text_of = [](const std::string& name) -> std::optional<std::string> {
    if (name == "PEs.X") {
      return "12";
    }
    if (name == "B.capacity") {
      return "2 KiB";
    }
    return name == "tech" ? std::optional<std::string>("65 nm") : std::nullopt;
  };
  return Where::parse(document.root().at("w"), text_of).holds(text_of);
}

}  // namespace

TEST_CASE("a range has both ends where a step hits the second, and keeps its unit") {
  CHECK(values_of("4..16 step 4") == Texts{"4", "8", "12", "16"});
  CHECK(values_of("4..15 step 4") == Texts{"4", "8", "12"});
  CHECK(values_of("{from: 0.1, to: 0.3, step: 0.1}") == Texts{"0.1", "0.2", "0.3"});
  CHECK(values_of("32 KiB..128 KiB times 2") == Texts{"32 KiB", "64 KiB", "128 KiB"});
  CHECK(values_of("{from: 1 MHz, to: 3 MHz, step: 1 MHz}") == Texts{"1 MHz", "2 MHz", "3 MHz"});
  CHECK(values_of("7") == Texts{"7"});
  CHECK(values_of("[a, b]") == Texts{"a", "b"});
  for (const char* wrong :
       {"4..8", "4..8 step 0", "4 KiB..8 B step 1 B", "4..8 times 1", "[]", "{from: 1, to: 2}",
        "{from: 1, to: 2, step: 1, times: 2}", "1..9 step 1 B"}) {
    INFO(wrong);
    CHECK_THROWS_AS(values_of(wrong), SpecError);
  }
}

TEST_CASE("a condition compares numbers of one kind, whatever their units") {
  CHECK(holds("PEs.X * 2 <= 24"));
  CHECK_FALSE(holds("PEs.X * 2 < 24"));
  CHECK(holds("B.capacity == 16384 bit"));
  CHECK(holds("B.capacity >= 100 B * PEs.X"));
  CHECK(holds("tech != 28 nm"));
  CHECK(holds("max(PEs.X, 3) > 11"));
  for (const char* wrong :
       {"PEs.X", "PEs.X = 12", "B.capacity < 3", "PEs.Y < 3", "PEs.X <", "1 < 2 < 3"}) {
    INFO(wrong);
    CHECK_THROWS_AS(holds(wrong), SpecError);
  }
}

TEST_CASE("a spec copied as plain data is written so that it reads back") {
  const std::string text =
      "a: {b: [1, 'x: y', \"#z\"], c: {}, d: [], e: \"two\\nlines\", f: 5 pJ/word}\n";
  const SpecDocument document = SpecDocument::parse("s.yaml", text);
  const SpecValue value = SpecValue::read(document.root());
  const std::string written = to_yaml(value, 0);
  const SpecDocument again = SpecDocument::parse("t.yaml", written);
  CHECK(to_yaml(SpecValue::read(again.root()), 0) == written);
  CHECK(again.root().at("a").at("b").items()[1].as_string() == "x: y");
  CHECK(again.root().at("a").at("e").as_string() == "two\nlines");
}

TEST_CASE("shards take every point once") {
  for (const std::uint64_t points : {1u, 7u, 8u, 100u}) {
    for (const std::uint64_t count : {1u, 3u, 8u, 64u}) {
      std::uint64_t all = 0;
      for (std::uint64_t index = 0; index < count; ++index) {
        const Shard shard{index, count};
        std::uint64_t held = 0;
        for (std::uint64_t point = 0; point < points; ++point) {
          held += shard.holds(point) ? 1 : 0;
        }
        CHECK(held == shard.size(points));
        all += held;
      }
      CHECK(all == points);
    }
  }
}
