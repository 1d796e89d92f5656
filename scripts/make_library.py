#!/usr/bin/env python3
"""Writes problems/library/*.yaml from the layer tables problems/workloads/*.csv.

One file a network; for some networks also one a layer name: repeated blocks of a network share a name, and must then
share a shape. Usage:
  scripts/make_library.py [--out DIR]     write all files (default: problems/library)
  scripts/make_library.py --check         exit 1, and say where, if the files are not what would be written
In both cases every file's operations are counted again from its text and compared with the table, and those and the
parameters of each network with the totals in problems/workloads/README.md, which names the published figures.
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
    """A table, and what it and its layers are called here. `batch` is what the table counts; the network's problems are
    for one item. With `layers` every layer is an entry of the library of its own, else the network's file holds it."""

    def __init__(self, table, prefix, title, rename=lambda row: row["name"].removeprefix("enc."), batch=1, layers=False):
        self.table, self.prefix, self.title, self.rename = table, prefix, title, rename
        self.batch, self.layers = batch, layers


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


# Rows whose input is what the row before has as output: (name before, name), in the same block (what stands before the last
# dot). Pooling, activation functions and softmax between them are not counted.
CHAINS = [
    (r"enc\.qk", r"enc\.av"), (r"enc\.av", r"enc\.o_proj"), (r"enc\.ffn_up", r"enc\.ffn_down"),
    (r"block\d+\.expand", r"block\d+\.dw"), (r"block\d+\.dw", r"block\d+\.project"),
    (r"bot_fc\d", r"bot_fc\d"), (r"top_fc\d", r"top_fc\d"),
]
SEQUENTIAL = ["alexnet", "vgg16", "mobilenet_v1"]  # each row takes the output of the one before

