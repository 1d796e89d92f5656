// Figures that can be worked out by hand, the data files, and the CSV reader.
#include "app/translate/translation.hpp"

#include <algorithm>
#include <cmath>

#include "app/translate/result_points.hpp"
#include "app/translate/terms.hpp"
#include "app/translate/translation_report.hpp"
#include "spec/error.hpp"
#include "tests/catch_compat.hpp"

using namespace tessera;

namespace {

bool near(double found, double expected, double share = 1e-12) {
  return std::abs(found - expected) <= share * std::abs(expected);
}

/// Eyeriss on the convolutions of AlexNet: 278 mW for 28.8 ms an image.
ResultPoint eyeriss() {
  ResultPoint point;
  point.number = 1;
  point.energy_j = 0.278 * 0.0288;
  point.latency_s = 0.0288;
  return point;
}

Terms terms_of(double rate, double idle_w = 0) {
  Terms terms;
  terms.rate = rate;
  terms.idle_w = idle_w;
  terms.battery = {"phone", 15, "", ""};
  terms.regions = {{"France", 56, 2023, ""}, {"India", 713, 2023, ""}};
  return terms;
}

std::string fault_of(const std::string& csv) {
  try {
    parse_result_points("r.csv", csv);
  } catch (const SpecError& error) {
    return error.what();
  }
  return "";
}

const Training& training(const std::vector<Training>& all, const std::string& name) {
  return *std::find_if(all.begin(), all.end(), [&](const Training& t) { return t.name == name; });
}

}  // namespace

TEST_CASE(
    "a charge of 15 Wh lasts Eyeriss for 6.7 million images, and a thousand millions of them take "
    "2.22 kWh") {
  const Translation in_use = translate(eyeriss(), terms_of(30));
  CHECK(in_use.reaches);
  CHECK(near(*in_use.items_a_charge, 6.74e6, 1e-3));
  CHECK(near(in_use.kwh_per_million * 1000, 2.224, 1e-6));
  CHECK(near(in_use.kilograms_per_million[0] * 1000, 0.1245, 1e-3));
  CHECK(near(in_use.kilograms_per_million[1] * 1000, 1.586, 1e-3));
  CHECK(near(in_use.busy, 30 * 0.0288));
  CHECK(near(in_use.running_w, 0.278));
  CHECK(near(in_use.average_w, 0.278 * 30 * 0.0288));
  CHECK(near(*in_use.battery_hours, 15 / (0.278 * 30 * 0.0288)));
}

TEST_CASE("a machine that misses the rate works all the time at its own") {
  const Translation in_use = translate(eyeriss(), terms_of(60, 0.1));
  CHECK_FALSE(in_use.reaches);
  CHECK(in_use.busy == 1);
  CHECK(near(in_use.rate, 1 / 0.0288));
  CHECK(near(in_use.average_w, 0.278));
}

TEST_CASE("what a machine takes while idle counts for the rest of the time") {
  const Terms terms = terms_of(10, 0.05);
  const Translation in_use = translate(eyeriss(), terms);
  CHECK(near(in_use.average_w, 0.288 * 0.278 + 0.712 * 0.05));
  // The grid pays for idling too, and losses on the way and in the building multiply it.
  Terms lossy = terms;
  lossy.supply = 0.5;
  lossy.pue = 1.5;
  CHECK(near(in_use.kwh_per_million, in_use.average_w / 10 * 1e6 / 3.6e6));
  CHECK(near(translate(eyeriss(), lossy).kwh_per_million, in_use.kwh_per_million * 3));
}

TEST_CASE("a batch is divided among its items") {
  ResultPoint point = eyeriss();
  point.batch = 4;
  CHECK(near(point.items_per_s(), 4 / 0.0288));
  CHECK(near(translate(point, terms_of(30)).average_w, 30 * point.energy_j / 4));
}

TEST_CASE("the rate within a budget is where the average power meets it") {
  const ResultPoint point = eyeriss();
  for (const double idle : {0.0, 0.01, 0.05}) {
    const double rate = rate_within(point, idle, 0.1).value();
    CHECK(near(translate(point, terms_of(rate, idle)).average_w, 0.1, 1e-9));
  }
  CHECK(near(*rate_within(point, 0, 10), point.items_per_s()));
  CHECK_FALSE(rate_within(point, 0.2, 0.1));
  CHECK(near(*rate_within(point, 0.3, 0.4), point.items_per_s()));  // idling takes more than work
}

TEST_CASE("chosen is the least average power that reaches the rate, else the fastest") {
  std::vector<ResultPoint> points(3, eyeriss());
  points[0].latency_s = 0.1;
  points[0].energy_j = 0.001;
  points[1].latency_s = 0.03;
  points[2].latency_s = 0.01;
  points[2].energy_j = 0.02;
  CHECK(chosen_point(points, terms_of(30)) == 1);
  CHECK(chosen_point(points, terms_of(5)) == 0);
  CHECK(chosen_point(points, terms_of(90)) == 2);
  CHECK(chosen_point(points, terms_of(1000)) == 2);
}

