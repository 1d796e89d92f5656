#!/usr/bin/env python3
"""Draws the Pareto front of a front.csv, as `tessera search` and `tessera sweep` write it, to PNG and SVG.

Usage: scripts/plot_front.py FRONT.csv [--out BASE] [--x COLUMN] [--y COLUMN] [--color COLUMN]
Writes BASE.png and BASE.svg (BASE: the CSV's path without .csv). Needs matplotlib: apt-get install
python3-matplotlib. Exit code 2, with one line on what is wrong, where the CSV is no front.
"""

import argparse
import csv
import math
import os
import sys

# column: (words for the axis, base unit, factor from the column's unit to the base unit)
COLUMNS = {
    "energy_pJ": ("Energy", "J", 1e-12),
    "latency_s": ("Latency", "s", 1),
    "cycles": ("Cycles", "", 1),
    "area_mm2": ("Area", "mm²", None),  # no prefixes: a milli-square-millimetre is nobody's unit
    "edp_Js": ("Energy-delay product", "J·s", 1),
    "power_W": ("Power", "W", 1),
    "utilization": ("Utilization", "", None),
    "energy_pJ_per_op": ("Energy per operation", "J", 1e-12),
    "dram_words": ("DRAM traffic", "words", 1),
}
PREFIXES = {-15: "f", -12: "p", -9: "n", -6: "µ", -3: "m", 0: "", 3: "k", 6: "M", 9: "G", 12: "T"}
DARK, LIGHT, GUIDE = "#1b4965", "#9fb8c8", "#d9d9d9"


class PlotError(Exception):
    """A sentence for the user."""


def read_front(path, needed):
    """The rows of a front, with the numeric columns as numbers."""
    try:
        with open(path, newline="", encoding="utf-8") as file:
            reader = csv.DictReader(file)
            names = reader.fieldnames or []
            rows = list(reader)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        reason = error.strerror if isinstance(error, OSError) else "not a CSV file"
        raise PlotError(f"{path}: {reason}") from error
    if not names:
        raise PlotError(f"{path}: the file is empty")
    if "problem" not in names and "network" in names:  # of a network or a sweep
        for row in rows:
            row["problem"] = row["network"]
        names = [*names, "problem"]
    absent = [name for name in ("architecture", "problem", *needed) if name not in names]
    if absent:
        raise PlotError(f"{path}: no column '{absent[0]}'; expected a front.csv of `tessera search`")
    if not rows:
        raise PlotError(f"{path}: the front has no mapping")
    for number, row in enumerate(rows, start=2):
        for name in needed:
            row[name] = finite(row[name], f"{path}: row {number}: {name}")
    return rows


def finite(text, place):
    try:
        value = float(text)
    except (TypeError, ValueError):
        value = math.nan
    if not math.isfinite(value):
        raise PlotError(f"{place}: expected a number, got {text!r}")
    return value


class Scale:
    """A column in the unit that gives its largest value one to three digits before the point."""

    def __init__(self, column, rows):
        words, unit, factor = COLUMNS[column]
        values = [row[column] for row in rows]
        prefix = ""
        if factor is None:
            factor = 1
        elif (largest := max(map(abs, values)) * factor) > 0:
            exponent = min(max(3 * math.floor(math.log10(largest) / 3), min(PREFIXES)), max(PREFIXES))
            factor *= 10.0**-exponent
            prefix = PREFIXES[exponent]
        self.values = [value * factor for value in values]
        if unit == "words":  # a count: no prefix on a word that is no unit
            unit = {"": "words", "k": "thousand words", "M": "million words"}.get(prefix, prefix + "words")
            prefix = ""
        elif unit == "" and prefix:
            unit, prefix = {"k": "thousands", "M": "millions", "G": "billions"}.get(prefix, prefix), ""
        self.label = f"{words} ({prefix}{unit})" if prefix + unit else words


def best_front(points):
    """Of (x, y) pairs those that no other beats in both, by ascending x."""
    front = []
    for point in sorted(set(points)):
        if not front or point[1] < front[-1][1]:
            front.append(point)
    return front


def padded(values):
    """Axis limits with room around the values, also where they are all equal."""
    low, high = min(values), max(values)
    room = (high - low) * 0.08 or abs(high) * 0.05 or 1
    return low - room, high + room


def marker_size(count):
    """The area of a point in square points: many points are drawn smaller."""
    return min(26.0, max(4.0, 26.0 * 60 / count))


def common(rows, column):
    """What all rows say in a column, or how many different things they say."""
    names = sorted({row[column] for row in rows})
    return names[0] if len(names) == 1 else f"{len(names)} {column}s"


