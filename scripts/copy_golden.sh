#!/bin/sh
# Copies the reference numbers and Timeloop's own exercises into tests/golden, where the golden tests read
# them. Usage: scripts/copy_golden.sh [FROM]; FROM is ../shared beside the repository unless given.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
from=${1:-$root/../shared}
for folder in golden/timeloop third-party/timeloop-exercises; do
  if [ ! -d "$from/$folder" ]; then
    echo "copy_golden.sh: no folder $from/$folder" >&2
    exit 1
  fi
  name=${folder##*/}
  rm -rf "$root/tests/golden/$name"
  mkdir -p "$root/tests/golden/$name"
  cp -R "$from/$folder/." "$root/tests/golden/$name/"
done
cp "$from/golden/README.md" "$root/tests/golden/README.md"
