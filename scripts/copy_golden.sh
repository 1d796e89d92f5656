#!/bin/sh
# Copies the reference numbers into tests/golden, where the golden test reads them.
# Usage: scripts/copy_golden.sh [FROM]; FROM is ../shared/golden beside the repository unless given.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
from=${1:-$root/../shared/golden}
if [ ! -d "$from/timeloop" ]; then
  echo "copy_golden.sh: no folder $from/timeloop" >&2
  exit 1
fi
rm -rf "$root/tests/golden/timeloop"
mkdir -p "$root/tests/golden/timeloop"
cp "$from/README.md" "$root/tests/golden/README.md"
cp -R "$from/timeloop/." "$root/tests/golden/timeloop/"
