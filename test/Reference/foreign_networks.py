#!/usr/bin/env python3
"""Writes the foreign networks that the tests of the importer read: ONNX files as PyTorch's exporter writes them, for many families of networks, opsets and ways to export.

Usage: foreign_networks.py [--only NAME ...] [--folder test/Microsoft.ML.Adversarial.Tests/Onnx/Foreign/Networks]
Needs torch, torchvision, onnx and numpy; on Debian 12: apt-get install python3-torch python3-torchvision python3-onnx, then /usr/bin/python3.
Last run with Python 3.11.2, torch 1.13.0a0, torchvision 0.14.1a0, onnx 1.12.0, numpy 1.24.2; opset 17 is the last one which that exporter writes.

What is written are skeletons, compressed: every float initializer of more than 64 numbers has its name, type and shape, and no data. ForeignNetworks.Write (C#) fills them from a seed: the
model's metadata have "mean, standard deviation, minimum, maximum" by the initializer's name. What has few different values (an attention mask) stays, for there is meaning in it; so do small
constants and everything that is no float32. Networks are thin where torchvision's constructors let them be, so that a filled file is small too.
Weights are random and scaled so that values keep their size from layer to layer. Nothing is trained.
The input is called `images`, float32 [batch, channels, height, width], or [batch, height, width, channels] where the last size is 3; the output is called `logits`, or `probabilities` where
the network ends in a softmax, [batch, 10].
"""
import argparse
import collections
import pathlib

import foreign_small
import foreign_torchvision
from foreign_export import compress, export, strip

FOLDER = pathlib.Path(__file__).resolve().parents[1] / "Microsoft.ML.Adversarial.Tests" / "Onnx" / "Foreign" / "Networks"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="*", help="names of the networks to write; all without it")
    parser.add_argument("--folder", type=pathlib.Path, default=FOLDER)
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    total, operators = 0, collections.Counter()
    for foreign in foreign_torchvision.NETWORKS + foreign_small.NETWORKS:
        if arguments.only and foreign.name not in arguments.only:
            continue
        model = export(foreign)
        numbers = strip(model)
        skeleton = compress(model)
        (arguments.folder / f"{foreign.name}.onnx.gz").write_bytes(skeleton)
        total += len(skeleton)
        kinds = sorted({node.op_type for node in model.graph.node})
        operators.update(kinds)
        print(f"{foreign.name}: opset {foreign.opset}, {foreign.form}, {len(model.graph.node)} nodes, {numbers:,} numbers, {len(skeleton):,} bytes; {' '.join(kinds)}", flush=True)
    print(f"{total:,} bytes; networks by operator: {dict(operators.most_common())}")


if __name__ == "__main__":
    main()
