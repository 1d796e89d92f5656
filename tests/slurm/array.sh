#!/bin/bash
# The script that `tessera sweep --emit slurm` prints, on a real Slurm of one node: 8 shards, one of them killed without
# warning and one requeued; the merging names the killed one, and once it is submitted again the merged results are those
# of the whole run, byte for byte. On a machine so fast that a shard ends before it can be cut, that one is not cut, and
# the last line says so. Usage: array.sh PROGRAM SLURM-LOCAL. Exit code 77, with a message, where Slurm cannot run.
set -eu
program=$(readlink -f "$1")
slurm_local=$(readlink -f "$2")
work=$(mktemp -d)
chmod 755 "$work"
trap '"$slurm_local" stop "$work/slurm" || true; rm -rf "$work"' EXIT
ln -s "$program" "$work/tessera"
export PATH=$work:$PATH
started=$("$slurm_local" start "$work/slurm") || exit $?
eval "$started"
cd "$work"

# Says what went wrong, with all that may tell why.
fail() {
  set +e
  echo "slurm test: $*"
  echo "--- squeue, sinfo"; squeue; sinfo
  for text in submit.sh *.txt out/log/* slurm/log/*; do
    [ -f "$text" ] && { echo "--- $text"; tail -n 30 "$text"; }
  done
  echo "--- files"; ls -l . out
  exit 1
} >&2
trap 'fail "line $LINENO: $BASH_COMMAND"' ERR

cat >s.yaml <<'SPEC'
sweep:
  name: array
  architecture: eyeriss-v1
  problem: resnet50.conv3_x.3x3
  vary: {GlobalBuffer.capacity: 64 KiB..224 KiB step 10 KiB}
search: {factors: perfect, quiet: true}
SPEC
tessera sweep s.yaml --out whole >whole.txt
tessera results whole/sweep.sqlite --csv >whole.csv

# Until no job is left, at most so many seconds.
wait_for_jobs() {
  local end=$((SECONDS + $1)) left
  while [ $SECONDS -lt $end ]; do
    if left=$(squeue -h) && [ -z "$left" ]; then
      return 0
    fi
    sleep 0.5
  done
  fail "jobs are left after $1 s"
}
# The job of a shard, once it has finished a point and not all of them; else nothing.
working_on() {
  local shard=$1 status
  for _ in $(seq 300); do
    status=$(tessera sweep --status out 2>/dev/null | awk -v shard="shard-0000$shard" '$1 ~ shard {print $2, $3}') || true
    case $status in
      "" | 0\ *) sleep 0.1 ;;
      *) break ;;
    esac
  done
  squeue -h -t R -r -o '%F_%K' | grep "_$shard\$" || true
}

tessera sweep s.yaml --out out --emit slurm --shards 8 --cpus 1 --time 5 >submit.sh
sh submit.sh
killed=$(working_on 0)
[ -z "$killed" ] || scancel --signal=KILL --full "$killed" || killed=
requeued=$(working_on 1)
[ -z "$requeued" ] || scontrol requeue "$requeued" || requeued=
wait_for_jobs 240
# Whichever shards were cut, the message of the merging names them; as does this one.
shards=
if [ ! -f out/all.sqlite ]; then
  ! tessera merge out/shard-*.sqlite -o out/all.sqlite 2>missing.txt || fail "nothing is missing after a kill"
  shards=$(sed -n 's/.*SHARDS=//p' missing.txt)
  [ -n "$shards" ] || fail "no shards are named"
  SHARDS=$shards sh submit.sh
  wait_for_jobs 240
fi
[ -f out/all.sqlite ] || fail "nothing was merged"
tessera results out/all.sqlite --csv | cmp - whole.csv || fail "the merged results differ"
echo "killed: ${killed:-none in time}; requeued: ${requeued:-none in time}; submitted again: ${shards:-none}; merged results are equal"
