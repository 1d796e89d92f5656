#!/bin/bash
# The script that `tessera sweep --emit parallel` prints, with a real GNU parallel: 5 shards; it is killed in the middle with
# all that it started, run again, and the merged results are those of the whole run, byte for byte.
# Usage: gnu_parallel.sh PROGRAM. Exit code 77, with a message, where there is no GNU parallel.
set -eu
program=$(readlink -f "$1")
if ! parallel --version 2>/dev/null </dev/null | grep -q '^GNU parallel'; then
  echo "GNU parallel is not installed (scripts/setup --cluster, or apt-get install parallel): not tried"
  exit 77
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
ln -s "$program" "$work/tessera"
export PATH=$work:$PATH HOME=$work
cd "$work"
cat >s.yaml <<'SPEC'
sweep:
  name: parts
  architecture: eyeriss-v1
  problem: resnet50.conv4_x.1x1a
  vary: {GlobalBuffer.capacity: 64 KiB..256 KiB step 8 KiB, PEs.X: [12, 14]}
search: {factors: perfect, quiet: true}
SPEC
tessera sweep s.yaml --out whole >whole.txt
finished() { tessera sweep --status out 2>/dev/null | awk '$1 == "all" {print $2}'; }

tessera sweep s.yaml --out out --emit parallel --shards 5 --cpus 1 >run.sh
setsid sh run.sh >first.txt 2>&1 &
first=$!
for _ in $(seq 600); do
  if [ "$(finished)" ] && [ "$(finished)" -ge 3 ]; then
    break
  fi
  sleep 0.1
done
kill -KILL -- "-$first" 2>/dev/null || true
wait "$first" || true
before=$(finished)
sh run.sh >second.txt 2>&1 || { cat second.txt >&2; exit 1; }
tessera results out/all.sqlite --front | cmp - whole/front.csv
echo "killed after ${before:-0} of 50 points, run again: the front is equal"
