#!/bin/bash
# The script that `tessera sweep --emit slurm` prints, on a real Slurm of one node: 8 shards, one of them killed without
# warning; the merging then names it, and once it is submitted again the merged results are those of the whole run, byte
# for byte. Usage: array.sh PROGRAM SLURM-LOCAL. Exit code 77, with a message, where Slurm cannot run.
set -eu
program=$(readlink -f "$1")
slurm_local=$(readlink -f "$2")
work=$(mktemp -d)
chmod 755 "$work"
trap '"$slurm_local" stop "$work/slurm"; rm -rf "$work"' EXIT
ln -s "$program" "$work/tessera"
export PATH=$work:$PATH
started=$("$slurm_local" start "$work/slurm") || exit $?
eval "$started"
cd "$work"

cat >s.yaml <<'SPEC'
sweep:
  name: array
  architecture: eyeriss-v1
  problem: resnet50.conv5_x.1x1a
  vary: {GlobalBuffer.capacity: 64 KiB..224 KiB step 5 KiB}
search: {factors: perfect, quiet: true}
SPEC
tessera sweep s.yaml --out whole >/dev/null
tessera results whole/sweep.sqlite --csv >whole.csv

fail() { echo "slurm test: $*" >&2; cat out/log/* >&2 || true; exit 1; }
# Until no job is left, at most so many seconds.
wait_for_jobs() {
  for _ in $(seq $(($1 * 2))); do
    [ -n "$(squeue -h)" ] || return 0
    sleep 0.5
  done
  squeue >&2
  fail "jobs are left after $1 s"
}

tessera sweep s.yaml --out out --emit slurm --shards 8 --cpus 1 --time 5 >submit.sh
sh submit.sh
for _ in $(seq 100); do
  [ -f out/shard-00000-of-00008.sqlite ] && break
  sleep 0.1
done
job=$(squeue -h -t R -r -o '%F_%K' | grep _0 || true)
[ -z "$job" ] || scancel --signal=KILL --full "$job"
wait_for_jobs 120
# Whichever shards were cut, the message of the merging names them; as does this one.
if [ ! -f out/all.sqlite ]; then
  tessera merge out/shard-*.sqlite -o out/all.sqlite 2>missing.txt && fail "nothing is missing after a kill"
  shards=$(sed -n 's/.*SHARDS=//p' missing.txt)
  [ -n "$shards" ] || fail "no shards are named: $(cat missing.txt)"
  SHARDS=$shards sh submit.sh
  wait_for_jobs 120
fi
[ -f out/all.sqlite ] || fail "nothing was merged"
tessera results out/all.sqlite --csv | cmp - whole.csv || fail "the merged results differ"
echo "killed: ${job:-none in time}; run again: ${shards:-none}; merged results are equal"
