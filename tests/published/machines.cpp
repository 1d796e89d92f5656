// The machines of the library against each other and against published figures of whole chips.

#include <fmt/format.h>

#include "app/network_run.hpp"
#include "app/numbers.hpp"
#include "app/workspace.hpp"
#include "arch/architecture_spec.hpp"
#include "model/evaluate.hpp"
#include "search/search.hpp"
#include "tests/published/figures.hpp"
#include "tests/published/scored_case.hpp"
#include "tests/published/tables.hpp"

namespace tessera::published {
namespace {

/// The proven least energy of a problem, perfect factors.
SearchResult least_energy(const Problem& problem, const Architecture& architecture) {
  SearchOptions options;
  options.algorithm = Algorithm::exhaustive;
  options.factors = Factors::perfect;
  options.objectives = {Objective::energy};
  return search(problem, architecture, {}, options, SearchControl{});
}

struct Shares {
  double arithmetic = 0;
  double off_chip = 0;
  double leakage = 0;
  double on_chip = 0;
};

/// Of the energy of a mapping; the outermost memory is what is off the chip.
Shares shares_of(const Evaluation& evaluation) {
  Shares shares;
  for (std::size_t l = 0; l < evaluation.levels.size(); ++l) {
    const LevelResult& level = evaluation.levels[l];
    const double moved = level.energy_pj - level.leakage_pj;
    shares.leakage += level.leakage_pj;
    if (l + 1 == evaluation.levels.size()) {
      shares.arithmetic += moved;
    } else if (l == 0) {
      shares.off_chip += moved;
    } else {
      shares.on_chip += moved;
    }
  }
  for (double* share : {&shares.arithmetic, &shares.off_chip, &shares.leakage, &shares.on_chip}) {
    *share /= evaluation.energy_pj;
  }
  return shares;
}

/// The network's layers with 8-bit values and sums of 32 bits, as an int8 machine runs them.
Network int8(Network network) {
  for (Layer& layer : network.layers) {
    for (std::size_t t = 0; t < layer.problem.tensors.size(); ++t) {
      Tensor& tensor = layer.problem.tensors[t];
      tensor.bits = t == 0 ? 32 : 8;
      tensor.final_bits = 8;
    }
  }
  return network;
}

/// NVDLA in one of its sizes: what the library's nvdla-small and nvdla-large are, in between.
Architecture nvdla(const Figures& size) {
  const std::int64_t k = size.count("k");
  const std::string text = fmt::format(
      "architecture:\n  name: {}\n  technology: 16 nm\n  clock: 1 GHz\n  hierarchy:\n"
      "    - {{memory: DRAM, class: lpddr4, bandwidth: {} GB/s}}\n"
      "    - {{memory: ConvBuffer, class: sram, capacity: {} KiB, banks: {}, width: {} bit, only: "
      "[inputs, weights]}}\n"
      "    - {{memory: Accumulator, class: sram, capacity: {} B, width: 256 bit, only: "
      "[outputs]}}\n"
      "    - {{fanout: Cells, axes: {{K: {{size: {}, reuse: inputs}}, C: {{size: {}, reuse: "
      "outputs}}}}}}\n"
      "    - {{memory: WeightRegister, class: regfile, capacity: 1 words, width: 8 bit, only: "
      "[weights]}}\n"
      "    - {{compute: MAC, class: int_mac, bits: 8}}\n",
      size.text("machine"), size.text("bandwidth_gb_s"), size.count("buffer_kib"),
      size.count("banks"), 8 * size.count("c"), 128 * k, k, size.count("c"));
  const SpecDocument document = SpecDocument::parse(size.text("machine"), text);
  return parse_architecture(document.root().at("architecture"));
}

}  // namespace

Table machine_shares() {
  Table table{.name = "machine-shares",
              .rows = {{"machine", "pJ an operation", "arithmetic %", "on-chip movement %",
                        "DRAM %", "leakage and background %", "utilization %"}},
              .claims = {}};
  const Workspace work = Workspace::load({"resnet50.conv3_x.3x3"}, {});
  for (const char* name :
       {"diannao", "eyeriss-isca16", "eyeriss-v1", "eyeriss-v2", "gemmini", "nvdla-large",
        "nvdla-small", "shidiannao", "simba-chiplet", "tpu-v1", "tpu-v4i"}) {
    const Workspace machine = Workspace::load({name}, {});
    const Architecture& architecture = *machine.architecture;
    const SearchResult result = least_energy(*work.problem, architecture);
    const bool exact = result.certificate.kind == Certificate::Kind::exact;
    table.claims.push_back({fmt::format("{}: the least energy is proven", name), exact});
    if (result.front.empty()) {
      continue;
    }
    const Evaluation best =
        evaluate(*work.problem, architecture, result.front.points().front().mapping);
    const Shares shares = shares_of(best);
    const auto percents = [](double share) { return fmt::format("{:.1f}", 100 * share); };
    table.rows.push_back(
        {name, fmt::format("{:.2f}", best.energy_pj / static_cast<double>(best.operations)),
         percents(shares.arithmetic), percents(shares.on_chip), percents(shares.off_chip),
         percents(shares.leakage), percents(best.utilization)});
    table.claims.push_back({fmt::format("{}: moving data takes more than computing", name),
                            shares.on_chip + shares.off_chip > shares.arithmetic});
  }
  return table;
}

Table mobile_gpu() {
  constexpr double kGpuFrames = 68;    // a second
  constexpr double kGpuActive = 10.2;  // W
  constexpr double kGpuIdle = 3.7;     // W
  constexpr double kBatch = 4;
  double joules = 0;
  double chip_joules = 0;
  double seconds = 0;
  double published_joules = 0;
  for (const Figures& figure : read_figures("eyeriss-chip")) {
    const ScoredCase scored("eyeriss-v1", "eyeriss-chip", figure.text("case"));
    const double all = scored.evaluation().energy_pj * 1e-12;
    joules += all;
    chip_joules += all - scored.level("DRAM").energy_pj * 1e-12;
    seconds += scored.evaluation().latency_s;
    published_joules += figure.number("power_mw") * 1e-3 * figure.number("total_ms") * 1e-3;
  }
  Table table{.name = "mobile-gpu",
              .rows = {{"machine", "frames/J", "against the GPU, idle power included",
                        "idle power left out"}},
              .claims = {}};
  const double gpu = kGpuFrames / kGpuActive;
  const double gpu_alone = kGpuFrames / (kGpuActive - kGpuIdle);
  const auto add = [&](const std::string& name, double frames_per_joule) {
    table.rows.push_back({name, fmt::format("{:.1f}", frames_per_joule),
                          fmt::format("{:.1f}", frames_per_joule / gpu),
                          fmt::format("{:.1f}", frames_per_joule / gpu_alone)});
  };
  add("Jetson TK1, measured", gpu);
  add("Eyeriss chip, measured, without DRAM", kBatch / published_joules);
  add("eyeriss-v1, ours, without DRAM", kBatch / chip_joules);
  add("eyeriss-v1, ours, with DRAM", kBatch / joules);
  const double ratio = kBatch / chip_joules / gpu_alone;
  table.claims.push_back(
      {fmt::format("the chip takes 8 to 20 times less energy than the GPU at work: {:.2f}", ratio),
       ratio >= 8 && ratio <= 20});
  const double whole = kBatch / joules / gpu;
  table.claims.push_back(
      {fmt::format("with DRAM against the whole board 8 to 25 times less: {:.2f}", whole),
       whole >= 8 && whole <= 25});
  table.claims.push_back({"and it is slower than the GPU", kBatch / seconds < kGpuFrames});
  return table;
}

Table nvdla_sizes() {
  Table table{
      .name = "nvdla",
      .rows = {{"machine", "cells mm2, published", "ours", "ours/published",
                "ResNet-50 frames/s, published", "ours", "utilization %, published", "ours"}},
      .claims = {}};
  const Network network = int8(*Workspace::load({"resnet50-v1"}, {}).network);
  for (const Figures& figure : read_figures("nvdla")) {
    const std::string& name = figure.text("machine");
    const Architecture architecture = nvdla(figure);
    if (const std::string_view same = name == "nvdla-64"     ? "nvdla-small"
                                      : name == "nvdla-2048" ? "nvdla-large"
                                                             : "";
        !same.empty()) {
      Architecture known = *Workspace::load({std::string(same)}, {}).architecture;
      known.name = name;
      table.claims.push_back(
          {fmt::format("{} is the library's {}", name, same), known == architecture});
    }
    SearchOptions options;
    options.factors = Factors::perfect;
    options.objectives = {Objective::latency};
    const NetworkRun run =
        run_network(tasks_of(network, 1), architecture, {}, options, SearchControl{},
                    [](const NetworkRun&, std::size_t) { return true; });
    const bool proven = run.front.certificate.kind == Certificate::Kind::exact;
    table.claims.push_back({name + ": the least time of every layer is proven", proven});
    if (run.front.points.empty()) {
      continue;
    }
    const Evaluation& total = run.front.points.front().total;
    const double frames = 1 / total.latency_s;
    const double area = figure.number("area_mm2");
    const double share = total.area_mm2 / area;
    table.rows.push_back({name, figure.text("area_mm2"), fmt::format("{:.2f}", total.area_mm2),
                          fmt::format("{:.2f}", share), figure.text("frames_per_s"),
                          fmt::format("{:.1f}", frames),
                          fmt::format("{:.0f}", 100 * figure.number("utilization")),
                          fmt::format("{:.0f}", 100 * total.utilization)});
    table.claims.push_back({name + ": memories and units are 15 to 60 % of the published cells",
                            share > 0.15 && share < 0.6});
    const double speed = frames / figure.number("frames_per_s");
    table.claims.push_back(
        {fmt::format("{}: 1 to 2.1 times the published speed: {:.2f}", name, speed),
         speed >= 1 && speed <= 2.1});
  }
  return table;
}

}  // namespace tessera::published
