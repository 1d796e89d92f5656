#!/usr/bin/env python3
"""Runs a sweep to its end and prints how much memory the program had had at most when so many points were finished: flat
is as it should be, since finished points are in the file alone.

usage: memory.py PROGRAM SWEEP.yaml [OPTION ...]   OPTION: for `tessera sweep`, such as --threads 1 --all-points
"""
import pathlib
import re
import subprocess
import sys
import tempfile
import time

MARKS = (1000, 2000, 5000, 10000)


def peak(process):
    """KiB, or none once it has ended."""
    try:
        found = re.search(r"VmHWM:\s+(\d+) kB", pathlib.Path(f"/proc/{process.pid}/status").read_text())
    except FileNotFoundError:
        return None
    return int(found[1]) if found else None


def finished(program, directory):
    status = subprocess.run([program, "sweep", "--status", directory], capture_output=True, text=True).stdout
    found = re.search(r"^sweep\.sqlite +([\d,]+) ", status, re.M)
    return int(found[1].replace(",", "")) if found else 0


def main():
    program = str(pathlib.Path(sys.argv[1]).resolve())
    with tempfile.TemporaryDirectory() as directory:
        out = f"{directory}/out"
        start = time.monotonic()
        process = subprocess.Popen([program, "sweep", *sys.argv[2:], "--quiet", "--out", out],
                                   stdout=subprocess.DEVNULL)
        print("points,peak_MiB,seconds", flush=True)
        marks = list(MARKS)
        last = 0
        while process.poll() is None:
            time.sleep(0.5)
            kib = peak(process)
            last = kib or last
            points = finished(program, out)
            while marks and points >= marks[0] and kib:
                print(f"{points},{kib / 1024:.1f},{time.monotonic() - start:.0f}", flush=True)
                marks = [mark for mark in marks if mark > points]
        print(f"{finished(program, out)},{last / 1024:.1f},{time.monotonic() - start:.0f}")
        return process.returncode


if __name__ == "__main__":
    sys.exit(main())
