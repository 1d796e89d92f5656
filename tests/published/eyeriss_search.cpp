// The published mappings of the Eyeriss chip against the best ones of our search, proven.

#include <filesystem>

#include <fmt/format.h>

#include "app/workspace.hpp"
#include "search/search.hpp"
#include "tests/published/figures.hpp"
#include "tests/published/scored_case.hpp"
#include "tests/published/tables.hpp"

namespace tessera::published {

Table eyeriss_search() {
  Table table{.name = "eyeriss-search",
              .rows = {{"layer", "published mapping mJ", "best mapping mJ", "best/published"}},
              .claims = {}};
  for (const Figures& figure : read_figures("eyeriss-chip")) {
    const std::string& name = figure.text("case");
    const std::string path =
        (std::filesystem::path(TESSERA_TEST_DATA) / "published" / "eyeriss-chip" / (name + ".yaml"))
            .string();
    const Workspace workspace = Workspace::load({"eyeriss-v1", path}, {});
    if (!workspace.constraints) {
      continue;  // a stride, or rows that are folded: without a proof
    }
    SearchOptions options;
    options.algorithm = Algorithm::exhaustive;
    options.factors = Factors::perfect;
    options.objectives = {Objective::energy};
    const SearchResult result = search(workspace.need_problem(), workspace.need_architecture(),
                                       *workspace.constraints, options, SearchControl{});
    const double published = ScoredCase("eyeriss-v1", "eyeriss-chip", name).evaluation().energy_pj;
    const double best = result.front.empty() ? 0 : result.front.points().front().values.front();
    const std::string& layer = figure.text("layer");
    table.rows.push_back({layer, fmt::format("{:.4f}", published * 1e-9),
                          fmt::format("{:.4f}", best * 1e-9),
                          fmt::format("{:.3f}", best / published)});
    table.claims.push_back({layer + ": the search proves its front",
                            result.certificate.kind == Certificate::Kind::exact});
    table.claims.push_back({layer + ": its best mapping takes no more than the published one",
                            best > 0 && best <= published});
  }
  return table;
}

}  // namespace tessera::published
