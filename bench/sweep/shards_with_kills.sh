#!/bin/bash
# Runs a sweep as a whole and in 3 and 8 shards that are killed without warning again and again, at random moments of up to
# MOST seconds, and compares the fronts byte for byte. Usage: shards_with_kills.sh PROGRAM SWEEP.yaml [MOST] (default 5)
set -eu
program=$(readlink -f "$1")
spec=$(readlink -f "$2")
most=${3:-5}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
RANDOM=8
"$program" sweep "$spec" --quiet --out "$work/1" >/dev/null
for n in 3 8; do
  kills=0
  for i in $(seq 0 $((n - 1))); do
    until timeout -s KILL "$(awk -v most="$most" -v r=$RANDOM 'BEGIN {print 0.01 + most * r / 32768}')" \
      "$program" sweep "$spec" --quiet --shard "$i/$n" --resume --out "$work/$n" >/dev/null 2>"$work/err"; do
      [ ! -s "$work/err" ] || { cat "$work/err" >&2; exit 1; }
      kills=$((kills + 1))
    done
  done 2>/dev/null
  "$program" merge "$work/$n"/shard-*.sqlite -o "$work/$n.sqlite" >/dev/null
  "$program" results "$work/$n.sqlite" --front | cmp - "$work/1/front.csv"
  echo "$n shards, $kills kills: the front is equal"
done
