#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "app/explain_text.hpp"
#include "app/numbers.hpp"
#include "app/text_table.hpp"
#include "model/explain_cost.hpp"

namespace tessera {

std::string_view action_text(EnergyTerm::Action action) {
  switch (action) {
    case EnergyTerm::Action::read:
      return "read";
    case EnergyTerm::Action::write:
      return "written";
    case EnergyTerm::Action::deliver:
      return "carried";
    case EnergyTerm::Action::hop:
      return "made";
    case EnergyTerm::Action::route:
      return "routed";
    case EnergyTerm::Action::operate:
      return "done";
    case EnergyTerm::Action::leak:
      return "leaked";
  }
  return "";
}

std::string_view unit_text(EnergyTerm::Unit unit) {
  switch (unit) {
    case EnergyTerm::Unit::words:
      return "words";
    case EnergyTerm::Unit::bits:
      return "bits";
    case EnergyTerm::Unit::accesses:
      return "accesses";
    case EnergyTerm::Unit::half_hops:
      return "half hops";
    case EnergyTerm::Unit::operations:
      return "operations";
  }
  return "";
}

std::string_view port_text(PortTerm::Port port) {
  switch (port) {
    case PortTerm::Port::shared:
      return "shared";
    case PortTerm::Port::read:
      return "read";
    case PortTerm::Port::write:
      return "write";
    case PortTerm::Port::inputs:
      return "inputs";
    case PortTerm::Port::weights:
      return "weights";
    case PortTerm::Port::outputs:
      return "outputs";
  }
  return "";
}

namespace {

constexpr int kDigits = 6;

std::string term_text(const EnergyTerm& term) {
  if (term.action == EnergyTerm::Action::leak) {
    return "leakage x latency";
  }
  return fmt::format("{} {} {} x {}", grouped(term.amount), unit_text(term.unit),
                     action_text(term.action), with_si_prefix(term.each_pj * 1e-12, "J", kDigits));
}

/// Rounded up, but not for what a double adds to a whole number.
std::int64_t whole_cycles(const PortTerm& port) {
  return static_cast<std::int64_t>(std::ceil(port.cycles() * (1 - 1e-12)));
}

}  // namespace

std::string energy_text(const Scored& scored) {
  using Align = TextTable::Align;
  const std::vector<EnergyTerm> terms =
      explain_energy(scored.problem, scored.architecture, scored.evaluation);
  TextTable table({{"element", Align::left},
                   {"tensor", Align::left},
                   {"energy"},
                   {"share"},
                   {"terms", Align::left}});
  for (std::size_t i = 0; i < terms.size();) {
    const EnergyTerm& first = terms[i];
    std::vector<std::string> texts;
    double energy = 0;
    for (; i < terms.size() && terms[i].level == first.level && terms[i].tensor == first.tensor &&
           (first.tensor || &terms[i] == &first);
         ++i) {
      texts.push_back(term_text(terms[i]));
      energy += terms[i].energy_pj;
    }
    table.add({scored.architecture.name_of(first.level),
               first.tensor ? scored.problem.at(*first.tensor).name : "-",
               with_si_prefix(energy * 1e-12, "J", kDigits),
               percent(energy / scored.evaluation.energy_pj),
               fmt::format("{}", fmt::join(texts, " + "))});
  }
  return table.empty() ? "" : fmt::format("\nEnergy:\n{}", table.text(2));
}

std::string cycles_text(const Scored& scored) {
  using Align = TextTable::Align;
  const Evaluation& e = scored.evaluation;
  TextTable table({{"resource", Align::left}, {"cycles"}, {"of all"}, {"terms", Align::left}});
  const auto of_all = [&](double cycles) {
    return percent(cycles / static_cast<double>(e.cycles));
  };
  const std::int64_t skew = e.levels.back().cycles - e.compute_cycles;
  table.add({scored.architecture.compute().name, grouped(e.levels.back().cycles),
             of_all(static_cast<double>(e.levels.back().cycles)),
             skew == 0 ? "steps with work"
                       : fmt::format("{} steps with work + {} to fill and drain systolic arrays",
                                     grouped(e.compute_cycles), grouped(skew))});
  std::int64_t busiest = 0;
  for (const LevelResult& level : e.levels) {
    busiest = std::max(busiest, level.cycles);
  }
  for (const PortTerm& port :
       explain_ports(scored.problem, scored.architecture, scored.evaluation)) {
    const std::string name =
        port.port == PortTerm::Port::shared
            ? ""
            : fmt::format(" {}{}", port_text(port.port),
                          scored.architecture.memory(port.level) != nullptr ? " port" : "");
    const std::string_view unit =
        port.unit == EnergyTerm::Unit::bits ? "bit" : unit_text(port.unit);
    table.add(
        {fmt::format("{}{}", scored.architecture.name_of(port.level), name),
         grouped(whole_cycles(port)), of_all(port.cycles()),
         fmt::format(
             "{} {}{} / {} {} a cycle", grouped(port.amount), unit,
             port.instances == 1 ? "" : fmt::format(" / {} instances", grouped(port.instances)),
             rounded(port.rate, kDigits), unit)});
  }
  if (e.cycles > busiest) {
    table.add({"on top", grouped(e.cycles - busiest),
               of_all(static_cast<double>(e.cycles - busiest)),
               "transfers that overlap with nothing"});
  }
  return fmt::format("\nCycles: {}, those of the busiest resource, rounded up\n{}",
                     grouped(e.cycles), table.text(2));
}

}  // namespace tessera
