#include "search/exact_pair_words.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <memory>
#include <numeric>

#include "mapper/normal_form.hpp"
#include "search/exact_choices.hpp"
#include "search/exact_dominance.hpp"
#include "search/exact_options.hpp"
#include "search/exact_unbeaten.hpp"
#include "tests/catch_compat.hpp"
#include "tests/search/random_case.hpp"

using namespace tessera;

namespace {

const char* const kCase =
    "problem:\n  dimensions: {P: 5, R: 3, K: 2}\n"
    "  operation: O[P,K] += I[P+R] * W[R,K]\n  bits: 8\n"
    "architecture:\n  clock: 1 GHz\n  hierarchy:\n"
    "    - {memory: DRAM, energy: 200 pJ/word}\n"
    "    - {memory: GLB, energy: 6 pJ/word, capacity: 64 B}\n"
    "    - {fanout: PEs, axes: {X: 4}}\n"
    "    - {memory: RF, energy: 1 pJ/word, capacity: 8 B}\n"
    "    - {compute: MAC, energy: 1 pJ/operation}\n";

/// The group of two dimensions in one form.
struct Group {
  Group(const Mapspace& space, const NormalForm& form_of, DimensionSet group)
      : form(form_of), terms(space.problem(), space.architecture(), form, space.spatial_slots()) {
    std::vector<ChoiceTable*> tables_of;
    const bool imperfect = space.factors() == Factors::imperfect;
    for (const MapspaceDimension& dimension : space.dimensions()) {
      if (!group.contains(dimension.id)) {
        continue;
      }
      const JoinedBounds joined(dimension.factorizations);
      const ChoiceRules rules{.factorizations = &dimension.factorizations,
                              .dimension = dimension.id,
                              .placed = true,
                              .split = false,
                              .spatial = {},
                              .joined = imperfect ? &joined : nullptr};
      const auto blocks =
          std::count_if(form.blocks.begin(), form.blocks.end(),
                        [&](const DimensionSet& block) { return block.contains(dimension.id); });
      tables.push_back(std::make_unique<ChoiceTable>(
          list_choices(rules, space.spatial_slots(), static_cast<std::size_t>(blocks)),
          space.problem().at(dimension.id).bound, imperfect));
      tables_of.push_back(tables.back().get());
    }
    columns = std::make_unique<GroupColumns>(space, form, terms, group, tables_of);
    std::map<WindowLoops, std::uint32_t> numbers;
    for (const auto& table : tables) {
      table->fill();
      table->number_loops(numbers);
      rows.emplace_back(table->size());
      std::iota(rows.back().begin(), rows.back().end(), 0u);
    }
  }

  NormalForm form;
  TermTable terms;
  std::vector<std::unique_ptr<ChoiceTable>> tables;
  std::unique_ptr<GroupColumns> columns;
  std::vector<std::vector<std::uint32_t>> rows;
};

/// Calls `visit` with the group of P and R in some forms, with perfect and with imperfect factors.
void for_some_groups(std::size_t step, const std::function<void(const Group&)>& visit) {
  for (const Factors factors : {Factors::perfect, Factors::imperfect}) {
    const test::RandomCase one = test::read_case(kCase, {});
    const Mapspace space(one.problem, one.architecture, {}, Space::free, factors);
    std::size_t groups = 0;
    for (std::size_t s = 0; s < space.skeletons().size(); s += step) {
      const std::vector<NormalForm> forms = normal_forms(space, space.skeletons()[s]);
      if (!forms.empty() && !stands_for_several(forms[s % forms.size()])) {
        const Group group(space, forms[s % forms.size()],
                          dimension_groups(space.problem()).front());
        visit(group);
        ++groups;
      }
    }
    CHECK(groups > 3);
  }
}

}  // namespace

TEST_CASE("words looked up by class are what the model counts for each pair of choices") {
  for_some_groups(7, [](const Group& group) {
    DistinctColumns distinct(*group.columns);
    REQUIRE(PairWords::covers(*group.columns, distinct));
    CountMemo memo;
    PairWords pairs(*group.columns, distinct, memo);
    pairs.set(group.rows[0], group.rows[1]);
    for (std::size_t a = 0; a < group.rows[0].size(); a += 3) {
      for (std::size_t b = 0; b < group.rows[1].size(); ++b) {
        const std::array<std::uint32_t, 2> rows = {group.rows[0][a], group.rows[1][b]};
        std::vector<double> values;
        for (std::size_t c = 0; c < distinct.size(); ++c) {
          values.push_back(distinct.factors(c, 0)[rows[0]] * distinct.factors(c, 1)[rows[1]]);
        }
        for (const PairWords::RankWords& rank : pairs.ranks()) {
          const PairWords::RankWords::Side& side = rank.sides[0];
          const double words =
              side.row(side.classes[a], rank.sides[1].count)[rank.sides[1].classes[b]];
          values[rank.column] *= words;
          CHECK(side.least[side.classes[a]] <= words);
          CHECK(rank.sides[1].least[rank.sides[1].classes[b]] <= words);
        }
        const std::vector<double> known = components_of(*group.columns, rows);
        for (std::size_t c = 0; c < known.size(); ++c) {
          CHECK(values[distinct.columns()[c]] == Approx(known[c]).epsilon(1e-12));
        }
      }
    }
  });
}

TEST_CASE("a choice that is dropped has one left that is no worse with any choice of the other") {
  std::size_t dropped = 0;
  for_some_groups(23, [&](const Group& group) {
    const GroupColumns& columns = *group.columns;
    DistinctColumns distinct(columns);
    CountMemo memo;
    PairWords pairs(columns, distinct, memo);
    pairs.set(group.rows[0], group.rows[1]);
    const std::vector<std::uint32_t> left =
        UnbeatenChoices(columns, distinct, false).of(0, group.rows[0], pairs);
    std::vector<std::vector<double>> values;  // of each choice with all of the other
    for (const std::uint32_t row : group.rows[0]) {
      values.emplace_back();
      for (const std::uint32_t other : group.rows[1]) {
        const std::vector<double> more =
            components_of(columns, std::array<std::uint32_t, 2>{row, other});
        values.back().insert(values.back().end(), more.begin(), more.end());
      }
    }
    const auto use = columns.table(0).spatial_numbers();
    for (const std::uint32_t row : group.rows[0]) {
      if (std::binary_search(left.begin(), left.end(), row)) {
        continue;
      }
      ++dropped;
      CHECK(std::any_of(left.begin(), left.end(), [&](std::uint32_t other) {
        return use[other] == use[row] &&
               std::equal(values[other].begin(), values[other].end(), values[row].begin(),
                          [](double a, double b) { return a <= b; });
      }));
    }
  });
  CHECK(dropped > 100);
}

TEST_CASE("a list of vectors finds one that is at most another in every component") {
  VectorList list;
  list.reset(2);
  const std::vector<std::vector<double>> vectors = {{1, 5}, {3, 3}, {5, 1}};
  for (const std::vector<double>& vector : vectors) {
    list.add(vector.data());
  }
  const auto find = [&](std::vector<double> vector) {
    return list.find_at_most(vector.data(), [](std::size_t) { return true; });
  };
  CHECK(find({1, 5}) == 0);
  CHECK(find({4, 4}) == 1);
  CHECK(find({9, 2}) == 2);
  CHECK(find({2, 2}) == list.size());
  list.exchange(0, 2);
  CHECK(find({9, 2}) == 0);
  CHECK(list.find_at_most(vectors[1].data(), [](std::size_t i) { return i != 1; }) == list.size());
}
