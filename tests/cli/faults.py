#!/usr/bin/env python3
"""What may happen to a file of results that is nobody's fault: a full disk, a folder or a file that may not be written to,
a lock, a file that was cut off, a foreign one, one of another version. Each has to end with its exit code and a sentence
that names the file, and nothing that was finished may be lost.

usage: faults.py PROGRAM LIBRARY   LIBRARY: kill_preload
"""
import os
import pathlib
import re
import resource
import shutil
import sqlite3
import subprocess
import sys
import tempfile

SPEC = """sweep:
  name: faults
  architecture: s3
  problem: {name: g, dimensions: {M: 4, N: 4, K: 4}, operation: 'C[M,N] += A[M,K] * B[K,N]'}
  vary: {PEs.X: [1, 2, 4]}
search: {factors: perfect, space: even, quiet: true}
"""
NOBODY = 65534


class Failed(Exception):
    pass


class Faults:
    def __init__(self, program, library, directory):
        self.program, self.library, self.directory = program, library, pathlib.Path(directory)

    def run(self, *arguments, env=None, before=None):
        return subprocess.run([self.program, *arguments], cwd=self.directory, env=dict(os.environ) | (env or {}),
                              preexec_fn=before, capture_output=True, text=True, stdin=subprocess.DEVNULL)

    def good(self, *arguments):
        done = self.run(*arguments)
        if done.returncode != 0:
            raise Failed(f"`tessera {' '.join(arguments)}` ends with {done.returncode}: {done.stderr}")
        return done.stdout

    def bad(self, code, words, *arguments, **how):
        done = self.run(*arguments, **how)
        if done.returncode != code or not re.search(words, done.stderr) or done.stdout:
            raise Failed(f"`tessera {' '.join(arguments)}`: expected exit {code} and '{words}', got {done.returncode}: "
                         f"{done.stderr}{done.stdout}")

    def csv(self, directory):
        return self.good("results", f"{directory}/sweep.sqlite", "--csv")

    def copy(self, name):
        shutil.copytree(self.directory / "whole", self.directory / name)
        return self.directory / name / "sweep.sqlite"


def full_disk(faults, whole):
    """No room from some write on, any of them: what is there is read, and with room again it goes on."""
    at = 1
    while True:
        out = f"full-{at}"
        done = faults.run("sweep", "s.yaml", "--out", out,
                          env={"LD_PRELOAD": faults.library, "KILL_AT": str(at), "KILL_HOW": "full"})
        if done.returncode == 0:
            break
        if done.returncode != 1 or not re.search("disk is full|No space left", done.stderr):
            raise Failed(f"full from change {at}: ends with {done.returncode}: {done.stderr}")
        if (faults.directory / out / "sweep.sqlite").exists():
            faults.good("sweep", "--status", out)
        faults.good("sweep", "s.yaml", "--out", out, "--resume")
        if faults.csv(out) != whole:
            raise Failed(f"full from change {at}: the results differ")
        at += 3
    if at < 20:
        raise Failed(f"only {at} changes of files")


def file_size_limit(faults, whole):
    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (30000, 30000))
    faults.bad(1, "'limit/sweep.sqlite': File too large", "sweep", "s.yaml", "--out", "limit", before=limit)
    faults.good("sweep", "s.yaml", "--out", "limit", "--resume")
    if faults.csv("limit") != whole:
        raise Failed("the results differ after a limit on the size of files")


def read_only(faults, whole):
    def nobody():
        if os.getuid() == 0:
            os.setgroups([])
            os.setgid(NOBODY)
            os.setuid(NOBODY)
    if faults.run("--version", before=nobody).returncode != 0:
        raise PermissionError
    file = faults.copy("locked-up")
    file.chmod(0o444)
    file.parent.chmod(0o555)
    faults.bad(1, "cannot make the directory 'locked-up/out'.*Permission denied", "sweep", "s.yaml", "--out",
               "locked-up/out", before=nobody)
    faults.bad(1, "cannot write 'locked-up/.*Permission denied", "sweep", "s.yaml", "--out", "locked-up", "--resume",
               before=nobody)
    faults.bad(1, "cannot open 'locked-up/all.sqlite", "merge", "locked-up/sweep.sqlite", "-o", "locked-up/all.sqlite",
               before=nobody)
    if faults.run("results", "locked-up/sweep.sqlite", "--csv", before=nobody).stdout != whole:
        raise Failed("results in a folder that may not be written to are not read")


def locked(faults, whole):
    file = faults.copy("locked")
    connection = sqlite3.connect(file, isolation_level=None)
    connection.execute("PRAGMA locking_mode=EXCLUSIVE")
    connection.execute("BEGIN EXCLUSIVE")
    faults.bad(1, "'locked/sweep.sqlite' has been locked by another program", "results", "locked/sweep.sqlite")
    connection.close()
    if faults.csv("locked") != whole:
        raise Failed("the results differ after a lock")


def damaged(faults, _):
    for name, size in (("head", 100), ("page", 4096), ("half", None)):
        file = faults.copy(f"cut-{name}")
        os.truncate(file, size or file.stat().st_size // 2)
        for command in (("results", f"cut-{name}/sweep.sqlite"), ("sweep", "--status", f"cut-{name}"),
                        ("sweep", "s.yaml", "--out", f"cut-{name}", "--resume")):
            faults.bad(1, f"'cut-{name}/sweep.sqlite' is damaged", *command)


def foreign(faults, _):
    other = faults.copy("other")
    other.unlink()
    connection = sqlite3.connect(other)
    connection.execute("CREATE TABLE points(a)")
    connection.close()
    text = faults.copy("text")
    text.write_text("not a database, whatever its name says\n" * 100)
    newer = faults.copy("newer")
    connection = sqlite3.connect(newer)
    connection.execute("UPDATE meta SET value = 'tessera.sweep/99' WHERE key = 'schema'")
    connection.commit()
    connection.close()
    for name, words in (("other", "'other/sweep.sqlite' is no file of results of a sweep"),
                        ("text", "'text/sweep.sqlite' is no file of results"),
                        ("newer", "'newer/sweep.sqlite' was written by version .*'tessera.sweep/99'")):
        before = (faults.directory / name / "sweep.sqlite").read_bytes()
        for command in (("results", f"{name}/sweep.sqlite"), ("sweep", "--status", name),
                        ("merge", f"{name}/sweep.sqlite", "-o", f"{name}/all.sqlite"),
                        ("sweep", "s.yaml", "--out", name, "--resume"), ("sweep", "s.yaml", "--out", name)):
            expected = "is there already" if command[-1] == name and command[1] == "s.yaml" else words
            faults.bad(2, expected, *command)
        if (faults.directory / name / "sweep.sqlite").read_bytes() != before:
            raise Failed(f"{name}: the file was changed")
    faults.bad(2, "'whole' is a directory", "results", "whole")


def main():
    program, library = (str(pathlib.Path(a).resolve()) for a in sys.argv[1:3])
    with tempfile.TemporaryDirectory() as directory:
        os.chmod(directory, 0o755)
        pathlib.Path(directory, "s.yaml").write_text(SPEC)
        faults = Faults(program, library, directory)
        faults.good("sweep", "s.yaml", "--out", "whole")
        whole = faults.csv("whole")
        for fault in (full_disk, file_size_limit, read_only, locked, damaged, foreign):
            try:
                fault(faults, whole)
                print(f"{fault.__name__}: told, nothing lost")
            except Failed as failed:
                print(f"faults: {fault.__name__}: {failed}")
                return 1
            except PermissionError:
                print(f"{fault.__name__}: not tried: another user cannot run {program}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
