"""scripts/plot_front.py must answer a missing, empty or foreign CSV with one line and exit code 2, and draw a good
one where matplotlib is there."""

import subprocess
import sys
import tempfile
from pathlib import Path

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "plot_front.py"
HEADING = ("architecture,problem,energy_pJ,cycles,latency_s,area_mm2,edp_Js,power_W,utilization,"
           "energy_pJ_per_op,dram_words,algorithm,certificate,gap,seed,mapping\n")
ROWS = ("a,p,2e9,100,1e-3,1,2e-6,2,1,1,10,random,none,,0,m\n"
        "a,p,1e9,200,2e-3,1,2e-6,1,1,1,10,random,none,,0,m\n")

# (text of the CSV, None for no file; what the line must say)
BAD = [
    (None, "No such file"),
    ("", "the file is empty"),
    (HEADING, "the front has no mapping"),
    ("a,b\n1,2\n", "no column 'architecture'"),
    (HEADING.replace("energy_pJ,", "", 1) + ROWS, "no column 'energy_pJ'"),
    (HEADING + ROWS.replace("2e9", "much"), "row 2: energy_pJ: expected a number, got 'much'"),
    (HEADING + ROWS.replace("1e9", "nan"), "row 3: energy_pJ: expected a number, got 'nan'"),
    (HEADING + "a,p\n", "row 2: latency_s: expected a number, got None"),
    (b"\xff\xfe\x00", "not a CSV file"),
]


def run(folder, text, *arguments):
    path = Path(folder, "front.csv")
    if isinstance(text, bytes):
        path.write_bytes(text)
    elif text is not None:
        path.write_text(text, encoding="utf-8")
    return subprocess.run([sys.executable, SCRIPT, path, *arguments],
                          capture_output=True, text=True, check=False)


def main():
    for text, expected in BAD:
        with tempfile.TemporaryDirectory() as folder:
            done = run(folder, text)
            assert done.returncode == 2, (text, done)
            assert done.stderr.count("\n") == 1 and expected in done.stderr, (text, done.stderr)
            assert done.stderr.startswith("plot_front: ") and not done.stdout, done
            assert not list(Path(folder).glob("front.[ps]*")), "drew a picture of a bad front"
    with tempfile.TemporaryDirectory() as folder:
        done = run(folder, HEADING + ROWS, "--color", "power_W")
        try:
            import matplotlib  # pylint: disable=unused-import,import-outside-toplevel
        except ModuleNotFoundError:
            assert done.returncode == 1 and "python3-matplotlib" in done.stderr, done
            print("matplotlib is not installed: only the refusals were tested")
            return
        assert done.returncode == 0, done
        assert Path(folder, "front.png").read_bytes().startswith(b"\x89PNG")
        svg = Path(folder, "front.svg").read_text(encoding="utf-8")
        for label in ("Latency (ms)", "Energy (mJ)", "Power (W)", "p on a"):
            assert label in svg, label
    # Points that overlap must be seen: rims that hid them made a dense front white.
    dense = "".join(f"m,n,{1e9 * (1 + 1 / (1 + i / 1500) ** 2)},{1e-3 * (1 + i / 1500)},exact,0\n" for i in range(3000))
    with tempfile.TemporaryDirectory() as folder:
        done = run(folder, "architecture,network,energy_pJ,latency_s,certificate,gap\n" + dense)
        assert done.returncode == 0, done
        from matplotlib import image  # pylint: disable=import-outside-toplevel
        picture = image.imread(Path(folder, "front.png"))
        dark = ((abs(picture[:, :, :3] - [0x1b / 255, 0x49 / 255, 0x61 / 255]) < 0.02).all(axis=2)).sum()
        assert dark > 3000, f"{dark} pixels of the points' colour"


main()