def subtitle(rows):
    certificates = {row.get("certificate", "") for row in rows}
    gaps = {row.get("gap", "") for row in rows}
    network = "network" in rows[0]  # a point is a mapping for each layer
    count = f"{len(rows):,} {'point' if network else 'mapping'}" + ("s" if len(rows) != 1 else "")
    if machines := {row["point"] for row in rows if row.get("on_front")}:
        count = f"{len(rows)} rows of {len(machines)} machine" + ("s" if len(machines) != 1 else "")
    if certificates == {"exact"} and machines:
        return f"{count}; proven: each machine's best"
    if certificates == {"exact"}:
        return f"{count}; proven: no {'choice of mappings' if network else 'mapping of the space'} is better"
    if certificates == {"bound"} and len(gaps) == 1:
        gap = finite(gaps.pop(), "gap")
        return f"{count}; proven to be within {100 * gap:.3g} % of the optimum"
    return f"{count}; best found, without a proof"


def draw(rows, options):
    import matplotlib
    matplotlib.use("Agg")
    matplotlib.rcParams.update({
        "font.size": 9, "axes.labelsize": 9, "axes.titlesize": 10, "svg.fonttype": "none",
        "svg.hashsalt": "tessera", "axes.spines.top": False, "axes.spines.right": False,
        "axes.linewidth": 0.8, "axes.formatter.useoffset": False})
    from matplotlib import pyplot
    from matplotlib.ticker import MaxNLocator

    x, y = Scale(options.x, rows), Scale(options.y, rows)
    figure, axes = pyplot.subplots(figsize=(5.2, 3.6), layout="constrained")
    x_limits, y_limits = padded(x.values), padded(y.values)
    front = best_front(zip(x.values, y.values))
    # from the upper edge down the stairs to the right edge: what lies above is beaten by the front
    corners_x = [front[0][0], *(point[0] for point in front), x_limits[1]]
    corners_y = [y_limits[1], *(point[1] for point in front), front[-1][1]]
    axes.fill_between(corners_x, corners_y, y_limits[1], step="post", color=LIGHT, alpha=0.18, linewidth=0)
    axes.step(corners_x, corners_y, where="post", color=LIGHT, linewidth=1.2, zorder=2)
    size = marker_size(len(rows))
    # All rims lie below all points: where points overlap they must not hide each other.
    axes.scatter(x.values, y.values, color="white", s=size * 1.5, zorder=3, linewidth=0)
    if options.color:
        color = Scale(options.color, rows)
        points = axes.scatter(x.values, y.values, c=color.values, cmap="viridis", s=size, zorder=4, linewidth=0)
        bar = figure.colorbar(points, ax=axes, pad=0.02)
        bar.set_label(color.label)
        bar.outline.set_linewidth(0.5)
    else:
        axes.scatter(x.values, y.values, color=DARK, s=size, zorder=4, linewidth=0)
    axes.set(xlabel=x.label, ylabel=y.label, xlim=x_limits, ylim=y_limits)
    axes.xaxis.set_major_locator(MaxNLocator(7, steps=[1, 2, 2.5, 5, 10], min_n_ticks=4))
    axes.yaxis.set_major_locator(MaxNLocator(7, steps=[1, 2, 2.5, 5, 10], min_n_ticks=4))
    axes.grid(color=GUIDE, linewidth=0.5, alpha=0.6)
    axes.set_axisbelow(True)
    axes.set_title(f"{common(rows, 'problem')} on {common(rows, 'architecture')}", loc="left", pad=18,
                   fontweight="bold")
    axes.text(0, 1.03, subtitle(rows), transform=axes.transAxes, fontsize=8, color="#555555")
    figure.get_layout_engine().set(w_pad=0.08, h_pad=0.08)
    figure.savefig(options.out + ".png", dpi=200, metadata={"Software": None})
    figure.savefig(options.out + ".svg", metadata={"Date": None})


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("csv", metavar="FRONT.csv")
    parser.add_argument("--out", metavar="BASE", help="write BASE.png and BASE.svg [the CSV's name]")
    parser.add_argument("--x", metavar="COLUMN", default="latency_s", choices=COLUMNS)
    parser.add_argument("--y", metavar="COLUMN", default="energy_pJ", choices=COLUMNS)
    parser.add_argument("--color", metavar="COLUMN", choices=COLUMNS, help="a third objective")
    options = parser.parse_args()
    options.out = options.out or options.csv.removesuffix(".csv")
    return options


def main():
    options = parse_options()
    try:
        needed = [column for column in (options.x, options.y, options.color) if column]
        rows = read_front(options.csv, needed)
        folder = os.path.dirname(options.out)
        if folder and not os.path.isdir(folder):
            raise PlotError(f"{folder}: no such folder")
        draw(rows, options)
    except PlotError as error:
        print(f"plot_front: {error}", file=sys.stderr)
        return 2
    except ModuleNotFoundError as error:
        print(f"plot_front: needs {error.name}: apt-get install python3-matplotlib", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"plot_front: {error.filename}: {error.strerror}", file=sys.stderr)
        return 1
    print(f"{options.out}.png")
    print(f"{options.out}.svg")
    return 0


if __name__ == "__main__":
    sys.exit(main())
