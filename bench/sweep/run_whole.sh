#!/bin/bash
# Runs a sweep to its end on two threads (THREADS for another number) and prints what it came to: time, CPU time, peak memory,
# points, skipped, rows of the front; OUT gets sweep.sqlite, front.csv, and a plot where matplotlib is installed.
# Usage: run_whole.sh PROGRAM SWEEP.yaml OUT [OPTION ...]; the 200 machines: run_whole.sh build/tessera bench/sweep/resnet50.yaml out
set -eu
program=$1
spec=$2
out=$3
shift 3
here=$(cd "$(dirname "$0")" && pwd)
[ -n "$(command -v /usr/bin/time)" ] || { echo "run_whole: needs GNU time (apt-get install time)" >&2; exit 1; }
mkdir -p "$out"
/usr/bin/time -o "$out/time.txt" -f '%e s of the clock, %U s of CPU time, %M KiB at most' \
  "$program" sweep "$spec" --threads "${THREADS:-2}" --quiet --out "$out" "$@" >"$out/report.txt"
sed -n '1,/^front/p' "$out/report.txt"
cat "$out/time.txt"
"$program" results "$out/sweep.sqlite" --sql \
  'SELECT count(*) AS points, count(skipped_by) AS skipped, sum(certificate = "exact") AS proven, round(sum(seconds)) AS seconds_on_a_thread FROM points'
python=
for candidate in python3 /usr/bin/python3; do  # a python of its own may stand before the distribution's
  if [ -z "$python" ] && "$candidate" -c 'import matplotlib' 2>/dev/null; then
    python=$candidate
  fi
done
if [ -n "$python" ]; then
  "$python" "$here/../../scripts/plot_front.py" "$out/front.csv" --x latency_s --y energy_pJ --color area_mm2
else
  echo "no plot: matplotlib is not installed (apt-get install python3-matplotlib)"
fi
ls -l "$out"
