#!/usr/bin/env python3
"""Ends searches at random moments, goes on with --resume each time, and compares the files in the end
with those of a search that was never ended: byte for byte. Signals in turn: SIGKILL, which leaves no
time for anything, SIGTERM and SIGINT, after which the exit code must be 75 or 130 and the files whole.

The moments are shares of the time that the search takes when it is left alone, so the test does the
same on a slow machine, and nothing in it depends on how long anything takes.

Usage: kill_and_resume.py TESSERA [--kills N] [--seed N]
"""
import argparse
import csv
import difflib
import json
import pathlib
import random
import signal
import subprocess
import tempfile
import time

NETWORK = """
network:
  name: two
  layers:
    - {problem: gemm-256, repeat: 2}
    - problem: {name: g, dimensions: {M: 96, N: 60, K: 64}, operation: 'C[M,N] += A[M,K] * B[K,N]'}
"""
CASES = {
    "random": ["gemm-256", "s3", "--algorithm", "random", "--samples", "150000"],
    "genetic": ["resnet50.conv3_x.3x3", "eyeriss-v1", "--algorithm", "genetic", "--samples", "150000"],
    "exact": ["resnet50.conv3_x.1x1a", "s3", "--factors", "perfect", "--objectives",
              "energy,latency,edp"],
    "limits": ["gemm-256", "s3", "--factors", "perfect", "--limits", "latency=70us"],
    "auto": ["alexnet.conv3", "eyeriss-v1", "--samples", "100000"],
    "network": ["NETWORK", "s3", "--factors", "perfect", "--samples", "20000"],
}
EXPECTED = {signal.SIGKILL: {-signal.SIGKILL}, signal.SIGTERM: {75}, signal.SIGINT: {130}}


FILES = ("front.csv", "front.json", "best.mapping.yaml", "layers.csv")


def results(directory):
    """SIGKILL may leave a file under the temporary name that it is written to, besides these."""
    return {name: (directory / name).read_bytes() for name in FILES if (directory / name).exists()}


def compare(broken, alone, what):
    mine, wanted = results(broken), results(alone)
    for name in sorted(mine.keys() | wanted.keys()):
        a, b = (f.get(name, b"").decode().splitlines() for f in (wanted, mine))
        difference = "\n".join(list(difflib.unified_diff(a, b, "alone", "resumed", n=1))[:40])
        assert a == b and not difference, f"{what}: {name} differs\n{difference}"


def check_files(directory, name):
    """What a search that was ended leaves is whole and says what it is worth."""
    front = directory / "front.json"
    if not front.exists():
        assert name == "network", "a search that was ended in order leaves its files"
        return
    document = json.loads(front.read_text())
    if name != "network":
        assert document["certificate"] in ("none", "bound", "exact"), document["certificate"]
        rows = list(csv.DictReader((directory / "front.csv").open()))
        assert len(rows) == len(document["points"])
        assert all(row["certificate"] == document["certificate"] and row["mapping"] for row in rows)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    draw = random.Random(arguments.seed)
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        (folder / "network.yaml").write_text(NETWORK)
        kills = 0
        for number, (name, words) in enumerate(CASES.items()):
            words = [str(folder / "network.yaml") if w == "NETWORK" else w for w in words]
            command = [arguments.program, "search", *words, "--quiet"]
            alone = folder / f"{name}-alone"
            begin = time.monotonic()
            subprocess.run([*command, "--out", alone], check=True, stdout=subprocess.DEVNULL)
            took = time.monotonic() - begin
            wanted = arguments.kills * (number + 1) // len(CASES)
            mine = runs = 0
            while kills < wanted or mine == 0:
                runs += 1
                broken = folder / f"{name}-{runs}"
                ended = 0
                while True:
                    last = kills >= wanted
                    process = subprocess.Popen(
                        [*command, "--out", broken, "--resume", "--threads", str(1 + kills % 3)],
                        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
                    if not last:
                        time.sleep(draw.uniform(0.1, 0.8) * took)
                        how = list(EXPECTED)[kills % len(EXPECTED)]
                        process.send_signal(how)
                    errors = process.communicate()[1]
                    if process.returncode == 0:
                        break
                    assert not last and process.returncode in EXPECTED[how] | {-how}, (
                        name, process.returncode, errors)
                    if process.returncode > 0:
                        check_files(broken, name)
                    kills += 1
                    ended += 1
                mine += ended
                compare(broken, alone, f"{name}: ended {ended} times")
                print(f"{name}: ended {ended} times, the same files", flush=True)
                assert not (broken / "state.sqlite").exists(), "nothing is left to go on with"
        print(f"ended {kills} times in all")


if __name__ == "__main__":
    main()