TEST_CASE("published trainings agree with what comes out of their operations, chips and hours") {
  const std::vector<Training> all = known_trainings();
  const Training& gpt = training(all, "gpt-3");
  CHECK(near(6 * *gpt.parameters * *gpt.tokens, *gpt.operations, 2e-3));
  CHECK(near(*recomputed_megawatt_hours(gpt), *gpt.megawatt_hours, 2e-3));
  CHECK(near(*recomputed_tonnes(gpt), *gpt.tonnes, 2e-3));
  CHECK(near(*gpt.chips * *gpt.days * 86400 * *gpt.teraflops * 1e12, *gpt.operations, 3e-3));
  CHECK(near(*recomputed_chip_years(gpt), 404, 2e-3));
  CHECK(near(*recomputed_chip_years(training(all, "gpt-3-gpu-years")), 355, 2e-3));
  const Training& nas = training(all, "nas");
  CHECK(near(*recomputed_megawatt_hours(nas), 656.347, 1e-5));
  CHECK(near(*nas.tonnes, 626155 * 0.45359237e-3, 1e-3));
  CHECK(near(*recomputed_tonnes(nas), *nas.tonnes, 1e-3));
  const Training& bert = training(all, "bert-base");
  CHECK(near(*recomputed_tonnes(bert), *bert.tonnes, 1e-2));
}

TEST_CASE("an estimate that was corrected is never shown without its correction") {
  const std::vector<Training> all = known_trainings();
  int corrected = 0;
  for (const Training& one : all) {
    if (one.replaced_by.empty()) {
      continue;
    }
    ++corrected;
    CHECK(one.kind == Training::Kind::estimated);
    OptionValues values;
    values.set("training", one.name);
    const std::vector<Training> shown = trainings_from(values);
    REQUIRE(shown.size() == 2);
    CHECK(shown[1].name == one.replaced_by);
    CHECK(shown[1].kind != Training::Kind::estimated);
  }
  CHECK(corrected == 2);
}

TEST_CASE("every figure that is known has a source, and the defaults are among them") {
  CHECK(known_regions().size() == 34);
  for (const Region& region : known_regions()) {
    CHECK((!region.source.empty() && region.year && region.grams > 0));
  }
  for (const Battery& battery : known_batteries()) {
    CHECK((!battery.source.empty() && battery.watt_hours > 0));
  }
  for (const PowerBudget& budget : known_power_budgets()) {
    CHECK((!budget.source.empty() && budget.watts > 0));
  }
  const Terms terms = default_terms();
  CHECK(terms.rate == 30);
  CHECK(terms.battery.watt_hours == 15);
  CHECK(terms.budgets.size() == 4);
  CHECK(terms.regions.size() == 6);
}

TEST_CASE("results are read by the names of their columns") {
  const auto points = parse_result_points(
      "r.csv",
      "latency_s,extra,energy_pJ,network,batch,energy_pJ_per_op,architecture\r\n"
      "0.5,\"a,\"\"b\"\"\nc\",2e12,n,4,1.5,m\r\n"
      ",,,,,,\n"
      "1,,0,n,1,,m");
  REQUIRE(points.size() == 2);
  CHECK(points[0].energy_j == 2);
  CHECK(points[0].latency_s == 0.5);
  CHECK(points[0].batch == 4);
  CHECK(points[0].workload == "n");
  CHECK(points[0].architecture == "m");
  CHECK(near(*points[0].energy_per_operation_j, 1.5e-12));
  CHECK_FALSE(points[1].energy_per_operation_j);
  CHECK_FALSE(translate(points[1], terms_of(1)).battery_hours);  // it uses nothing
}

TEST_CASE("a file that is no result is refused with its line") {
  CHECK(fault_of("a,b\n1,2\n").find("r.csv:1: expected the heading of a result") == 0);
  CHECK(fault_of("").find("r.csv:1: expected the heading") == 0);
  CHECK(fault_of("energy_pJ,latency_s\n") == "r.csv: it has no points, only a heading\n");
  CHECK(fault_of("energy_pJ,latency_s\n1,2\n1,2,3\n") ==
        "r.csv:3: expected 2 fields as in the heading, got 3\n");
  CHECK(fault_of("energy_pJ,latency_s\n1,0\n") ==
        "r.csv:2: latency_s: expected a number above 0, got '0'\n");
  for (const char* bad : {"x", "1x", "-1", "nan", "inf", "1e999", " 1"}) {
    CHECK(fault_of(std::string("energy_pJ,latency_s\n") + bad + ",1\n")
              .find("r.csv:2: energy_pJ: expected a number from 0 on") == 0);
  }
  CHECK(fault_of("energy_pJ,latency_s\n\"1,2\n") == "r.csv:2: a quoted field has no end\n");
}
