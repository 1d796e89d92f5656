#include "app/diagnosis_text.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "app/front_report.hpp"
#include "app/numbers.hpp"
#include "mapper/mapping_spec.hpp"

namespace tessera {

namespace {

using Json = nlohmann::ordered_json;
using Kind = Demand::Kind;
using Verdict = Remedy::Verdict;

/// `131 KiB (1,073,152 bit)`.
std::string size_text(std::int64_t amount, Capacity::Unit unit) {
  if (unit == Capacity::Unit::words) {
    return grouped(amount) + (amount == 1 ? " word" : " words");
  }
  constexpr std::int64_t kKibibyte = 8 * 1024;
  const std::string bits = grouped(amount) + " bit";
  if (amount >= 1024 * kKibibyte) {
    return fmt::format("{} MiB ({})",
                       rounded(static_cast<double>(amount) / (1024.0 * kKibibyte), 4), bits);
  }
  if (amount >= kKibibyte) {
    return fmt::format("{} KiB ({})", rounded(static_cast<double>(amount) / kKibibyte, 4), bits);
  }
  return bits;
}

std::string metric_text(Metric metric, double value) {
  switch (metric) {
    case Metric::energy:
      return with_si_prefix(value * 1e-12, "J", 6);
    case Metric::latency:
      return with_si_prefix(value, "s", 6);
    case Metric::area:
      return rounded(value, 6) + " mm2";
    case Metric::edp:
      return rounded(value, 6) + " J*s";
    case Metric::power:
      return with_si_prefix(value, "W", 6);
    case Metric::cycles:
      return rounded(value, 15) + " cycles";
    case Metric::dram_words:
      return rounded(value, 15) + " words";
    case Metric::utilization:
      return percent(value);
    case Metric::throughput:
      return rounded(value, 6) + " frames/s";
  }
  return "";
}

class Writer {
 public:
  Writer(const Problem& problem, const SearchCase& given) : problem_(problem), given_(given) {}

  std::string demand(const Demand& demand) const;
  /// What to change: `GLB needs 131 KiB, has 108 KiB`.
  std::string change(const Remedy& remedy) const;
  /// What is known of it: `proven: ...`.
  std::string proof(const Remedy& remedy) const;
  std::string together(const Diagnosis& diagnosis) const;
  std::string mapping(const Mapping& mapping) const {
    return to_line(mapping, problem_, given_.architecture);
  }

 private:
  const std::string& level(const Demand& demand) const {
    return given_.architecture.name_of(demand.level);
  }
  std::string axis(const Demand& demand) const {
    return fmt::format("{}.{}", level(demand),
                       given_.architecture.fanout(demand.level)->axes[demand.axis].name);
  }
  std::string names(DimensionSet dimensions) const {
    std::vector<std::string> names;
    for (std::size_t d = 0; d < problem_.dimensions.size(); ++d) {
      if (dimensions.contains(DimensionId(d))) {
        names.push_back(problem_.dimensions[d].name);
      }
    }
    return names.empty() ? "nothing" : fmt::format("only {}", fmt::join(names, ", "));
  }
  std::string names(const std::vector<DimensionId>& dimensions) const {
    std::vector<std::string> names;
    for (const DimensionId dimension : dimensions) {
      names.push_back(problem_.at(dimension).name);
    }
    return fmt::format("{}", fmt::join(names, ", "));
  }
  std::string capacity(const Demand& demand, double amount) const {
    const Memory& memory = *given_.architecture.memory(demand.level);
    const bool halved = memory.buffering == Buffering::double_buffer;
    return size_text(static_cast<std::int64_t>(amount) * (halved ? 2 : 1), memory.capacity->unit);
  }

