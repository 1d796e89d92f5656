#!/usr/bin/env python3
"""Runs an example as its first comment says, and compares what comes out with what the comment promises.

Usage: run_example.py PROGRAM EXAMPLE.yaml, in the repository's root. The comment holds
  # $ tessera evaluate EXAMPLE.yaml ...       the command
  # => energy_pJ 125698048, words GLB 393216  values of its JSON; `words` are all that a memory moves
"""

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path


def words(evaluation, memory):
    """All words that a memory reads and writes."""
    level = next(level for level in evaluation["levels"] if level["name"] == memory)
    return sum(counts[action] for counts in level["tensors"].values()
               for action in ("reads", "fills", "updates", "drains"))


def main():
    program, example = sys.argv[1:]
    text = Path(example).read_text(encoding="utf-8")
    command = re.search(r"^# \$ tessera (.*)$", text, re.MULTILINE)
    promised = re.search(r"^# => (.*)$", text, re.MULTILINE)
    if not command or not promised:
        sys.exit(f"{example}: no line '# $ tessera ...' or no line '# => ...'")
    run = subprocess.run([program, *shlex.split(command[1]), "--format", "json"],
                         capture_output=True, text=True, check=False)
    if run.returncode != 0:
        sys.exit(f"{example}: exit code {run.returncode}\n{run.stdout}{run.stderr}")
    evaluation = json.loads(run.stdout)
    wrong = []
    for promise in promised[1].split(", "):
        *key, value = promise.split()
        found = words(evaluation, key[1]) if key[0] == "words" else evaluation[key[0]]
        print(f"{' '.join(key)}: {found}")
        if abs(found - float(value)) > 1e-12 * abs(float(value)):
            wrong.append(f"{example}: {' '.join(key)} is {found}, expected {value}")
    sys.exit("\n".join(wrong) or 0)


if __name__ == "__main__":
    main()
