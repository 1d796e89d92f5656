#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "app/command.hpp"
#include "app/errors.hpp"
#include "app/search_setup.hpp"
#include "app/stop_watch.hpp"
#include "app/sweep/emit.hpp"
#include "app/sweep/sweep_plan.hpp"
#include "app/sweep/sweep_run.hpp"
#include "app/sweep/sweep_spec.hpp"
#include "app/sweep/sweep_status.hpp"

namespace tessera {

namespace {

bool decides(std::string_view name) {
  return std::find(std::begin(kDecidingOptions), std::end(kDecidingOptions), name) !=
         std::end(kDecidingOptions);
}

std::vector<Option> sweep_options() {
  std::vector<Option> options = {
      {.name = "plan",
       .kind = OptionKind::flag,
       .help =
           "Print how many points there are, the first few, and how long they may take; no more.",
       .in_spec = false},
      {.name = "shard",
       .kind = OptionKind::text,
       .argument = "I/N",
       .help = "Only the points whose number modulo N is I, from 0: a part for another machine.",
       .in_spec = false},
      {.name = "resume",
       .kind = OptionKind::flag,
       .help = "Go on with the results in --out, if there are any.",
       .in_spec = false},
      {.name = "all-points",
       .kind = OptionKind::flag,
       .help = "Search every point to its end, also those that are proven not to reach the front."},
      {.name = "emit",
       .kind = OptionKind::choice,
       .argument = "WHAT",
       .choices = {"slurm", "parallel"},
       .help = "Print a script that runs the sweep in --shards shards and merges them; no more.",
       .in_spec = false},
      {.name = "shards",
       .kind = OptionKind::integer,
       .argument = "N",
       .least = 1,
       .most = kMostShards,
       .help = "Shards of the script; Slurm's default allows 1001.",
       .in_spec = false},
      {.name = "time",
       .kind = OptionKind::text,
       .argument = "LIMIT",
       .help = "Time limit of a shard in the script for Slurm, such as 8:00:00.",
       .in_spec = false},
      {.name = "cpus",
       .kind = OptionKind::integer,
       .argument = "N",
       .least = 1,
       .most = 1024,
       .help = "CPUs of a shard in the script.",
       .in_spec = false},
      {.name = "status",
       .kind = OptionKind::text,
       .argument = "DIR",
       .help = "Print how far the sweep is whose results are there, running or not; no more.",
       .in_spec = false}};
  for (Option option : search_command().options) {
    const bool common = option.name == "threads" || option.name == "out" || option.name == "help" ||
                        option.name == "version" || option.name == "quiet" ||
                        option.name == "no-progress";
    if (option.name == "objectives") {
      option.fallback = "energy,latency,area";
    } else if (option.name == "out") {
      option.help = "Directory for the results. [NAME.sweep]";
    } else if (option.name == "threads") {
      option.fallback = "";
    }
    if (common || decides(option.name)) {
      options.push_back(option);
    }
  }
  return options;
}

/// `3/64`.
Shard parse_shard(const std::string& text) {
  Shard shard;
  const std::size_t slash = text.find('/');
  const auto read = [](std::string_view part, std::uint64_t& value) {
    const auto end = std::from_chars(part.data(), part.data() + part.size(), value);
    return !part.empty() && end.ec == std::errc() && end.ptr == part.data() + part.size();
  };
  constexpr std::uint64_t kMost = 1'000'000;
  if (slash == std::string::npos || !read(std::string_view(text).substr(0, slash), shard.index) ||
      !read(std::string_view(text).substr(slash + 1), shard.count) || shard.count == 0 ||
      shard.count > kMost) {
    throw UsageError(fmt::format("--shard: expected I/N such as 0/8, got '{}'", text));
  }
  if (shard.index >= shard.count) {
    throw UsageError(fmt::format("--shard: {0} shards are numbered 0 to {1}, got {2}", shard.count,
                                 shard.count - 1, shard.index));
  }
  return shard;
}

/// What is given to every shard: the specs, and the options that decide.
std::vector<std::string> passed_on(const Invocation& invocation) {
  std::vector<std::string> words = invocation.operands;
  for (const std::string_view name : kDecidingOptions) {
    if (invocation.options.given(name)) {
      words.push_back(fmt::format("--{}", name));
      words.push_back(invocation.options.text(name));
    }
  }
  if (invocation.options.flag("all-points")) {
    words.emplace_back("--all-points");
  }
  return words;
}

int print_script(const SweepSpec& spec, const Invocation& invocation) {
  const OptionValues& options = invocation.options;
  if (!options.given("shards")) {
    throw UsageError("--emit needs --shards N: in how many parts the sweep is to be run");
  }
  ClusterRun run;
  run.name = spec.name();
  run.arguments = passed_on(invocation);
  run.directory = options.given("out") ? options.text("out") : spec.name() + ".sweep";
  run.shards = options.integer("shards");
  if (run.directory.find_first_of(" \t\n'\"\\$`") != std::string::npos) {
    throw UsageError(
        "--out: a directory for a script must have no spaces, quotes, $ or backslashes");
  }
  if (options.given("time")) {
    run.time = options.text("time");
    if (run.time->find_first_not_of("0123456789:-") != std::string::npos) {
      throw UsageError(
          fmt::format("--time: expected a limit as Slurm writes it, such as 90 (minutes), "
                      "8:00:00 or 2-0, got '{}'",
                      *run.time));
    }
  }
  if (options.given("cpus")) {
    run.cpus = options.integer("cpus");
  }
  print_result(options.text("emit") == "slurm" ? slurm_script(run) : parallel_script(run));
  return kExitDone;
}

int run_sweep(const Invocation& invocation) {
  const std::vector<Option> table = sweep_options();
  OptionValues values = invocation.options;
  if (values.given("status")) {
    if (!invocation.operands.empty()) {
      throw UsageError("--status takes a directory and no specs");
    }
    print_result(status_text(values.text("status")));
    return kExitDone;
  }
  if (!values.given("emit")) {
    for (const char* of_script : {"shards", "time", "cpus"}) {
      if (values.given(of_script)) {
        throw UsageError(
            fmt::format("--{} is for --emit; to run one shard use --shard I/N", of_script));
      }
    }
  }
  std::optional<StopWatch> watch;
  if (!values.given("emit") && !values.flag("plan")) {
    watch.emplace(std::nullopt);  // from here on a termination ends the run with what is saved
  }
  const SweepSpec spec = SweepSpec::load(invocation.operands, table);
  if (values.given("emit")) {
    return print_script(spec, invocation);
  }
  values.fill_from(spec.search());
  values.fill_from(table);
  if (values.flag("plan")) {
    print_result(plan_text(spec, values));
    return kExitDone;
  }
  return run_points(spec, values,
                    values.given("shard") ? parse_shard(values.text("shard")) : Shard{}, *watch);
}

}  // namespace

Command sweep_command() {
  return {.name = "sweep",
          .operands = "SPEC...",
          .summary = "Searches a network on many machines.",
          .description =
              "Searches a network (or a problem) on every machine that a `sweep:` section "
              "describes, and "
              "prints\n"
              "the front over machines and mappings. Results are saved point by point, so that the "
              "run may be\n"
              "killed at any moment; --resume goes on.\n"
              "\n"
              "  tessera sweep my_sweep.yaml --plan\n"
              "  tessera sweep my_sweep.yaml --out out\n"
              "  tessera sweep my_sweep.yaml --out out --shard 0/8\n"
              "  tessera sweep my_sweep.yaml --emit slurm --shards 64 --time 8:00:00 > submit.sh\n"
              "  tessera sweep --status out\n"
              "\n"
              "Exit code 75: terminated, what was finished is saved.\n",
          .options = sweep_options(),
          .run = run_sweep};
}

}  // namespace tessera
