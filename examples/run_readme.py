#!/usr/bin/env python3
"""Runs the commands of an example's README, in a copy of its folder, and compares what they print with what it says.

Usage: run_readme.py PROGRAM FOLDER. Commands stand in the README's code blocks behind `$ `, what they print below them; a
line `...` stands for any lines. `#` behind a command starts a comment.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path


def matches(expected, actual):
    if not expected:
        return not actual
    if expected[0] == "...":
        return any(matches(expected[1:], actual[skip:]) for skip in range(len(actual) + 1))
    return bool(actual) and expected[0] == actual[0] and matches(expected[1:], actual[1:])


def main():
    program, folder = Path(sys.argv[1]).resolve(), Path(sys.argv[2])
    readme = (folder / "README.md").read_text(encoding="utf-8")
    commands = []
    for block in re.findall(r"```\n(.*?)```", readme, re.DOTALL):
        for line in block.splitlines():
            if line.startswith("$ "):
                commands.append((line[2:], []))
            elif commands:
                commands[-1][1].append(line.rstrip())
    if not commands:
        sys.exit(f"{folder}/README.md has no commands")
    with tempfile.TemporaryDirectory() as work:
        shutil.copytree(folder, work, dirs_exist_ok=True)
        os.symlink(program, Path(work, "tessera"))
        env = {**os.environ, "PATH": f"{work}:{os.environ['PATH']}"}
        for command, expected in commands:
            run = subprocess.run(["sh", "-c", command], cwd=work, env=env, capture_output=True, text=True, check=False)
            actual = [line.rstrip() for line in run.stdout.splitlines()]
            if run.returncode != 0 or not matches(expected, actual):
                sys.exit(f"{folder}: `{command}` ends with {run.returncode} and prints\n{run.stdout}{run.stderr}")
    print(f"{len(commands)} commands")


if __name__ == "__main__":
    main()
