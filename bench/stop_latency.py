#!/usr/bin/env python3
"""How soon a search ends when it is told to: seconds from the end of the budget, or from SIGINT or SIGTERM,
until the program has written its files and ended, the worst of several moments. On a loaded machine the
numbers are those of the load as well, so it is printed, and so is the CPU time from the signal on (to 10 ms).

Usage: stop_latency.py TESSERA [--runs N] [NAME...]
"""
import argparse
import os
import pathlib
import random
import signal
import subprocess
import tempfile
import time

TIGHT = """
architecture:
  name: tight
  clock: 1 GHz
  hierarchy:
    - {memory: DRAM, energy: 200 pJ/word}
    - {memory: Buffer, capacity: 40 B, energy: 6 pJ/word, keep: all}
    - fanout: PEs
      axes: {X: 16, Y: 16}
    - {memory: RF, capacity: 20 bit, energy: 1 pJ/word, keep: all}
    - {compute: MAC, energy: 1 pJ/operation}
"""
CASES = {
    "random": ["resnet50.conv3_x.3x3", "eyeriss-v1", "--algorithm", "random", "--samples", "1000000000"],
    "genetic": ["resnet50.conv3_x.3x3", "eyeriss-v1", "--algorithm", "genetic", "--samples",
                "1000000000", "--population", "1000"],
    "auto, imperfect": ["resnet50.conv3_x.3x3", "eyeriss-v1", "--samples", "1000000000"],
    "proof, imperfect, making options": ["resnet50.conv3_x.3x3", "eyeriss-v1", "--algorithm", "exhaustive"],
    "proof, perfect": ["2048", "s3", "--algorithm", "exhaustive", "--factors", "perfect"],
    "enumeration": ["small", "s3", "--algorithm", "exhaustive", "--space", "even"],
    "network": ["resnet50", "eyeriss-v1"],
    "diagnosis": ["resnet50.conv3_x.3x3", "TIGHT"],
    "hierarchical": ["resnet50.conv3_x.3x3", "simba-chiplet", "--space", "hierarchical"],
}
PROBLEMS = {
    "2048": "problem: {name: g, dimensions: {M: 2048, N: 49152, K: 12288}, operation: 'C[M,N] += A[M,K] * B[K,N]'}",
    "small": "problem: {name: g, dimensions: {M: 24, N: 36, K: 20}, operation: 'C[M,N] += A[M,K] * B[K,N]'}",
}
CODES = {signal.SIGINT: 130, signal.SIGTERM: 75}


def cpu_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--runs", type=int, default=4)
    parser.add_argument("names", nargs="*", metavar="NAME")
    arguments = parser.parse_args()
    draw = random.Random(1)
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        (folder / "TIGHT.yaml").write_text(TIGHT)
        for name, text in PROBLEMS.items():
            (folder / f"{name}.yaml").write_text(text + "\n")
        for name, words in CASES.items():
            if arguments.names and name not in arguments.names:
                continue
            words = [str(folder / f"{w}.yaml") if (folder / f"{w}.yaml").exists() else w for w in words]
            command = [arguments.program, "search", *words, "--quiet", "--out", str(folder / "out")]
            worst = {"budget": 0.0, "SIGINT": 0.0, "SIGTERM": 0.0, "CPU": 0.0}
            ended = 0
            for run in range(arguments.runs):
                after = draw.uniform(0.2, 3)
                begin = time.monotonic()
                done = subprocess.run([*command, "--budget", f"{int(after * 1000)}ms"],
                                      stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
                assert done.returncode == 0 or (done.returncode == 3), (done.returncode, done.stderr)
                worst["budget"] = max(worst["budget"], time.monotonic() - begin - after)
                for how in CODES:
                    process = subprocess.Popen(command, stdout=subprocess.DEVNULL,
                                               stderr=subprocess.DEVNULL)
                    time.sleep(after)
                    if process.poll() is not None:
                        ended += 1
                        continue
                    begin = time.monotonic()
                    used = cpu_seconds(process.pid)
                    process.send_signal(how)
                    _, status, usage = os.wait4(process.pid, 0)
                    took = time.monotonic() - begin
                    process.returncode = os.waitstatus_to_exitcode(status)
                    if process.returncode != CODES[how]:
                        assert process.returncode in (0, 3), (name, process.returncode)
                        ended += 1
                    worst["CPU"] = max(worst["CPU"], usage.ru_utime + usage.ru_stime - used)
                    worst[how.name] = max(worst[how.name], took)
            text = ", ".join(f"{key} {value:.3f} s" for key, value in worst.items())
            print(f"{name}: {text}" + (f" ({ended} had ended by themselves)" if ended else ""), flush=True)


if __name__ == "__main__":
    main()
