"""The README's specs, put together, must be a whole experiment that the program evaluates (a network stands for itself),
and the commands it names must exist. Usage: readme_test.py PROGRAM, in the repository's root."""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path


def main():
    program = sys.argv[1]
    readme = Path("README.md").read_text(encoding="utf-8")
    specs = re.findall(r"```yaml\n(.*?)```", readme, re.DOTALL)
    networks = [spec for spec in specs if spec.startswith("network:")]
    specs = [spec for spec in specs if spec not in networks]
    assert (len(specs), len(networks)) == (3, 1), f"{len(specs)} specs, {len(networks)} networks"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "readme.yaml")
        path.write_text("".join(specs), encoding="utf-8")
        subprocess.run([program, "evaluate", path], check=True, stdout=subprocess.DEVNULL)
        for network in networks:
            path.write_text(network, encoding="utf-8")
            subprocess.run([program, "check", path], check=True, stdout=subprocess.DEVNULL)
    for command in set(re.findall(r"`tessera ([a-z]+)", readme)):
        subprocess.run([program, command, "--help"], check=True, stdout=subprocess.DEVNULL)
    for script in set(re.findall(r"\b(?:scripts|\.ci)/[a-z_-]+(?:\.py)?", readme)):
        assert os.access(script, os.X_OK), f"{script} is no program"
    for name in set(re.findall(r"`((?:docs|spec|problems|arch|mapper|model|search|app|tests|examples|bench)/[\w./-]*)`", readme)):
        assert Path(name).exists(), f"{name} does not exist"


main()
