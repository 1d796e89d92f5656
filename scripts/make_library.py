#!/usr/bin/env python3
"""Writes problems/library/*.yaml from the layer tables problems/workloads/*.csv.

One file a layer name: repeated blocks of a network share a name, and must then share a shape. Usage:
  scripts/make_library.py [--out DIR]     write all files (default: problems/library)
  scripts/make_library.py --check         exit 1, and say where, if the files are not what would be written
In both cases every file's operations are counted again from its text and compared with the table.
"""

import argparse
import csv
import math
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WORKLOADS = ROOT / "problems" / "workloads"
BITS = 16  # of every value: a choice of this library, not of the tables


class Network:
    """A table, and what it and its layers are called here."""

    def __init__(self, table, prefix, title, rename=lambda row: row["name"]):
        self.table, self.prefix, self.title, self.rename = table, prefix, title, rename


def resnet50_name(row):
    """torchvision's layer2.1.conv2 -> conv3_x.3x3, the name in table 1 of He et al."""
    match = re.fullmatch(r"layer(\d)\.(\d)\.(conv\d|down)", row["name"])
    if not match:
        return row["name"]
    stage, block, part = int(match[1]) + 1, int(match[2]), match[3]
    kind = {"conv1": "1x1a", "conv2": "3x3", "conv3": "1x1b", "down": "down"}[part]
    if kind == "1x1a" and block == 0:
        kind += "_first"  # it takes the stage before's channels
    if kind == "3x3" and row["stride"] == "2":
        kind += "_s2"
    return f"conv{stage}_x.{kind}"


NETWORKS = [
    Network("alexnet", "alexnet", "AlexNet (two groups, as in the Eyeriss papers)"),
    Network("resnet50", "resnet50", "ResNet-50 v1.5", resnet50_name),
    Network("bert_base_seq512", "bert-base-512", "BERT-base, sequence length 512",
            lambda row: row["name"].removeprefix("enc.")),
    Network("bert_base_seq128", "bert-base-128", "BERT-base, sequence length 128",
            lambda row: row["name"].removeprefix("enc.")),
    Network("mobilenet_v1", "mobilenet-v1", "MobileNet v1, width 1, 224x224"),
]


def index(coefficient, outer, dilation, inner):
    """The input coordinate under output `outer` and kernel position `inner`."""
    terms = [f"{factor}*{name}" if factor > 1 else name
             for factor, name in ((coefficient, outer), (dilation, inner))]
    return " + ".join(terms)


def convolution(row):
    """(dimensions, operation, remarks) of a convolution."""
    value = {key: int(row[key]) for key in
             ("N", "K", "C", "P", "Q", "R", "S", "stride", "dilation", "pad", "groups")}
    groups = value["groups"]
    rows = index(value["stride"], "P", value["dilation"], "R")
    columns = index(value["stride"], "Q", value["dilation"], "S")
    sizes = {name: value[name] for name in "NKCPQRS"}
    remarks = []
    if value["pad"]:
        remarks.append("The input includes its padding.")
    if groups > 1 and groups == value["K"] == value["C"]:
        del sizes["K"]
        return (sizes, f"Outputs[N,C,P,Q] += Inputs[N,C,{rows},{columns}] * Weights[C,R,S]",
                remarks + ["Depthwise: every tensor has the channel."])
    if groups > 1:
        sizes = {"N": sizes["N"], "G": groups, "K": value["K"] // groups, "C": value["C"] // groups,
                 **{name: value[name] for name in "PQRS"}}
        return (sizes, f"Outputs[N,G,K,P,Q] += Inputs[N,G,C,{rows},{columns}] * Weights[G,K,C,R,S]",
                remarks + [f"{groups} groups of channels: K and C are those of one group, G counts groups."])
    return sizes, f"Outputs[N,K,P,Q] += Inputs[N,C,{rows},{columns}] * Weights[K,C,R,S]", remarks


