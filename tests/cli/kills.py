#!/usr/bin/env python3
"""Kills a sweep by SIGKILL at its changes of files, one after the other: before, in the middle of, and after it. What is
left must be read by `results` and `--status`, --resume must go on from it (and be killed again at another change), and
the end must be byte-equal to the sweep that nobody killed; so must what two shards, killed too, are merged to.

usage: kills.py PROGRAM LIBRARY [STRIDE]   LIBRARY: kill_preload; STRIDE: every how many changes (1: all of them)
"""
import os
import pathlib
import subprocess
import sys
import tempfile

SPEC = """sweep:
  name: kills
  architecture: s3
  problem: {name: g, dimensions: {M: 4, N: 4, K: 4}, operation: 'C[M,N] += A[M,K] * B[K,N]'}
  vary: {PEs.X: [1, 2, 4]}
search: {factors: perfect, space: even, quiet: true}
"""
KILLED = -9


class Failed(Exception):
    pass


class Sweep:
    def __init__(self, program, library, directory):
        self.program, self.library, self.directory = program, library, directory

    def run(self, *arguments, kill_at=None, how="before"):
        env = dict(os.environ)
        if kill_at:
            env |= {"LD_PRELOAD": self.library, "KILL_AT": str(kill_at), "KILL_HOW": how}
        return subprocess.run([self.program, *arguments], cwd=self.directory, env=env, capture_output=True,
                              stdin=subprocess.DEVNULL)

    def good(self, *arguments, codes=(0,)):
        done = self.run(*arguments)
        if done.returncode not in codes:
            raise Failed(f"`tessera {' '.join(arguments)}` ends with {done.returncode}: {done.stderr.decode()}")
        return done.stdout


def check_file(sweep, directory, name):
    """What a kill left: no file yet, or one that everybody reads."""
    path = pathlib.Path(sweep.directory, directory, name)
    if path.exists():
        sweep.good("results", str(path), "--csv")
        sweep.good("sweep", "--status", directory)


def one_kill(sweep, whole, at, how):
    """Whether the run was alive at the change; else it has fewer changes."""
    directory = f"out-{at}-{how}"
    first = sweep.run("sweep", "s.yaml", "--out", directory, kill_at=at, how=how)
    if first.returncode not in (0, KILLED):
        raise Failed(f"ends with {first.returncode}: {first.stderr.decode()}")
    check_file(sweep, directory, "sweep.sqlite")
    # Killed once more, at some other change, while it goes on.
    sweep.run("sweep", "s.yaml", "--out", directory, "--resume", kill_at=1 + at * 7 % 40, how=how)
    check_file(sweep, directory, "sweep.sqlite")
    sweep.good("sweep", "s.yaml", "--out", directory, "--resume")
    if sweep.good("results", f"{directory}/sweep.sqlite", "--csv") != whole:
        raise Failed("the results differ from those of the sweep that was not killed")
    return first.returncode == KILLED


def merge_kill(sweep, whole, at, how):
    target = f"all-{at}-{how}.sqlite"
    killed = sweep.run("merge", "s/shard-00000-of-00002.sqlite", "s/shard-00001-of-00002.sqlite", "-o", target, kill_at=at,
                       how=how).returncode == KILLED
    if not pathlib.Path(sweep.directory, target).exists():
        sweep.good("merge", "s/shard-00000-of-00002.sqlite", "s/shard-00001-of-00002.sqlite", "-o", target)
    if sweep.good("results", target, "--csv") != whole:
        raise Failed("the merged results differ")
    return killed


def kill_everywhere(kill, sweep, whole, stride):
    kills = 0
    hows = ("torn", "before", "after")
    at = 1
    while True:
        # With a stride of 1 all three ways at each change, else one of them in turn.
        results = []
        for how in hows if stride == 1 else hows[at // stride % 3:][:1]:
            try:
                results.append(kill(sweep, whole, at, how))
            except Failed as failed:
                raise Failed(f"killed {how} its change {at}: {failed}") from failed
        kills += sum(results)
        if not any(results):
            return kills
        at += stride


def main():
    program, library = (str(pathlib.Path(a).resolve()) for a in sys.argv[1:3])
    stride = int(sys.argv[3]) if len(sys.argv) > 3 else 5
    with tempfile.TemporaryDirectory() as directory:
        pathlib.Path(directory, "s.yaml").write_text(SPEC)
        sweep = Sweep(program, library, directory)
        sweep.good("sweep", "s.yaml", "--out", "whole")
        whole = sweep.good("results", "whole/sweep.sqlite", "--csv")
        try:
            kills = kill_everywhere(one_kill, sweep, whole, stride)
            for shard in ("0/2", "1/2"):
                sweep.run("sweep", "s.yaml", "--out", "s", "--shard", shard, kill_at=30, how="torn")
                sweep.good("sweep", "s.yaml", "--out", "s", "--shard", shard, "--resume")
            merges = kill_everywhere(merge_kill, sweep, whole, stride)
        except Failed as failed:
            print(f"kills: {failed}")
            return 1
    print(f"{kills} kills of a sweep and {merges} of a merging; all went on")
    return 0 if kills > 5 and merges > 5 else 1


if __name__ == "__main__":
    sys.exit(main())
