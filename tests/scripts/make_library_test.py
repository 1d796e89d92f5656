"""scripts/make_library.py --check must see a changed, a missing and a foreign file."""

import subprocess
import sys
import tempfile
from pathlib import Path

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "make_library.py"


def run(*arguments):
    done = subprocess.run([sys.executable, SCRIPT, *arguments], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def main():
    with tempfile.TemporaryDirectory() as folder:
        code, output = run("--out", folder)
        assert code == 0, output
        code, output = run("--out", folder, "--check")
        assert code == 0, output
        changed = Path(folder, "resnet50.conv3_x.3x3.yaml")
        changed.write_text(changed.read_text(encoding="utf-8").replace("K: 128", "K: 64"), encoding="utf-8")
        Path(folder, "gemm-256.yaml").unlink()
        Path(folder, "other.yaml").write_text("problem: {}\n", encoding="utf-8")
        code, output = run("--out", folder, "--check")
        lines = output.splitlines()
        assert code == 1 and len(lines) == 3, output
        assert "gemm-256.yaml: missing" in lines[0], output
        assert "other.yaml: not made by" in lines[1], output
        assert "resnet50.conv3_x.3x3.yaml: differs" in lines[2], output


main()
