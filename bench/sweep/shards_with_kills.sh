#!/bin/bash
# Runs a sweep as a whole and in 3 and 8 shards that are killed without warning again and again, at random moments of up to
# MOST seconds, and compares the fronts byte for byte. Usage: shards_with_kills.sh PROGRAM SWEEP.yaml [MOST [SED]] (default 5).
# MOST has to be several times what a point takes, since a kill loses the points at work. SED changes the sweep before it is
# run: 's/times: 2/times: 4/; s/PEs.Y: .*/PEs.Y: 12/' makes 15 machines of the 200 in resnet50.yaml. WHOLE names the
# sweep.sqlite of a whole run of the same sweep that is there already.
set -eu
program=$(readlink -f "$1")
most=${3:-5}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
sed "${4:-}" "$2" >"$work/sweep.yaml"
spec=$work/sweep.yaml
RANDOM=8
if [ -n "${WHOLE:-}" ]; then
  "$program" results "$WHOLE" --front >"$work/front.csv"
else
  start=$SECONDS
  "$program" sweep "$spec" --quiet --out "$work/1" | sed -n '3,4p'
  cp "$work/1/front.csv" "$work/front.csv"
  echo "1 shard: $((SECONDS - start)) s"
fi
for n in 3 8; do
  kills=0
  start=$SECONDS
  for i in $(seq 0 $((n - 1))); do
    until timeout -s KILL "$(awk -v most="$most" -v r=$RANDOM 'BEGIN {print 0.01 + most * r / 32768}')" \
      "$program" sweep "$spec" --quiet --shard "$i/$n" --resume --out "$work/$n" >/dev/null 2>"$work/err"; do
      [ ! -s "$work/err" ] || { cat "$work/err" >&2; exit 1; }
      kills=$((kills + 1))
    done
  done 2>/dev/null
  "$program" merge "$work/$n"/shard-*.sqlite -o "$work/$n.sqlite" >/dev/null
  "$program" results "$work/$n.sqlite" --front | cmp - "$work/front.csv"
  echo "$n shards, $kills kills, $((SECONDS - start)) s: the front is equal ($(wc -l <"$work/front.csv") lines, $(md5sum <"$work/front.csv" | cut -d' ' -f1))"
done
