#!/usr/bin/env python3
"""Runs the `$ tessera ...` lines of a document's code blocks, in their order in one directory, and compares
what they print with what the document says. There, `...` stands for anything in a line, and a line of its own
for any lines; a block may end before the output does. All commands must succeed.

Usage: documented.py TESSERA FILE...
"""
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile


def transcripts(text):
    """(command, lines said to be printed), in order."""
    for block in re.findall(r"^```\n(.*?)^```", text, re.DOTALL | re.MULTILINE):
        found = []
        for line in block.splitlines():
            if line.startswith("$ tessera "):
                found.append((line[2:], []))
            elif found:
                found[-1][1].append(line)
        yield from found


def first_difference(said, printed):
    """The first line of `said` that is not printed where it should be; None if there is none."""
    at = 0
    anywhere = False
    for line in said:
        if line.strip() == "...":
            anywhere = True
            continue
        pattern = re.compile(".*".join(re.escape(part) for part in line.split("...")))
        places = range(at, len(printed)) if anywhere else range(at, min(at + 1, len(printed)))
        place = next((i for i in places if pattern.fullmatch(printed[i])), None)
        if place is None:
            return line
        at = place + 1
        anywhere = False
    return None


def main():
    program = pathlib.Path(sys.argv[1]).resolve()
    commands = compared = failures = 0
    for name in sys.argv[2:]:
        text = pathlib.Path(name).read_text(encoding="utf-8")
        with tempfile.TemporaryDirectory() as directory:
            for command, said in transcripts(text):
                words = shlex.split(command, comments=True)
                done = subprocess.run([program, *words[1:]], cwd=directory, capture_output=True,
                                      text=True, check=False)
                commands += 1
                compared += len(said)
                wrong = first_difference(said, done.stdout.splitlines())
                if done.returncode != 0 or wrong is not None:
                    failures += 1
                    print(f"{name}: {command}\n  exit code {done.returncode}")
                    print(f"  not printed as said: {wrong!r}\n{done.stdout}{done.stderr}")
    print(f"{commands} commands, {compared} lines compared, {failures} failed")
    sys.exit(1 if failures or commands == 0 or compared == 0 else 0)


main()