NETWORKS = [
    Network("alexnet", "alexnet", "AlexNet (two groups, as in the Eyeriss papers)", layers=True),
    Network("vgg16", "vgg16", "VGG-16"),
    Network("googlenet", "googlenet", "GoogLeNet"),
    Network("resnet18", "resnet18", "ResNet-18"),
    Network("resnet50", "resnet50", "ResNet-50 v1.5", resnet50_name, layers=True),
    Network("resnet50_v1", "resnet50-v1", "ResNet-50 v1 (stride 2 in the first 1x1)"),
    Network("mobilenet_v1", "mobilenet-v1", "MobileNet v1, width 1, 224x224", layers=True),
    Network("mobilenet_v2", "mobilenet-v2", "MobileNet v2"),
    Network("mobilenet_v3_large", "mobilenet-v3-large", "MobileNet v3 large"),
    Network("efficientnet_b0", "efficientnet-b0", "EfficientNet-B0"),
    Network("vit_b16", "vit-b16", "ViT-B/16, 224x224"),
    Network("bert_base_seq512", "bert-base-512", "BERT-base, sequence length 512", layers=True),
    Network("bert_base_seq128", "bert-base-128", "BERT-base, sequence length 128", layers=True),
    Network("gpt3_175b_prefill2048", "gpt3-175b-prefill-2048", "GPT-3 175B, 2048 tokens of prompt"),
    Network("gpt3_175b_decode_b32", "gpt3-175b-decode", "GPT-3 175B, one token behind 2048, 32 sequences", batch=32),
    Network("gptj_6b_prefill2048", "gptj-6b-prefill-2048", "GPT-J 6B, 2048 tokens of prompt"),
    Network("gptj_6b_decode_b1", "gptj-6b-decode", "GPT-J 6B, one token behind 2048"),
    Network("llama2_7b_prefill2048", "llama2-7b-prefill-2048", "LLaMA-2-7B, 2048 tokens of prompt"),
    Network("llama2_7b_decode_b1", "llama2-7b-decode", "LLaMA-2-7B, one token behind 2048"),
    Network("switch_base_moe_ffn", "switch-base-moe-ffn", "Switch-Base, one layer of 128 experts, 2048 tokens"),
    Network("dlrm_mlperf_mlp", "dlrm-mlperf", "DLRM of MLPerf without its embedding tables", batch=2048),
    Network("lstm_ptb_large", "lstm-ptb-large", "LSTM for PTB (large), one step and its softmax", batch=20),
    Network("lstm_gnmt_step", "lstm-gnmt-step", "GNMT encoder, one step of its first LSTM layers"),
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
    """(dimensions, operation, remarks) of a matrix product, or of one for each attention head, expert or sample."""
    sizes = {"M": int(row["gM"]), "N": int(row["gN"]), "K": int(row["gK"])}
    many = int(row["gB"])
    if row["type"] == "gemm":
        if many == 1:
            return sizes, "Outputs[M,N] += Inputs[M,K] * Weights[K,N]", []
        return ({"E": many, **sizes}, "Outputs[E,M,N] += Inputs[E,M,K] * Weights[E,K,N]",
                ["E counts experts, M the tokens of one."])
    sizes = {"H": many, **sizes}
    operation = {"qk": "Scores[H,M,N] += Queries[H,M,K] * Keys[H,N,K]",
                 "av": "Context[H,M,N] += Scores[H,M,K] * Values[H,K,N]",
                 "interaction": "Products[H,M,N] += Left[H,M,K] * Right[H,N,K]"}[name]
    return sizes, operation, [f"H counts {'samples' if name == 'interaction' else 'attention heads'}.",
                              "The last operand, though no parameter, is of the kind `weights`."]


def batch_dimension(row):
    """The column of the table and the dimension that count the items of a batch."""
    if row["type"].endswith("conv"):
        return "N", "N"
    return ("gB", "H") if row["type"] == "bmm" else ("gM", "M")


def for_one_item(row, batch):
    """The row with its batch divided out."""
    column, _ = batch_dimension(row)
    if int(row[column]) % batch:
        sys.exit(f"make_library: {row['name']}: {column} {row[column]} is no multiple of the batch {batch}")
    return {**row, column: str(int(row[column]) // batch)}


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


def rows_of(network):
    """All rows of a network's table."""
    with open(WORKLOADS / f"{network.table}.csv", newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def described(row, name):
    return convolution(row) if row["type"].endswith("conv") else matrix_product(row, name)


def layer_files(network):
    """{library name: text} of a network's layers."""
    layers = {}
    for row in rows_of(network):
        if row["type"] != "params":
            layers.setdefault(network.rename(row), []).append(row)
    files = {}
    for layer, members in layers.items():
        first = members[0]
        if any(row["macs_each"] != first["macs_each"] or row["stride"] != first["stride"] for row in members):
            sys.exit(f"make_library: {network.table}: layers of different shape are all called {layer}")
        sizes, operation, remarks = described(first, layer)
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


def published_totals():
    """{table: (operations, parameters)} of the tables' README."""
    text = (WORKLOADS / "README.md").read_text(encoding="utf-8")
    number = r"([\d,]+)"
    return {match[1]: tuple(int(match[i].replace(",", "")) for i in (2, 3))
            for match in re.finditer(rf"^\| (\w+) \| {number} \| {number} \|", text, re.MULTILINE)}


def layer_entry(row, network, name, previous):
    """The lines of one layer in a network's file, and its operations as its text has them."""
    column, dimension = batch_dimension(row)
    if network.layers:
        return [f"    - {{problem: {network.prefix}.{name}, repeat: {row['repeat']}, batch: {dimension}{', input: previous' if previous else ''}}}"]
    sizes, operation, _ = described(for_one_item(row, network.batch), name)
    text = ", ".join(f"{key}: {size}" for key, size in sizes.items())
    operations = math.prod(int(size) for size in re.findall(r": (\d+)", text))
    if operations * network.batch != int(row["macs_each"]):
        sys.exit(f"make_library: {network.table}: {name}: {operations} operations an item, times {network.batch}, "
                 f"but the table says {row['macs_each']}")
    return ["    - problem:",
            f"        name: {name}",
            f"        dimensions: {{{text}}}",
            f"        operation: {operation}",
            f"        bits: {BITS}",
            f"      repeat: {row['repeat']}",
            f"      batch: {dimension}", *(["      input: previous"] if previous else [])]


def takes_previous(network, rows, place):
    """Whether a row's input is the output of the row before, and nothing else reads that. Only where the table's order and
    names say so: what a residual connection or a gate reads too is left out."""
    row, before = rows[place], rows[place - 1] if place else None
    if network.table in SEQUENTIAL:
        return bool(before)
    if not before or "params" in (row["type"], before["type"]) or row["repeat"] != before["repeat"]:
        return False
    if any(other["name"] == "enc.ffn_gate" for other in rows) and before["name"] == "enc.ffn_up":
        return False  # what goes on is the product of both
    return any(re.fullmatch(after, row["name"]) and re.fullmatch(first, before["name"])
               and row["name"].rpartition(".")[0] == before["name"].rpartition(".")[0] for first, after in CHAINS)


def network_file(network):
    """The text of a network's file. Rows of one name and shape become one layer."""
    rows = rows_of(network)
    operations = sum(int(row["macs_each"]) * int(row["repeat"]) for row in rows)
    parameters = sum((int(row["weights_each"]) + int(row["extra_params_each"])) * int(row["repeat"]) for row in rows)
    if published_totals().get(network.table) != (operations, parameters):
        sys.exit(f"make_library: {network.table}: {operations} operations and {parameters} parameters in all, but "
                 f"problems/workloads/README.md says {published_totals().get(network.table)}")
    layers = {}
    chained = {row["name"] for place, row in enumerate(rows) if takes_previous(network, rows, place)}
    for row in rows:
        if row["type"] != "params":
            key = (network.rename(row), *(row[column] for column in row if column not in ("name", "repeat", "note")))
            layers.setdefault(key, []).append(row)
    lines = [f"# {network.title}: {operations:,} operations"
             + (f" in a batch of {network.batch:,}" if network.batch > 1 else "") + f", {parameters:,} parameters.",
             "# Not counted: pooling, softmax, activation functions, normalization, biases, additions, embeddings.",
             f"# The {BITS} bits are this library's choice.",
             f"# Source: problems/workloads/{network.table}.csv. Made by scripts/make_library.py.",
             "network:",
             f"  name: {network.prefix}",
             f"  batch: {network.batch}",
             "  layers:"]
    for (name, *_), members in layers.items():
        total = sum(int(row["repeat"]) for row in members)
        previous = members[0]["name"] in chained
        if previous and len(members) > 1:
            sys.exit(f"make_library: {network.table}: {name}: several rows, so which one is the previous?")
        lines += layer_entry({**members[0], "repeat": str(total)}, network, name, previous)
    return "\n".join(lines) + "\n"


def check_decode():
    """The table of LLaMA-2 for 32 sequences is 32 times that for one, which is in the library."""
    one, many = (rows_of(Network(f"llama2_7b_decode_b{batch}", "", "")) for batch in (1, 32))
    computed = [row for row in many if row["type"] != "params"]
    back = [for_one_item(row, 32) for row in computed]
    columns = [column for column in one[0] if column not in ("macs_each", "note")]
    if [[row[c] for c in columns] for row in back] != [
            [row[c] for c in columns] for row in one if row["type"] != "params"]:
        sys.exit("make_library: llama2_7b_decode_b32 is not llama2_7b_decode_b1 in a batch of 32")


def all_files():
    files = {}
    for network in NETWORKS:
        if network.layers:
            files.update(layer_files(network))
        files[network.prefix] = network_file(network)
    check_decode()
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
