// Scripts for those who have a cluster; there is no scheduler here. What they mind, each learnt
// from a failure: the number of shards is written out, because SLURM_ARRAY_TASK_COUNT is that of
// the indices of a submission, which is less where only some are run again; `exec` puts the program
// in the shell's place, so that Slurm's early warning (B: goes to the shell) reaches it; the
// warning asks for two minutes, because Slurm may send it up to one early; `--resume` makes every
// start, also after a requeue, go on from what is there.
#include "app/sweep/emit.hpp"

#include <fmt/format.h>

#include "app/shell_word.hpp"

namespace tessera {

namespace {

std::string words(const std::vector<std::string>& arguments) {
  std::string out;
  for (const std::string& argument : arguments) {
    out += ' ';
    out += shell_word(argument);
  }
  return out;
}

std::string merge_line(const ClusterRun& run) {
  const std::string directory = shell_word(run.directory);
  return fmt::format("tessera merge {0}/shard-*-of-{1:05}.sqlite -o {0}/all.sqlite", directory,
                     run.shards);
}

}  // namespace

std::string slurm_script(const ClusterRun& run) {
  std::string directives;
  if (run.time) {
    directives += fmt::format("#SBATCH --time={}\n", *run.time);
  }
  if (run.cpus) {
    directives += fmt::format("#SBATCH --cpus-per-task={}\n", *run.cpus);
  }
  return fmt::format(
      "#!/bin/sh\n"
      "# Submits the sweep {0} as an array of {1} shards, and the merging behind it. Run it where "
      "the specs "
      "are.\n"
      "# To run some shards again: SHARDS=3,7 sh this-script. Finished points are not searched "
      "again.\n"
      "set -eu\n"
      "mkdir -p {2}/log\n"
      "array=$(sbatch --parsable --array=\"${{SHARDS:-0-{3}}}\" <<'END_OF_SHARD'\n"
      "#!/bin/sh\n"
      "#SBATCH --job-name={0}\n"
      "#SBATCH --output={2}/log/shard-%a.txt\n"
      "#SBATCH --open-mode=append\n"
      "#SBATCH --requeue\n"
      "#SBATCH --signal=B:TERM@120\n"
      "{4}"
      "exec tessera sweep{5}{8} --shard \"$SLURM_ARRAY_TASK_ID/{1}\" --resume --out {6}\n"
      "END_OF_SHARD\n"
      ")\n"
      "sbatch --parsable --dependency=\"afterany:$array\" <<'END_OF_MERGE' >/dev/null\n"
      "#!/bin/sh\n"
      "#SBATCH --job-name={0}-merge\n"
      "#SBATCH --output={2}/log/merge.txt\n"
      "exec {7}\n"
      "END_OF_MERGE\n"
      "echo \"submitted array $array; results: {2}/all.sqlite\"\n",
      run.name, run.shards, run.directory, run.shards - 1, directives, words(run.arguments),
      shell_word(run.directory), merge_line(run),
      run.cpus ? fmt::format(" --threads {}", *run.cpus) : "");
}

std::string parallel_script(const ClusterRun& run) {
  return fmt::format(
      "#!/bin/sh\n"
      "# Runs the sweep {0} in {1} shards with GNU parallel, and merges them. Started again, it "
      "goes on.\n"
      "set -eu\n"
      "seq 0 {2} | parallel{3} --halt soon,fail=1 tessera sweep{4} --threads {5} --quiet --shard "
      "'{{}}/{1}' "
      "--resume --out {6}\n"
      "exec {7}\n",
      run.name, run.shards, run.shards - 1,
      run.cpus ? fmt::format(" -j \"$(($(nproc) / {0} > 0 ? $(nproc) / {0} : 1))\"", *run.cpus)
               : "",
      words(run.arguments), run.cpus.value_or(1), shell_word(run.directory), merge_line(run));
}

}  // namespace tessera