def matrix_product(row, name):
    """(dimensions, operation, remarks) of a matrix product, or of one for each attention head."""
    sizes = {"M": int(row["gM"]), "N": int(row["gN"]), "K": int(row["gK"])}
    if row["type"] == "gemm":
        return sizes, "Outputs[M,N] += Inputs[M,K] * Weights[K,N]", []
    sizes = {"H": int(row["gB"]), **sizes}
    operation = {"qk": "Scores[H,M,N] += Queries[H,M,K] * Keys[H,N,K]",
                 "av": "Context[H,M,N] += Scores[H,M,K] * Values[H,K,N]"}[name]
    return sizes, operation, ["H counts attention heads.",
                              "The last operand, though no parameter, is of the kind `weights`."]


def render(name, sizes, operation, bits, comments):
    """The text of a library file."""
    tensors = re.findall(r"(\w+)\[", operation)
    lines = [f"# {comment}" for comment in comments]
    lines += ["problem:",
              f"  name: {name}",
              "  dimensions: {" + ", ".join(f"{key}: {size}" for key, size in sizes.items()) + "}",
              f"  operation: {operation}",
              "  bits: {" + ", ".join(f"{tensor}: {bits}" for tensor in tensors) + "}"]
    return "\n".join(lines) + "\n"


def check_operations(name, text, expected):
    """Reads the dimensions back from the text: their product must be the table's count."""
    sizes = re.search(r"dimensions: \{(.*)\}", text)[1]
    operations = math.prod(int(size) for size in re.findall(r": (\d+)", sizes))
    if operations != expected:
        sys.exit(f"make_library: {name}: {operations} operations, but the table says {expected}")


def layer_files(network):
    """{library name: text} of a network."""
    with open(WORKLOADS / f"{network.table}.csv", newline="", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["type"] != "params"]
    layers = {}
    for row in rows:
        layers.setdefault(network.rename(row), []).append(row)
    files = {}
    for layer, members in layers.items():
        first = members[0]
        described = convolution(first) if first["type"].endswith("conv") else matrix_product(first, layer)
        if any(row["macs_each"] != first["macs_each"] or row["stride"] != first["stride"] for row in members):
            sys.exit(f"make_library: {network.table}: layers of different shape are all called {layer}")
        sizes, operation, remarks = described
        count = sum(int(row["repeat"]) for row in members)
        times = "once" if count == 1 else f"{count} times"
        macs = int(first["macs_each"])
        comments = [f"{network.title}: {first['name']}, {times} in the network.",
                    *remarks,
                    f"{macs:,} operations. The {BITS} bits are this library's choice.",
                    f"Source: problems/workloads/{network.table}.csv. Made by scripts/make_library.py."]
        name = f"{network.prefix}.{layer}"
        files[name] = render(name, sizes, operation, BITS, comments)
        check_operations(name, files[name], macs)
    return files


def all_files():
    files = {}
    for network in NETWORKS:
        files.update(layer_files(network))
    name = "gemm-256"
    files[name] = render(name, {"M": 256, "N": 256, "K": 256}, "C[M,N] += A[M,K] * B[K,N]", 8,
                         ["Matrix product of 256 cubed at 8 bits, whose optimum on the machine `s3` is known.",
                          "Made by scripts/make_library.py."])
    check_operations(name, files[name], 256**3)
    return {f"{name}.yaml": text for name, text in files.items()}


def differences(wanted, folder):
    """What is wrong with the files of `folder`, one sentence each."""
    present = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.yaml")}
    for name in sorted(wanted.keys() | present.keys()):
        if name not in present:
            yield f"{folder / name}: missing"
        elif name not in wanted:
            yield f"{folder / name}: not made by scripts/make_library.py"
        elif present[name] != wanted[name]:
            yield f"{folder / name}: differs from what scripts/make_library.py writes"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--out", type=Path, default=ROOT / "problems" / "library", help="folder to write to")
    parser.add_argument("--check", action="store_true", help="write nothing, compare")
    options = parser.parse_args()
    files = all_files()
    if options.check:
        found = list(differences(files, options.out))
        print("\n".join(found) or f"{len(files)} files are as made")
        return 1 if found else 0
    options.out.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (options.out / name).write_text(text, encoding="utf-8")
    print(f"wrote {len(files)} files to {options.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