  const Problem& problem_;
  const SearchCase& given_;
};

std::string Writer::demand(const Demand& demand) const {
  const Constraints& rules = given_.constraints;
  switch (demand.kind) {
    case Kind::factors:
      return "the rule that bounds divide their dimension (--factors perfect)";
    case Kind::space:
      return fmt::format("the space {}",
                         given_.options.space == Space::even ? "even" : "hierarchical");
    case Kind::capacity:
      return fmt::format("the capacity of {}", level(demand));
    case Kind::axis_size:
      return fmt::format("the size of {}", axis(demand));
    case Kind::min_utilization:
      return fmt::format("min_utilization {}", percent(rules.min_utilization));
    case Kind::limit: {
      const Limit& limit = given_.options.limits[demand.index];
      return fmt::format("the limit on {} ({} {})", to_string(limit.metric),
                         limit.at_least() ? "at least" : "at most", limit.text);
    }
    case Kind::fill:
      return fmt::format("the demand that tiles fill {} of {}",
                         percent(rules.memories[demand.index].min_utilization), level(demand));
    case Kind::machine_keep:
      return fmt::format("the rule that {} keeps {} (architecture)", level(demand),
                         to_string(demand.tensor_kind));
    case Kind::machine_bypass:
      return fmt::format("the rule that {} bypasses {} (architecture)", level(demand),
                         to_string(demand.tensor_kind));
    case Kind::axis_reuse:
      return fmt::format("the reuse that {} is for (architecture)", axis(demand));
    case Kind::keep:
      return fmt::format("the rule that {} keeps {} (constraints)", level(demand),
                         problem_.at(demand.tensor).name);
    case Kind::bypass:
      return fmt::format("the rule that {} bypasses {} (constraints)", level(demand),
                         problem_.at(demand.tensor).name);
    case Kind::loops: {
      const auto& [dimension, product] = rules.memories[demand.index].loops[demand.part];
      return fmt::format("the rule `loops: {{{}: {}}}` of {}", problem_.at(dimension).name, product,
                         level(demand));
    }
    case Kind::innermost:
      return fmt::format("the rule `innermost: [{}]` of {}",
                         names(rules.memories[demand.index].innermost), level(demand));
    case Kind::allowed:
      return fmt::format("the rule that {} allows {}", axis(demand),
                         names(rules.axes[demand.index].allowed));
    case Kind::factor: {
      const FactorConstraint& rule = rules.factors[demand.index];
      const std::string_view relation = rule.relation == FactorRelation::equal     ? ""
                                        : rule.relation == FactorRelation::at_most ? "at most "
                                                                                   : "at least ";
      return fmt::format("the rule that the loops over {} at {} multiply to {}{}",
                         problem_.at(rule.dimension).name, level(demand), relation,
                         grouped(rule.factor));
    }
    case Kind::order:
      return fmt::format("the order {} of the loops at {}", names(rules.orders[demand.index].order),
                         level(demand));
  }
  return "";
}

std::string Writer::change(const Remedy& remedy) const {
  const Demand& of = remedy.demand;
  switch (of.kind) {
    case Kind::factors:
      return "imperfect factors (--factors imperfect)";
    case Kind::space:
      return "the space free (--space free)";
    case Kind::capacity: {
      const bool halved =
          given_.architecture.memory(of.level)->buffering == Buffering::double_buffer;
      return fmt::format("{} needs {}, has {}{}", level(of), capacity(of, remedy.reached),
                         capacity(of, remedy.asked),
                         halved ? "; half of it holds the next tiles" : "");
    }
    case Kind::axis_size:
      return fmt::format("{} needs {} instances, has {}", axis(of), remedy.reached, remedy.asked);
    case Kind::min_utilization:
      return fmt::format(
          "min_utilization {}: {} can be reached{}", percent(remedy.asked), percent(remedy.reached),
          remedy.with_imperfect
              ? fmt::format(", {} with imperfect factors", percent(*remedy.with_imperfect))
              : "");
    case Kind::limit: {
      const Limit& limit = given_.options.limits[of.index];
      return fmt::format("{}: {} can be reached", demand(of),
                         metric_text(limit.metric, remedy.reached));
    }
    case Kind::fill:
      return fmt::format("tiles fill {} of {}, asked are {}", percent(remedy.reached), level(of),
                         percent(remedy.asked));
    default:
      return "give up " + demand(of);
  }
}

std::string Writer::proof(const Remedy& remedy) const {
  if (!remedy.demand.measured()) {
    return "";
  }
  return remedy.proven ? " (proven: no smaller change of it is enough)"
                       : " (not proven: a smaller change of it may be enough)";
}

std::string Writer::together(const Diagnosis& diagnosis) const {
  std::vector<std::string> parts;
  for (const Demand& demand : diagnosis.together) {
    parts.push_back("\n    " + this->demand(demand));
  }
  return fmt::format("{}", fmt::join(parts, ""));
}

}  // namespace

std::string demand_text(const Problem& problem, const SearchCase& given, const Demand& demand) {
  return Writer(problem, given).demand(demand);
}

std::string diagnosis_text(const Problem& problem, const SearchCase& given,
                           const Diagnosis& diagnosis) {
  const Writer writer(problem, given);
  if (diagnosis.legal) {
    return "  there is a legal mapping, which a directed search finds; try --algorithm auto:\n   "
           " " +
           writer.mapping(*diagnosis.legal);
  }
  std::string text;
  const auto line = [&](const std::string& words) {
    text += (text.empty() ? "  " : "\n  ") + words;
  };
  if (diagnosis.looked_at > 0) {
    line(diagnosis.all ? fmt::format("of all {} mappings:", grouped(diagnosis.looked_at))
                       : fmt::format("of {} mappings drawn so that tiles fit where they can:",
                                     grouped(diagnosis.looked_at)));
    for (const BrokenCount& count : diagnosis.counts) {
      line(fmt::format("  {} break {}, {} of them nothing else", grouped(count.broken),
                       writer.demand(count.demand), grouped(count.only)));
    }
  }
  bool first = true;
  std::vector<std::string> no_use;
  std::vector<std::string> unknown;
  for (const Remedy& remedy : diagnosis.remedies) {
    if (remedy.verdict == Verdict::enough) {
      if (first) {
        line("smallest change: " + writer.change(remedy) + writer.proof(remedy));
        line("  then legal: " + writer.mapping(remedy.mapping));
      } else {
        line("also enough alone: " + writer.change(remedy) + writer.proof(remedy));
      }
      first = false;
    } else {
      (remedy.verdict == Verdict::not_enough ? no_use : unknown)
          .push_back("\n    " + writer.demand(remedy.demand));
    }
  }
  if (!no_use.empty()) {
    line(fmt::format("not enough alone to give up, proven:{}", fmt::join(no_use, "")));
  }
  if (!unknown.empty()) {
    line(fmt::format("nothing legal was found without (no proof):{}", fmt::join(unknown, "")));
  }
  if (!diagnosis.together.empty()) {
    line(
        "no single change was enough; these are together, and without any one of them they are "
        "not:" +
        writer.together(diagnosis));
    line("  then legal: " + writer.mapping(diagnosis.together_mapping));
  } else if (diagnosis.hopeless) {
    line("nothing is legal even without all of these (proven)");
  }
  if (diagnosis.stopped) {
    line("the diagnosis was stopped before its end");
  }
  return text;
}

std::string no_mapping_text(const Problem& problem, const SearchCase& given,
                            const Diagnosis& diagnosis, const SearchResult& result,
                            std::string_view of) {
  std::string text =
      diagnosis.proven
          ? fmt::format(
                "no legal mapping{}: none of the {} mappings of the space is legal (proven)", of,
                space_size_text(result.space_size))
          : fmt::format("no legal mapping{} was found among {} tried{}", of,
                        grouped(result.evaluated),
                        diagnosis.legal ? "" : "; that there is none is not proven");
  if (const std::string why = diagnosis_text(problem, given, diagnosis); !why.empty()) {
    text += "\n" + why;
  }
  if (!diagnosis.proven && !diagnosis.legal && result.algorithm == Algorithm::random) {
    text +=
        "\n  Uniform draws can miss the few that fit: --algorithm genetic looks for mappings that "
        "do.";
  }
  return text;
}

Json diagnosis_json(const Problem& problem, const SearchCase& given, const Diagnosis& diagnosis) {
  const Writer writer(problem, given);
  Json document = {{"proven", diagnosis.proven},
                   {"legal", diagnosis.legal ? Json(writer.mapping(*diagnosis.legal)) : Json()},
                   {"looked_at", diagnosis.looked_at},
                   {"all", diagnosis.all},
                   {"reasons", Json::array()},
                   {"changes", Json::array()},
                   {"together", Json::array()},
                   {"stopped", diagnosis.stopped}};
  for (const BrokenCount& count : diagnosis.counts) {
    document["reasons"].push_back({{"demand", writer.demand(count.demand)},
                                   {"broken", count.broken},
                                   {"nothing_else", count.only}});
  }
  for (const Remedy& remedy : diagnosis.remedies) {
    Json entry = {{"demand", writer.demand(remedy.demand)},
                  {"enough", remedy.verdict == Verdict::enough       ? Json(true)
                             : remedy.verdict == Verdict::not_enough ? Json(false)
                                                                     : Json()}};
    if (remedy.verdict == Verdict::enough) {
      entry["change"] = writer.change(remedy);
      if (remedy.demand.measured()) {
        entry["asked"] = remedy.asked;
        entry["reached"] = remedy.reached;
        entry["proven"] = remedy.proven;
      }
      entry["mapping"] = writer.mapping(remedy.mapping);
    }
    document["changes"].push_back(std::move(entry));
  }
  for (const Demand& demand : diagnosis.together) {
    document["together"].push_back(writer.demand(demand));
  }
  return document;
}

}  // namespace tessera
