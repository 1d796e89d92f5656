#include "app/translate/appendix.hpp"

#include <variant>

#include "app/translate/result_points.hpp"
#include "app/translate/terms.hpp"
#include "app/translate/translation_report.hpp"

namespace tessera {

namespace {

/// Of all instances; none where power is gated, since nothing is used while idle.
double idle_leakage_w(const Architecture& architecture) {
  double milliwatts = 0;
  for (std::size_t l = 0; l < architecture.hierarchy.size(); ++l) {
    const LevelId level(l);
    const auto instances = static_cast<double>(architecture.instances(level));
    if (const Memory* memory = architecture.memory(level)) {
      milliwatts += memory->leakage_mw * instances;
    } else if (std::holds_alternative<Compute>(architecture.hierarchy[l])) {
      milliwatts += architecture.compute().leakage_mw * instances;
    }
  }
  return architecture.power_gating ? 0 : milliwatts * 1e-3;
}

}  // namespace

std::string translation_appendix(std::string_view csv, const Architecture& architecture) {
  Terms terms = default_terms();
  terms.idle_w = idle_leakage_w(architecture);
  const std::vector<ResultPoint> points = parse_result_points("front.csv", csv);
  return "\nIn use (by the defaults of `tessera translate`, which knows other rates, budgets, "
         "batteries and regions):\n" +
         translation_text({points, terms, {}});
}

}  // namespace tessera
